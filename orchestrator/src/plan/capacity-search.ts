import { LEAST_WINDOWS, MOST_WINDOWS, settledBy } from '../record/capacity.js';

/** Whether a window held at a rate; null where it says nothing of the target, because the surroundings spoilt it each time it was sent. */
export type Held = (rate: number, step: SearchStep) => Promise<boolean | null>;

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

/** Windows that say nothing until a rate is left alone: what spoils them may be the rate itself, which exhausts the instrument. */
const PATIENCE = 2;

/** Windows of a search whose windows agree, from a start four doublings below the capacity. */
export const USUAL_WINDOWS = 6 + halvings(2) + 2 * LEAST_WINDOWS;

/** After so many, those that were sent again included, a search ends with what is settled. */
export const MOST_SENT = 3 * USUAL_WINDOWS;

/**
 * Looks for the highest rate that holds: doubles from the start until two windows do not hold, halves the ratio until the bracket is
 * narrow, and then asks at both ends until {@link settledBy} says what they do, moving an end outwards where it is not what it should be.
 * What the rates say is read from the windows' records.
 *
 * Capacity is the rate at which half of the windows hold. If it lay below the lower end, that end would be settled with a probability
 * below 2 %, and so for the upper: together the interval has at least 96 %.
 *
 * A window that says nothing moves no end: its rate is asked again, and then left open. What lies above a rate that was left open is not known.
 * @param isOver whether no more windows may be sent; then what was not asked is left open
 * @returns the rate that was settled not to hold; null where none was
 */
export async function searchCapacity(
  held: Held,
  { lowest, start, highest }: SearchBounds,
  isOver: () => boolean = () => false,
): Promise<number | null> {
  const holds = patient(held, isOver);
  const bracket = await bracketOf(holds, { lowest, start, highest });
  if (bracket === null) return null;
  // One end alone: it has to be as sure as the two of a bracket.
  if (bracket.low === null) return confirmHigh(bracket.high);
  if (bracket.high === null) {
    await confirmLow(bracket.low, 0);
    return null;
  }
  let { low, high } = bracket;
  while (high / low > NARROW) {
    const middle = Math.round(Math.sqrt(low * high));
    if (middle <= low || middle >= high) break;
    const windowsLeft = halvings(high / low) + 2 * LEAST_WINDOWS;
    const answer = await holds(middle, { phase: 'halving', windowsLeft });
    // Left open, the bracket stays as wide as it is known to be.
    if (answer === null) break;
    if (answer) low = middle;
    else high = middle;
  }
  await confirmLow(low, LEAST_WINDOWS);
  return confirmHigh(high);

  // Outwards from the end that was found: it may lie inside of the range, where what is beyond it stayed open.
  function confirmLow(end: number, after: number): Promise<number | null> {
    return confirm(holds, end, true, after, (factor) => Math.max(lowest, Math.floor(end / factor)));
  }

  function confirmHigh(end: number): Promise<number | null> {
    return confirm(holds, end, false, 0, (factor) => Math.min(highest, Math.ceil(end * factor)));
  }
}

/** Asks again where a window says nothing. */
function patient(holds: Held, isOver: () => boolean): Held {
  return async (rate, step) => {
    for (let asked = 0; asked < PATIENCE && !isOver(); asked += 1) {
      const answer = await holds(rate, step);
      if (answer !== null) return answer;
    }
    return null;
  };
}

type Bracket = { readonly low: number; readonly high: number | null } | { readonly low: null; readonly high: number };

/** Null where no rate said anything. */
async function bracketOf(holds: Held, { lowest, start, highest }: SearchBounds): Promise<Bracket | null> {
  const step: SearchStep = { phase: 'doubling', windowsLeft: 1 + halvings(2) + 2 * LEAST_WINDOWS };
  let rate = Math.min(Math.max(start, lowest), highest);
  const first = await holdsOnce(holds, rate, step);
  if (first === true) {
    // One rate that is left open is passed over: what spoilt it may be gone at the next.
    for (let open = 0, next = rate; open < 2 && next < highest; ) {
      next = Math.min(highest, next * 2);
      const answer = await holdsOnce(holds, next, step);
      if (answer === false) return { low: rate, high: next };
      if (answer === null) open += 1;
      else [rate, open] = [next, 0];
    }
    return { low: rate, high: null };
  }
  let broke = first === null ? null : rate;
  for (;;) {
    if (rate <= lowest) return broke === null ? null : { low: null, high: broke };
    const next = Math.max(lowest, Math.floor(rate / 2));
    const answer = await holdsOnce(holds, next, step);
    if (answer === true) return { low: next, high: broke };
    if (answer === false) broke = next;
    rate = next;
  }
}

/** In one of two windows: a single hiccup must not send the doubling to rates far below, from where it does not come back. */
async function holdsOnce(holds: Held, rate: number, step: SearchStep): Promise<boolean | null> {
  const first = await holds(rate, step);
  return first === false ? holds(rate, step) : first;
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
    const answer = await holds(rate, { phase, windowsLeft: after + Math.max(1, needed - seen.length) });
    if (answer === null) return false;
    seen.push(answer);
    if (settledBy(seen) === wanted) return true;
  }
  return false;
}
