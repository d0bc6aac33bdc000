import { bucketBounds, type SparseHistogram } from '../record/histogram.js';
import type { Distribution } from '../record/trial.js';
import { mergeBlock } from './estimate.js';

/** Linux delays an acknowledgement by 40 ms; with the answer's own time on top, requests caught in it pile up here. */
const MODE_MS = { from: 38, to: 50 } as const;

/** As wide as the mode on either side: a tail that merely passes through is as high there. */
const BESIDE_MS = { from: 26, to: 62 } as const;

/** Less than this share of the requests is a tail, not a mode. */
const LEAST_SHARE = 0.05;

/**
 * The share of requests that sit in a mode of their own at 38 to 50 ms, the mark of Nagle's algorithm meeting a delayed
 * acknowledgement (a server socket without TCP_NODELAY); null when there is no such mode, or no histogram to see it in.
 * It means something only where the answer would otherwise take far less.
 */
export function delayedAckShare(trials: readonly Distribution[]): number | null {
  const merged = mergeBlock(trials);
  if (merged === null || merged.length === 0) return null;
  const inMode = shareBetween(merged, MODE_MS.from, MODE_MS.to);
  const beside = shareBetween(merged, BESIDE_MS.from, BESIDE_MS.to) - inMode;
  return inMode >= LEAST_SHARE && inMode > 3 * beside ? inMode : null;
}

function shareBetween(histogram: SparseHistogram, fromMs: number, toMs: number): number {
  let inside = 0;
  let all = 0;
  for (let i = 0; i + 1 < histogram.length; i += 2) {
    const { lowUs } = bucketBounds(histogram[i] as number);
    const count = histogram[i + 1] as number;
    all += count;
    if (lowUs >= fromMs * 1000 && lowUs < toMs * 1000) inside += count;
  }
  return inside / all;
}
