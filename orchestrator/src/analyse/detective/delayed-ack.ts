import { bucketBounds, type SparseHistogram } from '../../record/histogram.js';
import type { Finding } from '../../record/summary.js';
import type { Distribution } from '../../record/trial.js';
import { mergeBlock } from '../merged.js';
import { type Case, found, loadsOf } from './case.js';

/** Linux delays an acknowledgement by 40 ms; with the answer's own time on top, requests caught in it pile up here. */
const MODE_MS = { from: 38, to: 50 } as const;

/** As wide as the mode on either side: a tail that merely passes through is as high there. */
const BESIDE_MS = { from: 26, to: 62 } as const;

/** Less than this share of the requests is a tail, not a mode. */
const LEAST_SHARE = 0.05;

/** Direct must answer well below the mode, or a mock that is told to wait 40 ms would be accused. */
const FAR_BELOW_MODE_US = 20_000;

/** So long does a request that is caught in it take at most, microseconds. */
export const LONGEST_CAUGHT_US = MODE_MS.to * 1000;

/** Whether a part of the answers waited for a delayed acknowledgement. */
export function delayedAck(suspect: Case): Finding[] {
  const { cell, row, direct } = suspect;
  if (row.state !== 'ok') return [];
  // Of direct itself the median says how fast it is when it is not caught; of others, what direct does at its 90th percentile.
  const reference = cell.target.kind === 'direct' ? row.latencyUs.p50 : direct?.row.latencyUs.p90;
  if (reference === undefined || reference.value > FAR_BELOW_MODE_US) return [];
  const share = delayedAckShare(loadsOf(cell).map(({ latencyUs }) => latencyUs));
  if (share === null) return [];
  const message =
    `${Math.round(share * 100)} % of the ${cell.streaming ? 'streams' : 'answers'} took 38 to 50 ms, a mode of their own: Nagle’s algorithm ` +
    'meeting a delayed acknowledgement (a socket without TCP_NODELAY), not work done by the target.';
  return [found(suspect, 'delayed-ack', 'warning', message, { share })];
}

/**
 * The share of requests that sit in a mode of their own at 38 to 50 ms, the mark of Nagle's algorithm meeting a delayed
 * acknowledgement (a server socket without TCP_NODELAY); null when there is no such mode, or no histogram to see it in.
 * It means something only where the answer would otherwise take far less.
 * @internal exported for tests
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
