import { formatLevel } from '../record/cell.js';
import type { Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { countOf, quantileOf } from './quantile.js';
import type { AnalysedCell } from './standing.js';
import { meanOf } from './student.js';

/** A second with fewer requests has no median to speak of. */
const LEAST_REQUESTS = 30;
/** With fewer seconds, a trend is two points. */
const LEAST_SECONDS = 4;
/** The second half's median against the first's, either way, beyond which a trial is drifting. */
const DRIFT = 1.25;
/** The slowest second's median against the fastest's. */
const UNEQUAL = 2;

/** How a trial went on: what its second half took against the first, and its slowest second against the fastest. */
export interface Course {
  readonly drift: number;
  readonly spread: number;
  /** Every second of the slower half above every one of the other: no matter of one bad second. */
  readonly trend: boolean;
}

/** The course of a trial by its seconds' median latencies; null where there are too few to say. */
export function courseOf({ load }: TrialRecord): Course | null {
  const medians = (load?.latencyUs.seconds ?? [])
    .filter((second) => countOf(second) >= LEAST_REQUESTS)
    .map((second) => Math.max(0.5, quantileOf(second, 0.5)));
  if (medians.length < LEAST_SECONDS) return null;
  const half = medians.length >> 1;
  const [early, late] = [medians.slice(0, half), medians.slice(-half)];
  const apart = Math.max(...early) < Math.min(...late) || Math.min(...early) > Math.max(...late);
  const drift = Math.exp(meanOf(late.map(Math.log)) - meanOf(early.map(Math.log)));
  return { drift, spread: Math.max(...medians) / Math.min(...medians), trend: apart && beyond(drift) };
}

function beyond(drift: number): boolean {
  return drift > DRIFT || drift < 1 / DRIFT;
}

/**
 * Cells whose trials were not steady: their quantiles mix what the target was at first and what it became. A trend that most trials of a cell
 * share is the target's own (not warm yet, or a queue that grows below the rate at which it saturates); unequal seconds may be anybody's.
 */
export function unsteadyCells(cells: readonly AnalysedCell[]): Finding[] {
  return cells.flatMap(({ id, standing }): Finding[] => {
    if (standing.state !== 'ok') return [];
    const courses = standing.trials.flatMap((trial) => {
      const course = courseOf(trial);
      return course === null ? [] : [{ block: trial.block, ...course }];
    });
    const drifting = courses.filter(({ trend }) => trend);
    const unequal = courses.filter(({ trend, spread }) => !trend && spread >= UNEQUAL);
    const tell = (code: string, message: string, trials: readonly object[], limit: number): Finding => ({
      code,
      severity: 'warning',
      ...id,
      message,
      evidence: { trials, of: courses.length, limit },
    });
    const found: Finding[] = [];
    if (2 * drifting.length > courses.length) {
      const drift = Math.exp(meanOf(drifting.map((course) => Math.log(course.drift))));
      const message =
        `${drifting.length} of ${courses.length} trials ${drift > 1 ? 'grew slower' : 'grew faster'} while they lasted: the second half's median is ` +
        `${drift.toFixed(2)} × the first's (limit ${DRIFT} ×) at ${formatLevel(id.level)}. A longer --warmup would show which of the two stays.`;
      found.push(tell('not-steady', message, drifting, DRIFT));
    }
    if (2 * unequal.length > courses.length) {
      const worst = Math.max(...unequal.map(({ spread }) => spread));
      const message =
        `${unequal.length} of ${courses.length} trials had unequal seconds: medians up to ${worst.toFixed(1)} × apart within a trial ` +
        `(limit ${UNEQUAL} ×) at ${formatLevel(id.level)}.`;
      found.push(tell('unequal-seconds', message, unequal, UNEQUAL));
    }
    return found;
  });
}
