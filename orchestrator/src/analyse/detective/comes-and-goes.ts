import { countOf, quantileOf } from '../quantile.js';
import type { AnalysedCell } from '../standing.js';
import { medianOf, meanOf } from '../student.js';
import { loadsOf } from './case.js';

/** A second with fewer requests has no median to speak of. */
const LEAST_REQUESTS = 30;
/** With fewer seconds in a trial, slow and fast ones are no pattern. */
const LEAST_SECONDS = 4;
/** The slower seconds against the faster ones of the same trial. */
const APART = 3;
/** What of it `direct` may do, on the logarithm. */
const OF_DIRECT = 0.5;

/** What comes and goes within a start: seconds that are several times as slow as others, in most trials, and not in those of `direct`. */
export function comesAndGoes(
  cell: AnalysedCell,
  direct: AnalysedCell,
): { readonly text: string; readonly evidence: Readonly<Record<string, unknown>> } | null {
  const trials = mediansOfSeconds(cell);
  const unequal = trials.map(spreadOf).filter((spread) => spread >= APART);
  if (trials.length === 0 || 2 * unequal.length <= trials.length) return null;
  const beside = mediansOfSeconds(direct).map(spreadOf);
  const spread = medianOf(unequal);
  const ofDirect = beside.length === 0 ? 1 : medianOf(beside);
  if (Math.log(ofDirect) > OF_DIRECT * Math.log(spread)) return null;
  const everyS = periodOf(trials);
  const often = everyS === null ? '' : `, changing about every ${everyS.toFixed(0)} s`;
  return {
    text: `within a start it comes and goes: the medians of its seconds are ${spread.toFixed(1)} times apart${often} (direct: ${ofDirect.toFixed(1)})`,
    evidence: { trials: unequal.length, of: trials.length, secondsApart: spread, changesEverySeconds: everyS },
  };
}

function mediansOfSeconds(cell: AnalysedCell): number[][] {
  return loadsOf(cell)
    .map(({ latencyUs }) =>
      (latencyUs.seconds ?? [])
        .filter((second) => countOf(second) >= LEAST_REQUESTS)
        .map((second) => Math.max(0.5, quantileOf(second, 0.5))),
    )
    .filter((medians) => medians.length >= LEAST_SECONDS);
}

function spreadOf(medians: readonly number[]): number {
  return Math.max(...medians) / Math.min(...medians);
}

/** How many seconds it stays slow or fast, from whole stays between two changes; null where no trial holds any. */
function periodOf(trials: readonly (readonly number[])[]): number | null {
  const stays = trials.flatMap((medians) => {
    const middle = Math.sqrt(Math.max(...medians) * Math.min(...medians));
    const changes = medians.flatMap((value, i) => {
      const before = medians[i - 1];
      return before !== undefined && value > middle !== before > middle ? [i] : [];
    });
    return changes.slice(1).map((at, i) => at - (changes[i] as number));
  });
  return stays.length === 0 ? null : meanOf(stays);
}
