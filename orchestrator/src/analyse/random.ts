/** Gives whole numbers from 0 to `below` − 1, each as likely. */
export type RandomIndex = (below: number) => number;

/**
 * A seeded source of indices: mulberry32 (public domain, Tommy Ettinger), 32 bits of state.
 * Its 2^32 numbers are far more than a bootstrap draws, and the same seed gives the same intervals everywhere.
 */
export function seededIndices(seed: number): RandomIndex {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A seed for one purpose out of a run's seed, so that what is drawn for one cell never depends on the other cells (FNV-1a, 32 bits). */
export function seedFor(runSeed: number, purpose: string): number {
  let hash = (0x811c9dc5 ^ runSeed) >>> 0;
  for (let i = 0; i < purpose.length; i += 1) hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
