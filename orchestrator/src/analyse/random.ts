import { seededRandom } from '../plan/random.js';

/** Gives whole numbers from 0 to `below` − 1, each as likely. */
export type RandomIndex = (below: number) => number;

/** A source of indices; the same seed gives the same intervals everywhere. */
export function seededIndices(seed: number): RandomIndex {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
}

/** A seed for one purpose out of a run's seed, so that what is drawn for one cell never depends on the other cells (FNV-1a, 32 bits). */
export function seedFor(runSeed: number, purpose: string): number {
  const text = `${runSeed} ${purpose}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
