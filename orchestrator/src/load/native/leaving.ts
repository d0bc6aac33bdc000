import { mulberry32 } from './mulberry32.js';

/** Which clients leave before their answer is whole, and when. */
export interface Leaving {
  /** Of the requests, 0 to 1; drawn anew for each, seeded. */
  readonly share: number;
  /** With the read that brings this frame of a stream, from 1; or so many milliseconds behind the moment at which the request was due. */
  readonly at: { readonly frame: number } | { readonly ms: number };
}

/** The same with the seed by which it is drawn; plain data. */
export interface SeededLeaving extends Leaving {
  readonly seed: number;
}

/** Keeps this draw apart from others that have the same seed. */
const LEAVING_STREAM = 0x6c656176;
/** Spreads neighbouring counters over the whole range (Knuth 1998, section 6.4: multiplicative hashing by the golden ratio). */
const GOLDEN = 0x9e3779b1;

/** Whether the client of the request with this counter leaves: the same for the same seed, however the requests are divided. */
export function leaves({ share, seed }: SeededLeaving, counter: number): boolean {
  return mulberry32((seed ^ LEAVING_STREAM) + Math.imul(counter + 1, GOLDEN))() < share;
}
