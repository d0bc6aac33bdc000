import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { parseObjectives } from '#src/record/objective-text.js';
import { BenchError } from '#src/errors.js';
import { type CapacityWalk, walkCapacity } from '#src/execute/capacity.js';
import { pause } from '#src/pause.js';
import type { Stage } from '#src/execute/stage.js';
import type { TrialLoad } from '#src/load/driver.js';
import { type TrialRecord, trialRecordSchema } from '#src/record/trial.js';
import { FakeDriver, FakeRuntime, loadRecord } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';

const named = (name: string) => SCENARIOS.find((scenario) => scenario.name === name) ?? assert.fail();
const WALK: CapacityWalk = {
  scenarios: [named('chat-minimal'), named('embeddings')],
  objectives: parseObjectives('errors<1%'),
  bounds: { lowest: 100, start: 200, highest: 400 },
  warmupMs: 0,
  restMs: 0,
  windowMs: () => 100,
  seed: 1,
};

/** A record in which everything that was due was answered. */
const kept = ({ level }: TrialLoad) => loadRecord(level.value, { scheduled: level.value, ok: level.value });

async function search(runtime: FakeRuntime, driver: FakeDriver, change: Partial<Stage> = {}) {
  const stage = fakeStage(runtime, driver, change);
  const thrown = await walkCapacity(stage, WALK).then(
    () => null,
    (error: unknown) => error,
  );
  return { thrown, trials: recorded(stage) };
}

function recorded({ writer }: Stage): TrialRecord[] {
  const path = join(writer.directory, 'trials.jsonl');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  return lines.map((line) => trialRecordSchema.parse(JSON.parse(line)));
}

test('every scenario of a gateway is searched in one stay', async () => {
  const runtime = new FakeRuntime();
  const { thrown, trials } = await search(runtime, new FakeDriver(kept));
  assert.equal(thrown, null);
  assert.deepEqual([...new Set(trials.map(({ scenario }) => scenario))], ['chat-minimal', 'embeddings']);
  assert.deepEqual(runtime.diary, ['start mock', 'start gw', 'stop gw', 'stop mock']);
});

test('what was measured is handed out before each window, and never within one', async () => {
  const runtime = new FakeRuntime();
  let loading = false;
  const driver = new FakeDriver(async (load) => {
    loading = true;
    await pause(1, new AbortController().signal);
    loading = false;
    return kept(load);
  });
  let rests = 0;
  const handOut = async (): Promise<void> => {
    assert.equal(loading, false);
    rests += 1;
  };
  const { thrown, trials } = await search(runtime, driver, { handOut });
  assert.equal(thrown, null);
  assert.equal(rests, trials.length);
});

test('those who look on are told behind each window, and may have it rest between two', async () => {
  const driver = new FakeDriver(kept);
  let [windows, told, rests] = [0, 0, 0];
  const onlooker = {
    windowBegins: () => void (windows += 1),
    windowEnds: () => {},
    rest: async () => {
      assert.equal(told, windows, 'what was measured is told');
      rests += 1;
      return 1e9;
    },
  };
  const walk = { ...WALK, onWindow: () => void (told += 1) };
  const stage = fakeStage(new FakeRuntime(), driver, { onlooker });
  await walkCapacity(stage, walk);
  assert.ok(rests > 2, 'a rest of days ends no search');
  assert.deepEqual([told, rests], [windows, windows]);
});

test('a gateway that dies under the load of one scenario is asked the next one alive', async () => {
  const runtime = new FakeRuntime();
  const driver = new FakeDriver(async (load) => {
    const gateway = runtime.up.get('gw')?.provider.url ?? '-';
    if (load.url === `${gateway}${named('chat-minimal').path}`)
      await runtime.kill('gw', { exitCode: 1, signal: null, outOfMemory: false });
    return kept(load);
  });
  const { thrown, trials } = await search(runtime, driver);
  assert.equal(thrown, null);
  const states = (name: string) => [
    ...new Set(trials.filter(({ scenario, target }) => scenario === name && target === 'gw').map(({ state }) => state)),
  ];
  assert.deepEqual(states('chat-minimal'), ['failed']);
  assert.deepEqual(states('embeddings'), ['valid']);
  assert.equal(runtime.up.size, 0);
});

