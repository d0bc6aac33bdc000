import { type Attempt, type Fate, hasLeft } from './fate.js';
import { type ConductRow, medianRow, nothingSeen, shareRow } from './row.js';

/** Faults that end a stream otherwise than a whole one: before its end without a word, with an error event, without its last frame. */
const CUTS = new Set(['cut', 'cut-reset', 'cut-bytes', 'cut-bytes-reset', 'error-frame', 'no-done']);

/** What a client is given of a stream that broke, as shares of such streams that add up to 1. */
export interface StreamRows {
  /** An error event: it is told. */
  readonly cutToldShare: ConductRow;
  /** A broken transport: it can know. */
  readonly cutBrokenShare: ConductRow;
  /** A clean end of the transport without the stream's own end. */
  readonly cutShortShare: ConductRow;
  /** A proper end of a stream that had none: it cannot know. */
  readonly cutForgedShare: ConductRow;
  /** From the last byte of a stalled stream to its end at the client; where most were not ended within the client's patience, more than that. */
  readonly stallBoundUs: ConductRow;
}

/** @param patienceUs how long a client waits for its whole answer */
export function streamRows(fates: readonly Fate[], patienceUs: number): StreamRows {
  const cut = fates.flatMap((fate) => endingOf(fate) ?? []);
  const share = (which: Ending): ConductRow =>
    shareRow(cut.filter((each) => each === which).length, cut.length, 'streams that were cut');
  return {
    cutToldShare: share('told'),
    cutBrokenShare: share('broken'),
    cutShortShare: share('short'),
    cutForgedShare: share('forged'),
    stallBoundUs: stallRow(fates, patienceUs),
  };
}

/** What the client was given of a stream that was cut. */
export type Ending = 'told' | 'broken' | 'short' | 'forged';

/** The same of one request; null where its stream was not cut, or nobody was there any more. */
export function endingOf(fate: Fate): Ending | null {
  return isCut(fate.attempts.at(-1)) && !hasLeft(fate) ? ending(fate) : null;
}

function isCut(attempt: Attempt | undefined): boolean {
  return attempt !== undefined && attempt.fault !== null && CUTS.has(attempt.fault) && attempt.status === 200;
}

/** What the client could tell of its stream, by what the driver says of it. */
function ending({ request: { outcome, lastByteUs, status } }: Fate): Ending {
  if (outcome === 'stream-error' || outcome === 'status' || status >= 400) return 'told';
  if (lastByteUs === null) return 'broken';
  return outcome === 'truncated' ? 'short' : 'forged';
}

function stallRow(fates: readonly Fate[], patienceUs: number): ConductRow {
  const stalled = fates.flatMap((fate) => {
    const lastByteUs = stalledUs(fate);
    return lastByteUs === null ? [] : [{ fate, lastByteUs }];
  });
  if (stalled.length === 0) return nothingSeen('there were no streams that stalled');
  const ended = stalled.filter(({ fate }) => !hasLeft(fate));
  if (ended.length * 2 <= stalled.length)
    return {
      state: 'beyond-phase',
      reason: `${stalled.length - ended.length} of ${stalled.length} stalled streams were not ended while their clients waited`,
      value: patienceUs,
    };
  return medianRow(
    ended.flatMap(({ fate, lastByteUs }) => (fate.request.endUs === null ? [] : [fate.request.endUs - lastByteUs])),
    'streams that stalled',
  );
}

/** When the last byte of a stream that stalled left its provider; null of others. */
export function stalledUs({ attempts }: Pick<Fate, 'attempts'>): number | null {
  const last = attempts.at(-1);
  return last?.fault === 'stall' ? last.lastByteUs : null;
}
