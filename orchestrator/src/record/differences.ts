/** A place in a JSON document where two versions of it differ. */
export interface Difference {
  /** For a person: `cells[crabllm chat-stream 500 rps].latencyUs.p99.value`. */
  readonly field: string;
  /** As JSON; undefined where there is nothing. */
  readonly written: string | undefined;
  readonly expected: string | undefined;
}

/** Every leaf in which what was written differs from what it has to be. Both must be JSON values, without undefined. */
export function differences(written: unknown, expected: unknown, field = ''): Difference[] {
  if (isContainer(written) && isContainer(expected) && Array.isArray(written) === Array.isArray(expected)) {
    const [left, right] = [entriesOf(written), entriesOf(expected)];
    const keys = new Set([...left.keys(), ...right.keys()]);
    return [...keys].flatMap((key) => {
      const name = Array.isArray(written)
        ? `${field}[${labelOf(left.get(key) ?? right.get(key), key)}]`
        : join(field, key);
      return differences(left.get(key), right.get(key), name);
    });
  }
  if (Object.is(written, expected)) return [];
  const [left, right] = [JSON.stringify(written), JSON.stringify(expected)];
  return left === right ? [] : [{ field, written: left, expected: right }];
}

/** How many leaves a JSON value has: what a comparison without differences has compared. */
export function countLeaves(value: unknown): number {
  if (!isContainer(value)) return 1;
  return [...entriesOf(value).values()].reduce<number>((sum, member) => sum + countLeaves(member), 0);
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: object): Map<string, unknown> {
  return new Map(Object.entries(value));
}

function join(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`;
}

/** Rows are found by what they are of, not by their number. */
function labelOf(item: unknown, index: string): string {
  if (!isContainer(item)) return index;
  const { target, scenario, level, quantile, code } = item as Record<string, unknown>;
  const { value, kind } = (isContainer(level) ? level : {}) as Record<string, unknown>;
  const words = [code, target, scenario, value, kind, quantile].filter(
    (word) => typeof word !== 'object' && word !== undefined,
  );
  return words.length === 0 ? index : words.join(' ');
}
