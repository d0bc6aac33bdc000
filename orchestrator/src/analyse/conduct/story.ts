import { type Attempt, type Fate, isFailed, isWell } from './fate.js';

/** One of those who took part in a request, as a stretch of the line of time. Microseconds from the moment at which the request was due. */
export interface Lane {
  /** `client`, or the provider of an attempt. */
  readonly who: string;
  readonly fromUs: number;
  /** Null: it had not ended when the records did. */
  readonly untilUs: number | null;
  readonly how: 'well' | 'failed' | 'left';
  /** What became of it, in words. */
  readonly end: string;
}

/** One request told from its being due to the last that anybody did for it. */
export interface Story {
  readonly id: string;
  readonly phase: string;
  /** The client first, then the attempts as they came. */
  readonly lanes: readonly Lane[];
  readonly endUs: number;
}

/** Client and attempts of one request on one line of time: both clocks are the host's monotonic one. */
export function storyOf({ request, attempts, phase }: Fate): Story {
  const { id, dueUs, endUs, outcome, status } = request;
  const client: Lane = {
    who: 'client',
    fromUs: 0,
    untilUs: endUs === null ? null : endUs - dueUs,
    how: outcome === 'ok' ? 'well' : outcome === 'timeout' || outcome === 'open' ? 'left' : 'failed',
    end: clientEnd(outcome, status),
  };
  const lanes = [client, ...attempts.map((attempt) => laneOf(attempt, dueUs))];
  const lastUs = lanes.reduce((last, { fromUs, untilUs }) => Math.max(last, untilUs ?? fromUs), 0);
  return { id, phase: phase ?? 'outside of all phases', lanes, endUs: lastUs };
}

function clientEnd(outcome: string, status: number): string {
  if (outcome === 'ok') return `${status}, right and whole`;
  if (outcome === 'timeout' || outcome === 'open') return 'has no answer, and leaves';
  return status === 0 ? outcome : `${status}, ${outcome}`;
}

function laneOf(attempt: Attempt, dueUs: number): Lane {
  const { provider, arrivedUs, endUs, status, end, fault } = attempt;
  const played = fault === null ? '' : ` (${fault})`;
  const words = end === 'aborted' ? 'hears that nobody waits any more' : end === 'open' ? 'is not done' : '';
  return {
    who: provider,
    fromUs: arrivedUs - dueUs,
    untilUs: endUs === null ? null : endUs - dueUs,
    how: isWell(attempt) ? 'well' : end === 'aborted' && !isFailed(attempt) ? 'left' : 'failed',
    end: [status === null ? 'no answer' : String(status), words].filter((part) => part !== '').join(', ') + played,
  };
}
