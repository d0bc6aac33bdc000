import { groupBy } from '../../grouping.js';
import { type Attempt, type ConductPhase, type ConductRequest, isServed } from './fate.js';
import { medianOf } from '../student.js';

/** One step of a case over time. */
export interface ConductStep {
  /** Its beginning, seconds from the first request. */
  readonly fromS: number;
  /** Requests that were due in it, and those of them that were answered rightly. */
  readonly asked: number;
  readonly served: number;
  /** Attempts that arrived in it, by provider. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Median latency of the served ones, microseconds; null where none was. */
  readonly latencyUs: number | null;
}

/** A case over time. */
export interface ConductSeries {
  readonly stepS: number;
  readonly providers: readonly string[];
  readonly steps: readonly ConductStep[];
  /** The fault, seconds from the first request. */
  readonly fault: { readonly fromS: number; readonly untilS: number };
}

/** A quarter of a second, where so many requests are due in it; else a second, in which a whole number is, so that a steady load is a line. */
const SHORT_US = 250_000;
const LONG_US = 1_000_000;
const LEAST_A_STEP = 10;

/** Requests and attempts of a case by short steps; attempts behind the last request's step are not in it. */
export function conductSeries(
  requests: readonly ConductRequest[],
  attempts: readonly Attempt[],
  phases: readonly ConductPhase[],
  providers: readonly string[],
): ConductSeries {
  const startUs = requests.reduce((least, { dueUs }) => Math.min(least, dueUs), Number.POSITIVE_INFINITY);
  const lastUs = requests.reduce((most, { dueUs }) => Math.max(most, dueUs), startUs);
  const stepUs = (requests.length * SHORT_US) / Math.max(1, lastUs - startUs) < LEAST_A_STEP ? LONG_US : SHORT_US;
  const stepOf = (us: number): number => Math.floor((us - startUs) / stepUs);
  const due = groupBy(requests, ({ dueUs }) => stepOf(dueUs));
  const came = groupBy(attempts, ({ arrivedUs }) => stepOf(arrivedUs));
  const count = requests.length === 0 ? 0 : stepOf(lastUs) + 1;
  const steps = Array.from({ length: count }, (_, i): ConductStep => {
    const asked = due.get(i) ?? [];
    const served = asked.filter((request) => isServed({ request }));
    const arrived = came.get(i) ?? [];
    return {
      fromS: (i * stepUs) / 1e6,
      asked: asked.length,
      served: served.length,
      attempts: Object.fromEntries(
        providers.map((name) => [name, arrived.filter(({ provider }) => provider === name).length]),
      ),
      latencyUs: served.length === 0 ? null : medianOf(served.map(({ dueUs, endUs }) => (endUs ?? dueUs) - dueUs)),
    };
  });
  const fault = phases.find(({ name }) => name === 'fault');
  const secondsOf = (us: number | undefined): number => (us === undefined ? 0 : (us - startUs) / 1e6);
  return {
    stepS: stepUs / 1e6,
    providers,
    steps,
    fault: { fromS: secondsOf(fault?.fromUs), untilS: secondsOf(fault?.untilUs) },
  };
}
