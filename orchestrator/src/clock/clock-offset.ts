/**
 * One question to another host for its time. The outer moments are of the asker's monotonic clock, the inner ones of the answerer's;
 * all microseconds.
 */
export interface RoundTrip {
  readonly askedUs: number;
  readonly heardUs: number;
  readonly answeredUs: number;
  readonly returnedUs: number;
}

/** How far the answerer's clock is ahead of the asker's. */
export interface ClockOffset {
  /** When that was, by the asker's clock. */
  readonly atUs: number;
  readonly offsetUs: number;
  /** The truth is no further from `offsetUs` than this, whatever share of the way the question took and whatever the answer. */
  readonly boundUs: number;
}

/**
 * By how much one host's monotonic clock may gain on another's, as a share of the time that passes: Linux steers each by up to 500 parts
 * of a million (`MAXFREQ` of <linux/timex.h>).
 */
const MOST_DRIFT = 1000e-6;

/**
 * The offset as the tightest of many round trips tells it: the clock filter of NTP (RFC 5905, sections 8 and 10). Half of what the round
 * trip took on the way bounds its error, since neither way takes less than no time. How long the question was held is told by a clock
 * that may drift: a hold that looks longer than the round trip by no more than that is no contradiction, and widens the bound.
 * @param trips at least one
 * @throws RangeError where none of them can be believed: each came back before it was asked, was answered before it was heard, or was
 *   held for longer than it took
 */
export function clockOffset(trips: readonly RoundTrip[]): ClockOffset {
  let best: ClockOffset | null = null;
  for (const { askedUs, heardUs, answeredUs, returnedUs } of trips) {
    const heldUs = answeredUs - heardUs;
    // Of what the drifting clock says: over the slowest it can be, so that no rounding refuses the fastest.
    const mostOnTheWayUs = returnedUs - askedUs - heldUs + (heldUs * MOST_DRIFT) / (1 - MOST_DRIFT);
    if (returnedUs < askedUs || heldUs < 0 || mostOnTheWayUs < 0) continue;
    const boundUs = (mostOnTheWayUs / 2) * (1 + MOST_DRIFT);
    if (best !== null && best.boundUs <= boundUs) continue;
    best = {
      atUs: (askedUs + returnedUs) / 2,
      offsetUs: (heardUs - askedUs + (answeredUs - returnedUs)) / 2,
      boundUs,
    };
  }
  if (best === null) throw new RangeError(`none of ${trips.length} round trips tells how far the clocks are apart`);
  return best;
}

/** Parts of a million by which one clock gains on the other between two looks, and by how much that may be wrong. */
export function driftPpm(before: ClockOffset, after: ClockOffset): { readonly ppm: number; readonly boundPpm: number } {
  const lengthUs = after.atUs - before.atUs;
  if (!(lengthUs > 0)) throw new RangeError(`no time passed between the two looks (${lengthUs} µs)`);
  return {
    ppm: ((after.offsetUs - before.offsetUs) / lengthUs) * 1e6,
    boundPpm: ((after.boundUs + before.boundUs) / lengthUs) * 1e6,
  };
}

/**
 * A moment of the answerer's clock on the asker's, by the offsets before and after: the clocks drift evenly between the two looks, as
 * far as the bound can promise. The error of a mean of two weighs as they do, so by the answerer's clock it is never more than the
 * larger bound; the asker's may be the faster one.
 */
export function onAskersClock(
  before: ClockOffset,
  after: ClockOffset,
  theirUs: number,
): { readonly us: number; readonly boundUs: number } {
  const fromUs = before.atUs + before.offsetUs;
  const lengthUs = after.atUs + after.offsetUs - fromUs;
  if (!(lengthUs > 0)) throw new RangeError(`the other clock went back between the two looks (${lengthUs} µs)`);
  const share = (theirUs - fromUs) / lengthUs;
  const offsetUs = before.offsetUs + share * (after.offsetUs - before.offsetUs);
  const outside = Math.max(0, share - 1, -share);
  const widest = Math.max(before.boundUs, after.boundUs);
  return { us: theirUs - offsetUs, boundUs: (widest + outside * (before.boundUs + after.boundUs)) / (1 - MOST_DRIFT) };
}

/** The same offset as the answerer would have found it by asking the asker, which it need not do: what was measured is one difference. */
export function seenFromOtherSide({ atUs, offsetUs, boundUs }: ClockOffset): ClockOffset {
  return { atUs: atUs + offsetUs, offsetUs: -offsetUs, boundUs: boundUs / (1 - MOST_DRIFT) };
}