test('a gateway that cannot be started again is not waited for at every rate, and the next scenario says why', async () => {
  let starts = 0;
  const runtime = new (class extends FakeRuntime {
    override async start(...[service]: Parameters<FakeRuntime['start']>) {
      if (service.name === 'gw') starts += 1;
      if (starts > 1) throw new BenchError({ code: 'port-in-use', message: 'its port is taken' });
      return super.start(service);
    }
  })();
  const driver = new FakeDriver(async (load) => {
    await runtime.kill('gw', { exitCode: 1, signal: null, outOfMemory: false });
    return kept(load);
  });
  const told: string[] = [];
  const progress = {
    tell: (line: string) => told.push(line),
    doing: () => {},
    trialDone: () => {},
    secondChances: () => {},
    blockDone: () => {},
  };
  const { thrown, trials } = await search(runtime, driver, { progress });
  assert.equal(thrown, null);
  assert.equal(starts, 2);
  assert.equal(told.filter((line) => line.includes('could not be started again')).length, 1);
  const lost = trials.filter(({ target, reason }) => target === 'gw' && reason?.code === 'port-in-use');
  assert.deepEqual(
    lost.map(({ scenario }) => scenario),
    ['chat-minimal', 'embeddings'],
  );
  assert.equal(trials.findLast(({ target }) => target === 'gw')?.scenario, 'embeddings');
});

test('whatever ends a search, a gateway that was started again moves out', async () => {
  const runtime = new FakeRuntime();
  let calls = 0;
  const driver = new FakeDriver(async (load) => {
    calls += 1;
    if (calls === 2) throw new BenchError({ code: 'engine-gone', message: 'the engine stopped' });
    await runtime.kill('gw', { exitCode: 1, signal: null, outOfMemory: false });
    return kept(load);
  });
  const { thrown } = await search(runtime, driver);
  assert.ok(thrown instanceof BenchError && thrown.code === 'engine-gone');
  assert.deepEqual(
    runtime.diary.filter((line) => line.endsWith('gw')),
    ['start gw', 'stop gw', 'start gw', 'stop gw'],
  );
});

test('windows that stay void are sent again and count against no rate, and what was noted is shown', async () => {
  const told: string[] = [];
  const progress = {
    tell: (line: string) => told.push(line),
    doing: () => {},
    trialDone: () => {},
    secondChances: () => {},
    blockDone: () => {},
  };
  const driver = new FakeDriver((load) =>
    load.level.value < 400 ? kept(load) : { ...kept(load), ok: 300, achievedRps: 300, errors: { exhausted: 100 } },
  );
  const { thrown, trials } = await search(new FakeRuntime(), driver, { progress });
  assert.equal(thrown, null);
  const rates = trials.filter(({ scenario }) => scenario === 'chat-minimal').map(({ level }) => level.value);
  // Twice three sendings at the rate at which this side has no ports left, then seven more at what held.
  assert.deepEqual(rates, [200, 400, 400, 400, 400, 400, 400, ...Array.from({ length: 7 }, () => 200)]);
  assert.equal(told.filter((line) => / at 400 rps void: /.test(line)).length, 12, told.join('\n'));
});

test('an interruption at rest is one', async () => {
  const abort = new AbortController();
  const reason = new BenchError({ code: 'interrupted', message: 'interrupted' });
  const doing = (what: string): void => {
    if (what === 'gw: at rest') abort.abort(reason);
  };
  const progress = { tell: () => {}, doing, trialDone: () => {}, secondChances: () => {}, blockDone: () => {} };
  const runtime = new FakeRuntime();
  const { thrown } = await search(runtime, new FakeDriver(kept), { progress, signal: abort.signal });
  assert.equal(thrown, reason);
  assert.equal(runtime.up.size, 0);
});
