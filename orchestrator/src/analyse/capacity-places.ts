import type { CapacityAnswer } from '../record/capacity.js';
import { lettersOf } from './judge/letters.js';

/** What is known of where a target's capacity lies, requests per second. */
type Ends = Pick<CapacityAnswer, 'state' | 'low' | 'high' | 'limit'>;

/**
 * Letters for the capacities of one scenario, the highest first: two targets share one exactly when their ranges overlap, so that nothing that
 * was settled tells them apart. Each end of a range is wrong with less than 2 % (settledBy in record/capacity.ts), so that two ranges lie apart by
 * chance in less than 4 %.
 * @returns for each answer its letters; null: no end of it was settled, or there is nobody to tell it from
 */
export function capacityPlaces(answers: readonly Ends[]): (string | null)[] {
  const ranges = answers.flatMap((answer, at) => {
    const range = rangeOf(answer);
    return range === null ? [] : [{ at, ...range }];
  });
  const places: (string | null)[] = answers.map(() => null);
  if (ranges.length < 2) return places;
  const inOrder = ranges.toSorted((a, b) => b.low - a.low || (a.high === b.high ? 0 : b.high - a.high));
  const letters = lettersOf(inOrder.length, (i, j) => {
    const [higher, lower] = [inOrder[i] as Range, inOrder[j] as Range];
    return lower.high <= higher.low || higher.high <= lower.low;
  });
  for (const [i, { at }] of inOrder.entries()) places[at] = letters[i] ?? null;
  return places;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** Where driver, mock or machine gave way, the target's own end is not known, and may be at any rate above. */
function rangeOf({ state, low, high, limit }: Ends): Range | null {
  if (state === 'none') return { low: 0, high: high ?? Number.POSITIVE_INFINITY };
  if (low === null || (state !== 'found' && state !== 'at-least')) return null;
  const isOthers = limit === 'instrument' || limit === 'machine';
  return { low, high: state === 'found' && !isOthers && high !== null ? high : Number.POSITIVE_INFINITY };
}
