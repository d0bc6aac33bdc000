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
  /** The longest that a worker stood still without work and without waiting for a CPU, and all such times together; of one that tells. */
  readonly frozen?: { readonly longestMs: number; readonly totalMs: number };
  /** Connections that it turned away for want of file descriptors. */
  readonly turnedAway?: number;
  /** Requests that reached it, the driver's warm-up included, and what it was asked about itself not. */
  readonly requests: number;
  /** Of one that is several: those that each of them had. */
  readonly requestsOfEach?: readonly number[];
}

/** An event loop that has work for a larger share of the time queues requests by itself. */
const MAX_LOOP_UTILIZATION = 0.9;
/** As of the driver: beyond, a part of the window says nothing of the target. */
const LIMIT_FROZEN = { share: 0.01, leastMs: 100 } as const;
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
  const own = [...frozenGate(health, load), ...turnedAwayGate(health)];
  if (own.length > 0) return own;
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

/**
 * Stopped from outside, or by its own paging: neither did it work then nor was it kept from a CPU, so nobody in front of it can have caused
 * it, and whoever waited for it did so for no fault of the target.
 */
function frozenGate({ frozen }: MockHealth, { windowMs }: LoadRecord): Gate[] {
  if (
    frozen === undefined ||
    frozen.longestMs < LIMIT_FROZEN.leastMs ||
    frozen.totalMs <= LIMIT_FROZEN.share * windowMs
  )
    return [];
  const { longestMs, totalMs } = frozen;
  const message = `the mock stood still for ${(totalMs / 1000).toFixed(2)} s (at a time up to ${(longestMs / 1000).toFixed(2)} s) without work and without waiting for a CPU`;
  const evidence = { longestMs, totalMs, share: totalMs / windowMs, limit: LIMIT_FROZEN.share };
  return [{ effect: 'void', reason: { code: 'mock-stopped', message, evidence } }];
}

function turnedAwayGate({ turnedAway = 0 }: MockHealth): Gate[] {
  if (turnedAway === 0) return [];
  const message = `the mock had no file descriptor for ${turnedAway} connections: raise the limit (ulimit -n) or use fewer --connections`;
  return [
    { effect: 'void', reason: { code: 'mock-exhausted', message, evidence: { connections: turnedAway, limit: 0 } } },
  ];
}

function lostGate({ lost, complaints }: MockHealth): Gate {
  const message = [`the mock lost ${lost} of its workers`, ...complaints].join('; ');
  return { effect: 'void', reason: { code: 'mock-lost', message, evidence: { workers: lost, limit: 0 } } };
}
