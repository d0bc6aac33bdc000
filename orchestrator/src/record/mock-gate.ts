import type { Gate } from './surroundings.js';
import type { LoadRecord } from './trial.js';

/** What the mock says of itself over a trial. */
export interface MockHealth {
  /** What it holds against itself by its own, absolute limits; empty when it finds itself in order. */
  readonly complaints: readonly string[];
  /** Workers that did not answer, or died and were replaced. */
  readonly lost: number;
  /** The busiest worker's share of time in which its event loop had work, 0 to 1. */
  readonly loopUtilization: number;
  /** 99th percentile of how late timers came and frames went out, the worst worker's, microseconds. */
  readonly lateUs: number;
  /** CPU time of all workers over the time of the load. */
  readonly cores: number;
  /** Requests that reached it, the driver's warm-up included. */
  readonly requests: number;
}

/** An event loop that has work for a larger share of the time queues requests by itself. */
const MAX_LOOP_UTILIZATION = 0.9;
/** What the mock may be late by, against the target's own 99th percentile: the same bound as the driver's. */
const MAX_LATE_SHARE = 0.1;

/**
 * Whether the mock stood in the way. Lateness is held against what the trial itself shows: when a gateway takes both CPUs of a small host, the
 * mock wakes up 20 ms late now and then, which colours a gateway that answers in 5 ms and is nothing beside one that takes two seconds. An
 * event loop that is busy, or a worker that died, is no matter of proportion: then a target that did not keep up has shown nothing.
 * @param saturated whether the target did not keep up
 */
export function mockGates(health: MockHealth | null, load: LoadRecord, saturated: boolean): Gate[] {
  if (health === null) return [];
  if (health.lost > 0) return [lostGate(health)];
  if (health.complaints.length === 0) return [];
  const message = `the mock was the bottleneck: ${health.complaints.join('; ')}`;
  if (health.loopUtilization > MAX_LOOP_UTILIZATION) {
    const evidence = { loopUtilization: health.loopUtilization, limit: MAX_LOOP_UTILIZATION };
    return [{ effect: saturated ? 'void' : 'warning', reason: { code: 'mock-bottleneck', message, evidence } }];
  }
  // A target that answered nothing in time took at least the window.
  const targetUs = load.latencyUs.quantiles.p99 ?? load.windowMs * 1000;
  const share = health.lateUs / Math.max(1, targetUs);
  if (share <= MAX_LATE_SHARE) return [];
  const evidence = { lateUs: health.lateUs, targetP99Us: targetUs, share, limit: MAX_LATE_SHARE };
  const late = `the mock was late by more than a tenth of what the target took: ${health.complaints.join('; ')}`;
  return [{ effect: saturated ? 'void' : 'warning', reason: { code: 'mock-late', message: late, evidence } }];
}

function lostGate({ lost, complaints }: MockHealth): Gate {
  const message = [`the mock lost ${lost} of its workers`, ...complaints].join('; ');
  return { effect: 'void', reason: { code: 'mock-lost', message, evidence: { workers: lost, limit: 0 } } };
}
