import { clockDomain, isOneClock } from '../clock/clock-domain.js';
import { type ClockOffset, clockOffset } from '../clock/clock-offset.js';
import { messageOf } from '../errors.js';
import type { Reason } from '../record/reason.js';
import { SideWatch } from '../runtime/kubernetes/side-watch.js';
import { type Spread, spreadOf } from './timers.js';

/** Somebody on another machine who tells the time: `agent --duty watch --listen`. */
export interface Peer {
  readonly name: string;
  readonly url: string;
}

/** How far somebody is, there and back, and how far ahead of this clock theirs is; or why that was not had. */
export type PeerFigures =
  | {
      readonly name: string;
      readonly state: 'asked';
      readonly roundTrip: Spread;
      /** `same`: both read one clock, so nothing has to be reckoned. */
      readonly clock: 'same' | Pick<ClockOffset, 'offsetUs' | 'boundUs'>;
    }
  | { readonly name: string; readonly state: 'absent'; readonly reason: Reason };

/** The first of them open the connection, and compile what asks and what answers. */
const WARM_UP = 50;
const QUESTIONS = 400;

/** Asks each for the time, one after the other, by HTTP over one connection. @throws the signal's reason */
export async function askPeers(peers: readonly Peer[], token: string, signal: AbortSignal): Promise<PeerFigures[]> {
  const figures: PeerFigures[] = [];
  for (const peer of peers) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, since both would use this machine's CPUs
    figures.push(await askPeer(peer, token, signal));
  }
  return figures;
}

async function askPeer({ name, url }: Peer, token: string, signal: AbortSignal): Promise<PeerFigures> {
  const silent = async (): Promise<null> => null;
  try {
    const answers = await new SideWatch(url, token, signal, silent).roundTrips(WARM_UP + QUESTIONS);
    const trips = answers.trips.slice(WARM_UP);
    const { offsetUs, boundUs } = clockOffset(trips);
    const onTheWayUs = trips.map((trip) => trip.returnedUs - trip.askedUs - (trip.answeredUs - trip.heardUs));
    return {
      name,
      state: 'asked',
      roundTrip: spreadOf(onTheWayUs),
      clock: isOneClock(clockDomain(), answers.clockDomain) ? 'same' : { offsetUs, boundUs },
    };
  } catch (thrown) {
    signal.throwIfAborted();
    const message = `${url} does not tell the time: ${messageOf(thrown)}`;
    return { name, state: 'absent', reason: { code: 'no-answer', message } };
  }
}
