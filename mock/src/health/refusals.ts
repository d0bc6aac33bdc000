/** A request that the mock had no answer to but an error, and how often it came. */
export interface Refusal {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly count: number;
}

/** Different refusals that are told apart: a scanner of paths must not fill the memory. */
const MOST_KINDS = 32;
/** Longest path that is kept. */
const LONGEST_PATH = 120;

/** What was asked in vain since the start: unknown paths and requests that no provider would take, not the faults that are played. */
export class Refusals {
  readonly #kinds = new Map<string, { method: string; path: string; status: number; count: number }>();

  add(method: string, path: string, status: number): void {
    const kept = path.slice(0, LONGEST_PATH);
    const key = `${method} ${kept} ${status}`;
    const kind = this.#kinds.get(key);
    if (kind !== undefined) kind.count += 1;
    else if (this.#kinds.size < MOST_KINDS) this.#kinds.set(key, { method, path: kept, status, count: 1 });
  }

  list(): Refusal[] {
    return [...this.#kinds.values()].map((kind) => ({ ...kind }));
  }
}

/** What several workers refused, the most frequent first. */
export function mergeRefusals(lists: readonly (readonly Refusal[])[]): Refusal[] {
  const merged = new Map<string, Refusal>();
  for (const refusal of lists.flat()) {
    const key = `${refusal.method} ${refusal.path} ${refusal.status}`;
    merged.set(key, { ...refusal, count: (merged.get(key)?.count ?? 0) + refusal.count });
  }
  return [...merged.values()].sort((a, b) => b.count - a.count);
}
