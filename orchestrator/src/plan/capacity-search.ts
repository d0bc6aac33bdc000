import { LEAST_WINDOWS, MOST_WINDOWS, settledBy } from '../record/capacity.js';

/** What a window said of a rate; everything but `holds` counts as not held. */
export type Held = (rate: number, step: SearchStep) => Promise<boolean>;

/** Why a rate is asked, and how much is still to come. */
export interface SearchStep {
  /** `doubling` and `halving` look for the bracket, the others make sure of its ends. */
  readonly phase: 'doubling' | 'halving' | 'confirming the lower end' | 'confirming the upper end';
  /** Windows that are still needed at least, this one included; more when they do not agree. */
  readonly windowsLeft: number;
}

/** Where and how finely a capacity is looked for. Rates in requests per second, whole. */
export interface SearchBounds {
  readonly lowest: number;
  readonly start: number;
  readonly highest: number;
}

/** The search ends when the bracket is this narrow. */
const NARROW = 1.05;
/** How far a bound moves when it is not confirmed, further each time: where windows disagree, finer steps only take longer. */
const MOVES = [1.1, 1.3, 1.8, 3, 8, 16];

/** Windows of a search whose windows agree, from a start four doublings below the capacity. */
export const USUAL_WINDOWS = 6 + halvings(2) + 2 * LEAST_WINDOWS;

/**
 * Looks for the highest rate that holds: doubles from the start until two windows do not hold, halves the ratio until the bracket is
 * narrow, and then asks at both ends until {@link settledBy} says what they do, moving an end outwards where it is not what it should be.
 * What the rates say is read from the windows' records.
 *
 * Capacity is the rate at which half of the windows hold. If it lay below the lower end, that end would be settled with a probability
 * below 2 %, and so for the upper: together the interval has at least 96 %.
 * @returns the rate that was settled not to hold; null where none was
 */
export async function searchCapacity(holds: Held, { lowest, start, highest }: SearchBounds): Promise<number | null> {
  const bracket = await bracketOf(holds, { lowest, start, highest });
  // One end alone: it has to be as sure as the two of a bracket.
  if (bracket.low === null)
    return confirm(holds, bracket.high, false, 0, (factor) => Math.min(highest, Math.ceil(lowest * factor)));
  if (bracket.high === null) {
    await confirm(holds, bracket.low, true, 0, (factor) => Math.max(lowest, Math.floor(highest / factor)));
    return null;
  }
  let { low, high } = bracket;
  while (high / low > NARROW) {
    const middle = Math.round(Math.sqrt(low * high));
    if (middle <= low || middle >= high) break;
    const windowsLeft = halvings(high / low) + 2 * LEAST_WINDOWS;
    if (await holds(middle, { phase: 'halving', windowsLeft })) low = middle;
    else high = middle;
  }
  await confirm(holds, low, true, LEAST_WINDOWS, (factor) => Math.max(lowest, Math.floor(low / factor)));
  return confirm(holds, high, false, 0, (factor) => Math.min(highest, Math.ceil(high * factor)));
}

type Bracket = { readonly low: number; readonly high: number | null } | { readonly low: null; readonly high: number };

async function bracketOf(holds: Held, { lowest, start, highest }: SearchBounds): Promise<Bracket> {
  const step: SearchStep = { phase: 'doubling', windowsLeft: 1 + halvings(2) + 2 * LEAST_WINDOWS };
  let rate = Math.min(Math.max(start, lowest), highest);
  if (await holdsOnce(holds, rate, step)) {
    for (;;) {
      if (rate >= highest) return { low: rate, high: null };
      const next = Math.min(highest, rate * 2);
      if (!(await holdsOnce(holds, next, step))) return { low: rate, high: next };
      rate = next;
    }
  }
  for (;;) {
    if (rate <= lowest) return { low: null, high: rate };
    const next = Math.max(lowest, Math.floor(rate / 2));
    if (await holdsOnce(holds, next, step)) return { low: next, high: rate };
    rate = next;
  }
}

/** In one of two windows: a single hiccup must not send the doubling to rates far below, from where it does not come back. */
async function holdsOnce(holds: Held, rate: number, step: SearchStep): Promise<boolean> {
  return (await holds(rate, step)) || holds(rate, step);
}

/** How often a ratio is halved until it is narrow. */
function halvings(ratio: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.log(ratio) / Math.log(NARROW))));
}

/** @param after windows that are needed at least once this is done; @returns the rate that was settled, null where none was */
async function confirm(
  holds: Held,
  first: number,
  wanted: boolean,
  after: number,
  moved: (factor: number) => number,
): Promise<number | null> {
  if (await agree(holds, first, wanted, after)) return first;
  let asked = first;
  for (const factor of MOVES) {
    const rate = moved(factor);
    // Against the end of what may be tried: nothing further out can be asked.
    if (rate === asked) return null;
    if (await agree(holds, rate, wanted, after)) return rate;
    asked = rate;
  }
  return null;
}

async function agree(holds: Held, rate: number, wanted: boolean, after: number): Promise<boolean> {
  const seen: boolean[] = [];
  const contrary = (): number => seen.filter((held) => held !== wanted).length;
  while (seen.length < MOST_WINDOWS && contrary() < 2) {
    const needed = contrary() === 0 ? LEAST_WINDOWS : MOST_WINDOWS;
    const phase = wanted ? 'confirming the lower end' : 'confirming the upper end';
    seen.push(await holds(rate, { phase, windowsLeft: after + Math.max(1, needed - seen.length) }));
    if (settledBy(seen) === wanted) return true;
  }
  return false;
}
