import type { CapacityAnswer } from '../record/capacity.js';
import type { TargetRecord } from '../record/manifest.js';
import type { Price } from '../record/price.js';
import type { Range, SurfacePoint } from '../record/surface.js';
import type { TrialRecord } from '../record/trial.js';
import { meanOf, standardDeviation, studentT975 } from './student.js';
import { totalsOf } from './totals.js';

const GIB = 2 ** 30;
const REQUESTS = 1e6;
const SECONDS_OF_AN_HOUR = 3600;

/** An answer of a search, with the windows that held at its lower end. */
export interface AnsweredPoint {
  readonly answer: CapacityAnswer;
  readonly held: readonly TrialRecord[];
}

/**
 * What the answers of a search say by limits, in their order: rate, requests a CPU-second, how well the rate follows the CPUs, and what a
 * million requests cost.
 * @param price null: costs are not told
 * @returns nothing of a search at the limits of the compose file
 */
export function surfaceOf(
  targets: readonly TargetRecord[],
  answered: readonly AnsweredPoint[],
  price: Price | null,
): SurfacePoint[] {
  const points = answered.flatMap(({ answer, held }) => {
    const target = targets.find(({ name }) => name === answer.target);
    return target?.place === undefined ? [] : [pointOf(target, answer, held, price)];
  });
  return points.map((point) => ({ ...point, efficiency: efficiencyOf(point, points) }));
}

function pointOf(
  { name, place, limits, absent }: TargetRecord,
  answer: CapacityAnswer,
  held: readonly TrialRecord[],
  price: Price | null,
): SurfacePoint {
  const rps = rateOf(answer);
  const inForce = limitsInForce(limits);
  const state = absent === null ? answer.state : 'absent';
  const reason = absent ?? (answer.reason === null ? null : { code: answer.state, message: answer.reason });
  return {
    gateway: place?.of ?? name,
    target: name,
    scenario: answer.scenario,
    ...inForce,
    workers: place?.workers ?? null,
    state,
    ...(reason === null ? {} : { reason: { code: reason.code, message: reason.message } }),
    rps,
    requestsPerCpuSecond: requestsPerCpuSecond(held),
    efficiency: null,
    costPerMillion: price === null || rps === null ? null : costOf(rps, inForce, price),
    gaveWay: answer.limitMessage,
  };
}

type InForce = Pick<SurfacePoint, 'cpus' | 'memoryBytes'>;

function limitsInForce({ cpus, memoryBytes, enforced, leftOut }: TargetRecord['limits']): InForce {
  const isOut = (limit: 'cpus' | 'memory'): boolean =>
    leftOut === undefined ? !enforced : leftOut.some((one) => one.limit === limit);
  return { cpus: isOut('cpus') ? null : cpus, memoryBytes: isOut('memory') ? null : memoryBytes };
}

/** The geometric middle of a bracket: the search halves ratios. */
function rateOf({ state, low, high }: CapacityAnswer): Range | null {
  if (low === null) return null;
  if (state !== 'found' || high === null) return { value: null, low, high: null };
  return { value: rounded(Math.sqrt(low * high)), low, high };
}

function requestsPerCpuSecond(held: readonly TrialRecord[]): Range | null {
  const values = held.flatMap((trial) => {
    const { cpuUsPerRequest } = totalsOf([trial]);
    return cpuUsPerRequest === null || cpuUsPerRequest === 0 ? [] : [1e6 / cpuUsPerRequest];
  });
  const [only] = values;
  if (only === undefined) return null;
  if (values.length === 1) return { value: rounded(only), low: null, high: null };
  const value = meanOf(values);
  const half = (studentT975(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { value: rounded(value), low: rounded(Math.max(0, value - half)), high: rounded(value + half) };
}

/** A quotient of two ranges: its ends are those of the extremes, since either rate may lie anywhere in its own. */
function efficiencyOf(point: SurfacePoint, points: readonly SurfacePoint[]): Range | null {
  const family = points.filter(
    (other) =>
      other.gateway === point.gateway && other.scenario === point.scenario && other.memoryBytes === point.memoryBytes,
  );
  const byCpus = family.filter(({ workers }) => workers === point.workers);
  const isOverCpus = new Set(byCpus.map(({ cpus }) => cpus)).size > 1;
  const over = isOverCpus ? byCpus : family.filter(({ cpus }) => cpus === point.cpus);
  const partsOf = (one: SurfacePoint): number | null => (isOverCpus ? one.cpus : one.workers);
  if (over.length < 2 || point.rps === null || partsOf(point) === null) return null;
  const base = over.toSorted((a, b) => (partsOf(a) ?? 0) - (partsOf(b) ?? 0))[0];
  if (base === undefined || base.rps === null) return null;
  if (base === point) return { value: 1, low: 1, high: 1 };
  const share = (partsOf(base) ?? 1) / (partsOf(point) ?? 1);
  const quotient = (rate: number | null, by: number | null): number | null =>
    rate === null || by === null || by === 0 ? null : Math.round((1000 * share * rate) / by) / 1000;
  return {
    value: quotient(point.rps.value, base.rps.value),
    low: quotient(point.rps.low, base.rps.high),
    high: quotient(point.rps.high, base.rps.low),
  };
}

/** Null where a part that has a price is not limited: then nobody knows how much of it was used. */
function costOf({ value, low, high }: Range, { cpus, memoryBytes }: InForce, price: Price): Range | null {
  if ((price.cpuHour > 0 && cpus === null) || (price.gibHour > 0 && memoryBytes === null)) return null;
  const perHour = (cpus ?? 0) * price.cpuHour + ((memoryBytes ?? 0) / GIB) * price.gibHour;
  const cost = (rate: number | null): number | null =>
    rate === null ? null : Number(((REQUESTS * perHour) / (SECONDS_OF_AN_HOUR * rate)).toPrecision(4));
  // The higher the rate the less one request costs.
  return { value: cost(value), low: cost(high), high: cost(low) };
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
