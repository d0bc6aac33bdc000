/**
 * ` Did you mean "litellm"?`: the name that this is the beginning of, else the nearest one. Nothing when none is near (edit distance over
 * a third of the length; of a short one over 2, or 1 where it has another first letter), and for less than three letters, to which everything is near.
 */
export function nearest(name: string, known: readonly string[]): string {
  if (name.length < 3) return '';
  const longer = known.filter((candidate) => candidate.startsWith(name));
  if (longer.length === 1) return ` Did you mean "${longer[0]}"?`;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  const isShort = name.length < 6;
  const most = isShort && best?.candidate[0] !== name[0] ? 1 : Math.max(2, name.length / 3);
  return best !== undefined && best.distance <= most ? ` Did you mean "${best.candidate}"?` : '';
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
