import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TimeKeeper } from '#src/execute/time-keeper.js';
import type { Stage } from '#src/execute/stage.js';
import { RunWriter } from '#src/record/run-directory.js';
import type { FakeDriver, FakeRuntime } from './fake-runtime.js';
import { fakeService } from './fake-runtime.js';

/** A stage for `direct` and the gateway `gw` of a fake runtime, in a directory of its own. */
export function fakeStage(runtime: FakeRuntime, driver: FakeDriver, change: Partial<Stage> = {}): Stage {
  const mock = fakeService('mock', 'mock');
  return {
    runtime,
    mock,
    targets: new Map([
      ['direct', { name: 'direct', kind: 'direct', service: mock, runtime, limitsEnforced: true }],
      ['gw', { name: 'gw', kind: 'gateway', service: fakeService('gw'), runtime, limitsEnforced: true }],
    ]),
    driver,
    writer: new RunWriter(mkdtempSync(join(tmpdir(), 'execute-'))),
    progress: { tell: () => {}, doing: () => {}, trialDone: () => {}, secondChances: () => {}, blockDone: () => {} },
    time: new TimeKeeper(),
    signal: new AbortController().signal,
    keepUp: false,
    skipHopeless: true,
    unwatched: new Set(),
    secondChances: 1,
    requestTimeoutMs: 1000,
    finished: [],
    ...change,
  };
}
