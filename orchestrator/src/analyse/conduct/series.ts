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

const STEP_US = 250_000;

/** Requests and attempts of a case by quarters of a second; attempts behind the last request's step are not in it. */
export function conductSeries(
  requests: readonly ConductRequest[],
  attempts: readonly Attempt[],
  phases: readonly ConductPhase[],
  providers: readonly string[],
): ConductSeries {
  const startUs = requests.reduce((least, { dueUs }) => Math.min(least, dueUs), Number.POSITIVE_INFINITY);
  const lastUs = requests.reduce((most, { dueUs }) => Math.max(most, dueUs), startUs);
  const stepOf = (us: number): number => Math.floor((us - startUs) / STEP_US);
  const due = groupBy(requests, ({ dueUs }) => stepOf(dueUs));
  const came = groupBy(attempts, ({ arrivedUs }) => stepOf(arrivedUs));
  const count = requests.length === 0 ? 0 : stepOf(lastUs) + 1;
  const steps = Array.from({ length: count }, (_, i): ConductStep => {
    const asked = due.get(i) ?? [];
    const served = asked.filter((request) => isServed({ request }));
    const arrived = came.get(i) ?? [];
    return {
      fromS: (i * STEP_US) / 1e6,
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
    stepS: STEP_US / 1e6,
    providers,
    steps,
    fault: { fromS: secondsOf(fault?.fromUs), untilS: secondsOf(fault?.untilUs) },
  };
}
