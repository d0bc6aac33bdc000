import { LONGEST_PAUSE, type SessionRhythm } from '../../catalogue/session-rhythm.js';
import { mulberry32 } from './mulberry32.js';

/** The sessions of a trial, or of a part of it, in the order in which they begin; plain data. */
export interface SessionPlan {
  readonly turns: number;
  /** When the first request of each is due, microseconds from the trial's start, and which of its turns that is, from 0. */
  readonly firstAtUs: Float64Array;
  readonly firstTurn: Uint16Array;
  /** The pause behind each turn but the last, `turns - 1` a session, microseconds. */
  readonly pausesUs: Float64Array;
}

/** What sessions are made of. */
export interface SessionSpec extends SessionRhythm {
  /** Requests a second of all sessions together, when each answer comes at once. */
  readonly ratePerSecond: number;
  /** Of the trial: warm-up and window. */
  readonly lengthUs: number;
  readonly seed: number;
}

/** Keeps the draw of pauses apart from that of arrivals, which has the same seed. */
const PAUSE_STREAM = 0x70617573;

/**
 * Sessions that arrive as a Poisson process, of a rate at which the turns of all of them come to the level. The trial begins in the middle of
 * the process: sessions that arrived before are there already, in the turn in which they would be if each answer had come at once, so that
 * the first second has as many sessions, and the same mixture of turns, as the last. Times are drawn beforehand and do not depend on the
 * target; when a turn behind the first is due does, as it follows the answer to the one before.
 */
export function sessionPlan({ pauses, ratePerSecond, lengthUs, seed }: SessionSpec): SessionPlan {
  const turns = pauses.length + 1;
  const longestUs = pauses.reduce((sum, { medianMs }) => sum + LONGEST_PAUSE * medianMs * 1000, 0);
  const meanGapUs = (turns * 1e6) / ratePerSecond;
  const [arrival, pause] = [mulberry32(seed), mulberry32(seed ^ PAUSE_STREAM)];
  const sessions: { atUs: number; turn: number; pausesUs: readonly number[] }[] = [];
  for (let atUs = -longestUs; ; ) {
    atUs -= Math.log(1 - arrival()) * meanGapUs;
    if (atUs >= lengthUs) break;
    const own = pauses.map(({ medianMs }) => pauseUs(medianMs, pause));
    const first = firstWithin(atUs, own);
    if (first !== null) sessions.push({ ...first, pausesUs: own });
  }
  sessions.sort((a, b) => a.atUs - b.atUs);
  return {
    turns,
    firstAtUs: Float64Array.from(sessions, ({ atUs }) => atUs),
    firstTurn: Uint16Array.from(sessions, ({ turn }) => turn),
    pausesUs: Float64Array.from(sessions.flatMap(({ pausesUs }) => pausesUs)),
  };
}

/** Every n-th session of a plan. */
export function everyNthSession(
  { turns, firstAtUs, firstTurn, pausesUs }: SessionPlan,
  of: number,
  nth: number,
): SessionPlan {
  const isOwn = (_value: number, k: number): boolean => k % of === nth;
  return {
    turns,
    firstAtUs: firstAtUs.filter(isOwn),
    firstTurn: firstTurn.filter(isOwn),
    pausesUs: pausesUs.filter((_value, at) => Math.floor(at / (turns - 1)) % of === nth),
  };
}

/** The first turn of a session that is due within the trial; null of one that is over by then. */
function firstWithin(arrivedUs: number, pausesUs: readonly number[]): { atUs: number; turn: number } | null {
  let atUs = arrivedUs;
  for (let turn = 0; ; turn++) {
    if (atUs >= 0) return { atUs, turn };
    const pause = pausesUs[turn];
    if (pause === undefined) return null;
    atUs += pause;
  }
}

/** Log-normal, by Box and Muller (1958): the cosine half of a pair. */
function pauseUs(medianMs: number, random: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(LONGEST_PAUSE, Math.exp(normal)) * medianMs * 1000;
}
