/**
 * Letters for items in their order, so that two share one exactly when they were not told apart: the compact letter display by inserting and
 * absorbing (Piepho 2004, *An algorithm for a letter-based representation of all-pairwise comparisons*). Nobody is chained to another through a
 * third: a and c that were told apart share no letter, even when neither was told from b.
 * @param count items
 * @param isTold whether items i < j were told apart
 * @returns for each item its letters, `a` being the first item's
 */
export function lettersOf(count: number, isTold: (i: number, j: number) => boolean): string[] {
  const items = Array.from({ length: count }, (_, i) => i);
  let groups: ReadonlySet<number>[] = [new Set(items)];
  for (const i of items)
    for (const j of items.slice(i + 1)) {
      if (!isTold(i, j)) continue;
      groups = absorb(
        groups.flatMap((group) => (group.has(i) && group.has(j) ? [without(group, i), without(group, j)] : [group])),
      );
    }
  const inOrder = groups.toSorted((a, b) => compareMembers([...a], [...b]));
  return items.map((item) => inOrder.flatMap((group, at) => (group.has(item) ? [letterAt(at)] : [])).join(''));
}

function without(group: ReadonlySet<number>, item: number): Set<number> {
  return new Set([...group].filter((member) => member !== item));
}

/** Without groups that lie wholly in another. */
function absorb(groups: readonly ReadonlySet<number>[]): ReadonlySet<number>[] {
  return groups.filter(
    (group, at) =>
      !groups.some(
        (other, i) => i !== at && [...group].every((item) => other.has(item)) && (other.size > group.size || i < at),
      ),
  );
}

function compareMembers(a: readonly number[], b: readonly number[]): number {
  for (const [at, item] of a.entries()) {
    const difference = item - (b[at] ?? Number.POSITIVE_INFINITY);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** a to z, then a2, b2 and so on. */
function letterAt(at: number): string {
  const letter = String.fromCharCode(97 + (at % 26));
  return at < 26 ? letter : `${letter}${Math.floor(at / 26) + 1}`;
}
