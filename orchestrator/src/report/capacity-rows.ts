import type { Capacity, CapacityAnswer } from '../record/capacity.js';
import { formatMiB, formatNumber } from './format.js';

/** A figure as it is shown, and what it is sorted by. */
interface Shown {
  readonly text: string;
  readonly value: number;
}

/** What a target carries within the objectives, as a row to read. */
export interface CapacityRow {
  readonly target: string;
  /** `410 to 440 rps`, or why there is no such range. */
  readonly rate: string;
  /** What it is sorted by: its lower end; null where nothing is known to hold. */
  readonly value: number | null;
  /** Letters: targets that share one cannot be told apart. Empty: none. */
  readonly place: string;
  readonly cpu: Shown | null;
  /** Memory at rest, under load, and overloaded. */
  readonly rest: Shown | null;
  readonly loaded: Shown | null;
  readonly overloaded: Shown | null;
  readonly restCpu: Shown | null;
  /** Seconds from its start until it answered; MiB on disk, with what they are of. */
  readonly ready: Shown | null;
  readonly size: Shown | null;
  /** What broke first, what gave way, and how it is without the gateway. */
  readonly end: readonly string[];
  /** What the answer rests on: how many windows, and what spoilt or marked some. */
  readonly basis: readonly string[];
}

/** The rows of one scenario. */
export interface CapacityTable {
  readonly scenario: string;
  /** What the scenario is, where only this run knows. */
  readonly about: string | null;
  readonly rows: readonly CapacityRow[];
}

/** What every way of showing a search starts from: its tables in the order of the run. */
export function capacityTables({ answers }: Pick<Capacity, 'answers'>): CapacityTable[] {
  return [...new Set(answers.map(({ scenario }) => scenario))].map((scenario) => {
    const own = answers.filter((answer) => answer.scenario === scenario);
    return { scenario, about: own.find(({ about }) => about !== undefined)?.about ?? null, rows: own.map(rowOf) };
  });
}

/** `Capacity within p99<20ms, errors<0.1%`. */
export function capacityTitle({ objectives }: Pick<Capacity, 'objectives'>): string {
  return `Capacity within ${objectives.map(({ text }) => text).join(', ')}`;
}

/** What stands below the tables. */
export function capacityLegend({ answers }: Pick<Capacity, 'answers'>, places: string): string {
  return (
    'Open loop. Capacity is the rate at which half of the windows hold all conditions; at the lower end seven of seven windows held, or nine of ten, ' +
    'and at the upper end as many did not (96 %). One start of each target: it says nothing about another start, or another machine.' +
    (answers.some(({ place }) => place !== null) ? ` ${places}` : '')
  );
}

/** What the letters mean, wherever they stand. */
export const CAPACITY_LETTERS =
  'the places of a scenario, a the highest: those that share a letter overlap and cannot be told apart.';

function rowOf(answer: CapacityAnswer): CapacityRow {
  const { target, low, place, cpuUsPerRequest, restMemoryBytes, memoryPeakBytes, memoryOverloadedBytes, restCpuShare } =
    answer;
  const shown = (value: number | null, text: (known: number) => string): Shown | null =>
    value === null ? null : { text: text(value), value };
  return {
    target,
    rate: rateText(answer),
    value: answer.state === 'none' ? 0 : low,
    place: place ?? '',
    cpu: shown(cpuUsPerRequest, formatNumber),
    rest: shown(restMemoryBytes, formatMiB),
    loaded: shown(memoryPeakBytes, formatMiB),
    overloaded: shown(memoryOverloadedBytes, formatMiB),
    restCpu: shown(restCpuShare, (share) => (100 * share).toFixed(1)),
    ready: shown(answer.readyMs, (ms) => (ms / 1000).toFixed(1)),
    size: shown(answer.size?.bytes ?? null, (bytes) => `${formatMiB(bytes)} (${answer.size?.of ?? ''})`),
    end: endOf(answer),
    basis: basisOf(answer),
  };
}

function rateText({ state, low, high, limit, reason }: CapacityAnswer): string {
  if (state === 'found') return `${low} to ${high} rps`;
  if (state === 'none') return `none: not even ${high} rps holds`;
  if (state === 'unsettled') return `unsettled: ${reason ?? ''}`;
  if (state === 'failed') return `not measured: ${reason ?? ''}`;
  const shared = limit === null ? undefined : SHARED[limit];
  const above =
    shared === undefined
      ? reason === null
        ? ''
        : `; ${reason}`
      : `; at ${high} rps ${shared} gave way, which is no capacity of the gateway`;
  return `at least ${low} rps${above}`;
}

/** What is not the gateway's own. */
const SHARED: Readonly<Record<string, string>> = { instrument: 'driver or mock', machine: 'the machine' };

function endOf({ broken, high, limitMessage, control }: CapacityAnswer): string[] {
  return [
    ...(broken.length === 0 ? [] : [`at ${high} rps: ${broken.join('; ')}`]),
    ...(limitMessage === null ? [] : [`gave way: ${limitMessage}`]),
    ...(control === null
      ? []
      : [`without the gateway ${control.held} of ${control.windows} windows hold at ${high} rps`]),
  ];
}

function basisOf({ windows, voidWindows, warnings }: CapacityAnswer): string[] {
  const count = (noted: CapacityAnswer['warnings'][number]): string => `in ${noted.windows} of ${windows}`;
  return [
    ...(windows === 0 ? [] : [`${windows} windows`]),
    ...voidWindows.map((noted) => `void, ${count(noted)}: ${noted.message}`),
    ...warnings.map((noted) => `${noted.code}, ${count(noted)}: ${noted.message}`),
  ];
}
