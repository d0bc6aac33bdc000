import { contrastOf } from '../analyse/judge/contrast.js';
import { meanOf } from '../analyse/student.js';
import type { Driver, TrialLoad } from '../load/driver.js';

/** What both drivers saw in one pass: medians in microseconds, and answers a second. */
export interface DriverPass {
  /** Of a target that answers at once: what a driver's own timer and threads add. */
  readonly floor: Readonly<Record<DriverName, DriverFigure>>;
  /** Of the target that both are to agree on. */
  readonly target: Readonly<Record<DriverName, DriverFigure>>;
}

/** The drivers that are compared. */
export type DriverName = 'oha' | 'native';

/** What one trial of a driver showed. */
export interface DriverFigure {
  readonly medianUs: number;
  readonly achievedRps: number;
}

/** A mean over passes with its 95 % interval by Student's t. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Whether the drivers tell the same of one target at one rate. */
export interface DriverAgreement {
  readonly passes: number;
  /** Median of each driver at the floor and at the target, mean over the passes. */
  readonly floorUs: Readonly<Record<DriverName, number>>;
  readonly targetUs: Readonly<Record<DriverName, number>>;
  /** (oha's median less its floor) − (native's less its own), microseconds. */
  readonly medianDifferenceUs: Interval;
  /** oha's rate over native's, less 1. */
  readonly rateDifference: Interval;
  readonly medians: Agreement;
  readonly rates: Agreement;
}

/** `cannot-tell`: neither that they are the same nor that they differ was shown; more passes might. */
export type Agreement = 'same' | 'different' | 'cannot-tell';

/**
 * Differences below these are none: 3 % of the median is the least that a report calls a difference, and a target that achieves less
 * than 99 % of the rate is called saturated, so that a driver that is off by more would make that verdict itself.
 */
const BOUND = { medianShare: 0.03, rateShare: 0.01 };

/**
 * Measures one target with both drivers in turn, beside the floor of each: oha's timer ticks in whole milliseconds and its latency counts
 * from its own wake-up, so its medians hold a constant of its own. The order is turned round each pass.
 * @param tell is told before each trial
 */
export async function measureDrivers(
  drivers: Readonly<Record<DriverName, Driver>>,
  loads: { readonly floor: TrialLoad; readonly target: TrialLoad },
  passes: number,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<DriverPass[]> {
  const measured: DriverPass[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const turns = [...TURNS];
    if (pass % 2 === 1) turns.reverse();
    const seen = { floor: {}, target: {} } as Record<'floor' | 'target', Record<DriverName, DriverFigure>>;
    for (const [place, name] of turns) {
      tell(`drivers: pass ${pass + 1} of ${passes}, ${name} on the ${place}`);
      const { record } = await drivers[name].run(loads[place], signal);
      seen[place][name] = { medianUs: record.latencyUs.quantiles.p50 ?? Number.NaN, achievedRps: record.achievedRps };
    }
    measured.push(seen);
  }
  return measured;
}

const TURNS = [
  ['floor', 'oha'],
  ['floor', 'native'],
  ['target', 'oha'],
  ['target', 'native'],
] as const;

/**
 * Says whether the drivers tell the same, from two passes or more. That has to be shown and is not what remains when nothing else is: an
 * interval that holds 0 may be wide. The same, when the whole 95 % interval lies within the bound (two one-sided tests of 2.5 % each;
 * Schuirmann 1987); different, when it does not and excludes 0; else nobody can tell.
 * @throws RangeError with fewer than two passes, which have no interval
 */
export function judgeDrivers(passes: readonly DriverPass[]): DriverAgreement {
  if (passes.length < 2) throw new RangeError(`${passes.length} passes have no interval; two are the least`);
  const mean = (pick: (pass: DriverPass) => number): number => meanOf(passes.map(pick));
  const both = (place: 'floor' | 'target'): Record<DriverName, number> => ({
    oha: mean((pass) => pass[place].oha.medianUs),
    native: mean((pass) => pass[place].native.medianUs),
  });
  const medianDifferenceUs = intervalOf(
    passes.map(({ floor, target }) => {
      const oha = target.oha.medianUs - floor.oha.medianUs;
      return oha - (target.native.medianUs - floor.native.medianUs);
    }),
  );
  const rateDifference = intervalOf(passes.map(({ target }) => target.oha.achievedRps / target.native.achievedRps - 1));
  const targetUs = both('target');
  return {
    passes: passes.length,
    floorUs: both('floor'),
    targetUs,
    medianDifferenceUs,
    rateDifference,
    medians: agreementOf(medianDifferenceUs, BOUND.medianShare * targetUs.native),
    rates: agreementOf(rateDifference, BOUND.rateShare),
  };
}

function agreementOf({ low, high }: Interval, bound: number): Agreement {
  if (-bound <= low && high <= bound) return 'same';
  return low > 0 || high < 0 ? 'different' : 'cannot-tell';
}

function intervalOf(values: readonly number[]): Interval {
  const contrast = contrastOf(values);
  if (contrast === null) throw new RangeError('no interval of one value');
  return { value: contrast.mean, low: contrast.low, high: contrast.high };
}
