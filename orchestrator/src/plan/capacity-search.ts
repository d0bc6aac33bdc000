import { MOST_WINDOWS, settledBy } from '../record/capacity.js';

/** What a window said of a rate; everything but `holds` counts as not held. */
export type Held = (rate: number) => Promise<boolean>;

/** Where and how finely a capacity is looked for. Rates in requests per second, whole. */
export interface SearchBounds {
  readonly lowest: number;
  readonly start: number;
  readonly highest: number;
}

/** The search ends when the bracket is this narrow. */
const NARROW = 1.05;
/** How far a bound moves when it is not confirmed, further each time. */
const MOVES = [1.05, 1.1, 1.2, 1.4, 2, 4, 8, 16];

/**
 * Looks for the highest rate that holds: doubles from the start until a window does not hold, halves the ratio until the bracket is
 * narrow, and then asks at both ends until {@link settledBy} says what they do, moving an end outwards where it is not what it should be.
 * The rates tried are all it leaves: what they say is read from the windows' records.
 *
 * Capacity is the rate at which half of the windows hold. If it lay below the lower end, that end would be settled with a probability
 * below 2 %, and so for the upper: together the interval has at least 96 %.
 */
export async function searchCapacity(holds: Held, { lowest, start, highest }: SearchBounds): Promise<void> {
  const bracket = await bracketOf(holds, { lowest, start, highest });
  if (bracket.low !== null && bracket.high !== null) {
    let { low, high } = bracket;
    while (high / low > NARROW) {
      const middle = Math.round(Math.sqrt(low * high));
      if (middle <= low || middle >= high) break;
      if (await holds(middle)) low = middle;
      else high = middle;
    }
    await confirm(holds, low, true, (factor) => Math.max(lowest, Math.floor(low / factor)));
    await confirm(holds, high, false, (factor) => Math.min(highest, Math.ceil(high * factor)));
    return;
  }
  // One end alone: it has to be as sure as the two of a bracket.
  if (bracket.low !== null)
    await confirm(holds, bracket.low, true, (factor) => Math.max(lowest, Math.floor(highest / factor)));
  if (bracket.high !== null)
    await confirm(holds, bracket.high, false, (factor) => Math.min(highest, Math.ceil(lowest * factor)));
}

async function bracketOf(holds: Held, { lowest, start, highest }: SearchBounds) {
  let rate = Math.min(Math.max(start, lowest), highest);
  if (await holds(rate)) {
    for (;;) {
      if (rate >= highest) return { low: rate, high: null };
      const next = Math.min(highest, rate * 2);
      if (!(await holds(next))) return { low: rate, high: next };
      rate = next;
    }
  }
  for (;;) {
    if (rate <= lowest) return { low: null, high: rate };
    const next = Math.max(lowest, Math.floor(rate / 2));
    if (await holds(next)) return { low: next, high: rate };
    rate = next;
  }
}

async function confirm(holds: Held, first: number, wanted: boolean, moved: (factor: number) => number): Promise<void> {
  let rate = first;
  for (const factor of MOVES) {
    if (await agree(holds, rate, wanted)) return;
    const next = moved(factor);
    // Against the end of what may be tried: nothing further out can be asked.
    if (next === rate) return;
    rate = next;
  }
}

async function agree(holds: Held, rate: number, wanted: boolean): Promise<boolean> {
  const seen: boolean[] = [];
  while (seen.length < MOST_WINDOWS && seen.filter((held) => held !== wanted).length < 2) {
    seen.push(await holds(rate));
    if (settledBy(seen) === wanted) return true;
  }
  return false;
}
