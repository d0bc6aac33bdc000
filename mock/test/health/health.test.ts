import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WorkerHealth } from '#src/health/counters.js';
import { healthReport } from '#src/health/health.js';
import { Histogram } from '#src/health/histogram.js';

interface Report {
  readonly verdict: string;
  readonly evidence: readonly string[];
  readonly connections: number;
  readonly window: { readonly requestsPerSecond: number; readonly latenessUs: { readonly count: number } };
}

const COUNTS = { requests: 100, frames: 40, aborted: 1, faults: 2 };

function worker(change: Partial<WorkerHealth['window']> = {}): WorkerHealth {
  const window = {
    seconds: 2,
    counts: COUNTS,
    loopUtilization: 0.5,
    cpuUtilization: 0.6,
    loopDelayMs: { p50: 0, p99: 1, max: 3 },
    peerBlockedMs: 0,
    frozenMs: { longestMs: 0, totalMs: 0 },
    turnedAway: 0,
    latenessUs: new Histogram().data(),
    ...change,
  };
  return { connections: 4, counts: COUNTS, refused: [], window };
}

function report(
  workers: readonly WorkerHealth[],
  expected = workers.length,
  restarts = { total: 0, window: 0 },
): Report {
  const reports = workers.map((health, i) => ({ worker: i, pid: 1000 + i, health }));
  return healthReport(reports, expected, restarts) as Report;
}

function late(us: number, times: number): Partial<WorkerHealth['window']> {
  const histogram = new Histogram();
  for (let i = 0; i < times; i++) histogram.add(us);
  return { latenessUs: histogram.data() };
}

describe('the mock’s verdict on itself', () => {
  it('is ok when every worker had time', () => {
    const { verdict, evidence, connections, window } = report([worker(), worker(late(900, 500))]);
    assert.deepEqual([verdict, evidence, connections], ['ok', [], 8]);
    assert.deepEqual([window.requestsPerSecond, window.latenessUs.count], [100, 500]);
  });

  const evidence: Record<string, [Report, RegExp]> = {
    'a busy event loop': [report([worker({ loopUtilization: 0.97 })]), /^worker 0: event loop busy 97 % .*limit 90 %/],
    'late timers': [
      report([worker({ loopDelayMs: { p50: 0, p99: 25, max: 30 } })]),
      /^worker 0: event loop delay p99 25 ms/,
    ],
    'late frames': [report([worker(), worker(late(9000, 200))]), /^worker 1: frames sent late, p99 \d+ µs/],
    'a worker that stood still': [
      report([worker({ frozenMs: { longestMs: 400, totalMs: 1200 } })]),
      /^worker 0: stood still for 1200 ms/,
    ],
    'a worker without descriptors': [
      report([worker({ turnedAway: 7 })]),
      /^worker 0: no file descriptor for 7 connections, which it closed \(ulimit -n\)$/,
    ],
    'a silent worker': [report([worker()], 2), /^worker 1 does not answer$/],
    'a dead worker': [report([worker()], 1, { total: 3, window: 1 }), /^1 worker died and had to be replaced$/],
  };
  for (const [name, [{ verdict, evidence: found }, expected]] of Object.entries(evidence)) {
    it(`is that the mock was the bottleneck for ${name}`, () => {
      assert.equal(verdict, 'the mock was the bottleneck');
      assert.equal(found.length, 1);
      assert.match(found[0] as string, expected);
    });
  }

  it('forgets a worker that died before the window began', () => {
    assert.deepEqual(report([worker()], 1, { total: 3, window: 0 }).evidence, []);
  });

  it('does not rest on a handful of frames', () => {
    assert.equal(report([worker(late(9000, 20))]).verdict, 'ok');
  });
});
