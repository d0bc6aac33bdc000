import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totalsOf } from '#src/analyse/totals.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { BenchError } from '#src/errors.js';
import { executePlan } from '#src/execute/execute.js';
import type { LoadResult, TrialLoad } from '#src/load/driver.js';
import type { Stage } from '#src/execute/stage.js';
import { type Plan, makePlan } from '#src/plan/plan.js';
import { coresOf } from '#src/record/target-cpu.js';
import type { TrialRecord } from '#src/record/trial.js';
import { FakeDriver, FakeRuntime, loadRecord } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';

interface Setting {
  readonly runtime?: FakeRuntime;
  readonly driver?: FakeDriver;
  readonly blocks?: number;
  readonly rps?: readonly number[];
  readonly change?: Partial<Stage>;
}

const chat = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();

function plan(blocks: number, rps: readonly number[]): Plan {
  return makePlan({
    seed: 3,
    targets: ['direct', 'gw'].map((name) => ({
      name,
      kind: name === 'direct' ? 'direct' : 'gateway',
      identity: name,
      startMs: 0,
    })),
    scenarios: [{ scenario: chat, levels: rps.map((value) => ({ kind: 'rps', value })) }],
    driver: 'native',
    blocks,
    durationMs: 100,
    warmupMs: 0,
  });
}

async function run({
  runtime = new FakeRuntime(),
  driver = new FakeDriver(),
  blocks = 1,
  rps = [100],
  change = {},
}: Setting) {
  const trials: TrialRecord[] = [];
  const told: string[] = [];
  const stage = fakeStage(runtime, driver, {
    progress: {
      tell: (line) => told.push(line),
      doing: () => {},
      trialDone: (trial) => trials.push(trial),
      secondChances: () => {},
      blockDone: () => {},
    },
    ...change,
  });
  const thrown = await executePlan(plan(blocks, rps), stage).then(
    () => null,
    (error: unknown) => error,
  );
  return {
    trials,
    runtime,
    thrown,
    told,
    states: trials.map(({ target, level, state }) => `${target} ${level.value} ${state}`).sort(),
  };
}

test('every trial of the plan is measured and nobody is left up', async () => {
  const { states, runtime, thrown } = await run({ blocks: 2 });
  assert.equal(thrown, null);
  assert.deepEqual(states, [
    'direct 100 valid',
    'direct 100 valid',
    'direct 100 valid',
    'direct 100 valid',
    'gw 100 valid',
    'gw 100 valid',
  ]);
  assert.equal(runtime.up.size, 0);
  assert.deepEqual(runtime.diary, [
    'start mock',
    'start gw',
    'stop gw',
    'stop mock',
    'start mock',
    'start gw',
    'stop gw',
    'stop mock',
  ]);
});

test('with keepUp everything stays up until the end', async () => {
  const { runtime } = await run({ blocks: 2, change: { keepUp: true } });
  assert.deepEqual(runtime.diary.slice(0, 2), ['start mock', 'start gw']);
  assert.deepEqual(runtime.diary.slice(2).sort(), ['stop gw', 'stop mock']);
});

test('a level that saturated in two blocks spares the higher ones', async () => {
  const driver = new FakeDriver((load) => loadRecord(Math.min(load.level.value, 53)));
  const { trials } = await run({ driver, blocks: 4, rps: [100, 500] });
  const high = trials.filter(({ target, level }) => target === 'gw' && level.value === 500);
  assert.equal(high.length, 4);
  const skipped = high.filter(({ state }) => state === 'skipped');
  assert.deepEqual(
    skipped.map(({ block }) => block),
    [3, 4],
  );
  assert.match(skipped[0]?.reason?.message ?? '', /^implied by 53\/100 rps/);
});

test('direct, with two trials a block, is given as many blocks as anybody', async () => {
  const driver = new FakeDriver(() => loadRecord(53));
  const { trials } = await run({ driver, blocks: 2, rps: [100, 500] });
  const skipped = trials.filter(({ target, state }) => target === 'direct' && state === 'skipped');
  assert.deepEqual(
    skipped.map(({ block }) => block),
    [2],
    'only the second trial of the second block',
  );
});

test('with --no-skip every level is sent', async () => {
  const driver = new FakeDriver(() => loadRecord(53));
  const { trials } = await run({ driver, blocks: 4, rps: [100, 500], change: { skipHopeless: false } });
  assert.equal(trials.filter(({ state }) => state === 'skipped').length, 0);
});

test('a gateway that answers 500 to everything is not ready; the rest is measured', async () => {
  const { states, trials } = await run({ runtime: new FakeRuntime({ gw: { status: 500 } }), rps: [100, 500] });
  assert.deepEqual(
    states.filter((state) => state.startsWith('gw')),
    ['gw 100 failed', 'gw 500 failed'],
  );
  assert.equal(states.filter((state) => state === 'direct 100 valid').length, 2);
  const reason = trials.find(({ target }) => target === 'gw')?.reason;
  assert.equal(reason?.code, 'not-ready');
  assert.match(
    reason?.message ?? '',
    /not ready after 0\.3 s: status 500.*its log says: its log \(logs\/gw\.b1\.log\)$/,
  );
  assert.equal(trials.find(({ target }) => target === 'gw')?.files.log?.name, 'logs/gw.b1.log');
});

test('a gateway that cannot start is failed with the runtime’s reason', async () => {
  const { trials } = await run({ runtime: new FakeRuntime({}, { gw: 'port-in-use' }) });
  assert.equal(trials.find(({ target }) => target === 'gw')?.reason?.code, 'port-in-use');
});

test('a gateway that lies is not measured', async () => {
  const driver = new FakeDriver();
  const { trials } = await run({ runtime: new FakeRuntime({ gw: { text: 'Lies.' } }), driver });
  const failed = trials.find(({ target }) => target === 'gw');
  assert.equal(failed?.reason?.code, 'attestation-failed');
  assert.equal(failed?.files.log?.name, 'logs/gw-chat-minimal.b1.log');
  assert.equal(driver.loads.length, 2);
});

test('a gateway killed for its memory in mid-trial is failed, started again, and the other cells are measured', async () => {
  const runtime = new FakeRuntime();
  let killed = false;
  const driver = new FakeDriver(async (load) => {
    const gateway = runtime.up.get('gw');
    if (!killed && gateway !== undefined && load.url.startsWith(gateway.provider.url)) {
      killed = true;
      await runtime.kill('gw', { exitCode: 137, signal: null, outOfMemory: true });
    }
    return loadRecord(load.level.value);
  });
  const { trials } = await run({ runtime, driver, rps: [100, 500] });
  const own = trials.filter(({ target }) => target === 'gw');
  assert.deepEqual(
    own.map(({ state }) => state),
    ['failed', 'valid'],
  );
  assert.equal(own[0]?.reason?.code, 'out-of-memory');
  assert.match(own[0]?.files.log?.name ?? '', /\.log$/);
});

test('a gateway that dies every time is given up within the block', async () => {
  const runtime = new FakeRuntime();
  const driver = new FakeDriver(async (load) => {
    if (runtime.up.get('gw') !== undefined && load.url.startsWith(runtime.up.get('gw')?.provider.url ?? '-')) {
      await runtime.kill('gw', { exitCode: 1, signal: null, outOfMemory: false });
    }
    return loadRecord(load.level.value);
  });
  const { trials } = await run({ runtime, driver, rps: [1, 2, 3, 4, 5] });
  const own = trials.filter(({ target }) => target === 'gw');
  assert.deepEqual(
    own.map(({ reason }) => reason?.code),
    ['exited', 'exited', 'exited', 'keeps-dying', 'keeps-dying'],
  );
});

test('a driver that fails makes a void trial, which has one second chance', async () => {
  const driver = new FakeDriver(() => {
    throw new BenchError({ code: 'driver-failed', message: 'oha exited with 1' });
  });
  const { trials } = await run({ driver });
  assert.deepEqual(
    trials
      .map(({ target, replica, block, repeats, state }) => `${target} ${replica} ${block} ${repeats} ${state}`)
      .sort(),
    [
      'direct 1 1 undefined void',
      'direct 1 2 1 void',
      'direct 2 1 undefined void',
      'direct 2 2 1 void',
      'gw 1 1 undefined void',
      'gw 1 2 1 void',
    ],
  );
});

test('a void trial is measured again behind all blocks, with direct before and after it', async () => {
  const runtime = new FakeRuntime();
  let left = 2;
  const driver = new FakeDriver((load) => {
    const gateway = runtime.up.get('gw')?.provider.url;
    if (gateway !== undefined && load.url.startsWith(gateway) && load.level.value === 500 && left > 0) {
      left -= 1;
      throw new BenchError({ code: 'driver-failed', message: 'oha exited with 1' });
    }
    return loadRecord(load.level.value);
  });
  const { trials, runtime: after } = await run({ runtime, driver, blocks: 2, rps: [100, 500] });
  const repeats = trials.filter(({ block }) => block > 2);
  assert.deepEqual(
    repeats.map(({ target, replica, level, block, repeats: of, state }) => [
      target,
      replica,
      level.value,
      block,
      of,
      state,
    ]),
    [
      ['direct', 1, 500, 3, undefined, 'valid'],
      ['gw', 1, 500, 3, 1, 'valid'],
      ['direct', 2, 500, 3, undefined, 'valid'],
      ['direct', 1, 500, 4, undefined, 'valid'],
      ['gw', 1, 500, 4, 2, 'valid'],
      ['direct', 2, 500, 4, undefined, 'valid'],
    ],
  );
  assert.equal(after.up.size, 0);
  // Nothing is left to repeat for a run that goes on from there.
  const resumed = await run({ blocks: 2, rps: [100, 500], change: { finished: trials } });
  assert.deepEqual(resumed.trials, []);
});

test('void trials are not measured again when there is no time for it, and that is said', async () => {
  const driver = new FakeDriver(() => {
    throw new BenchError({ code: 'driver-failed', message: 'oha exited with 1' });
  });
  const asked = { isEnough: () => true, hasRoom: () => false, rested: () => {} };
  const { trials, told } = await run({ driver, blocks: 3, change: { until: asked } });
  assert.deepEqual([...new Set(trials.map(({ block }) => block))], [1]);
  assert.match(told.join('\n'), /not measured once more: the budget/);
});

test('a mock that ends in mid-trial is no fault of the gateway', async () => {
  const runtime = new FakeRuntime();
  let killed = false;
  const driver = new FakeDriver(async (load) => {
    const gateway = runtime.up.get('gw')?.provider.url;
    if (!killed && gateway !== undefined && load.url.startsWith(gateway)) {
      killed = true;
      await runtime.kill('mock', { exitCode: null, signal: 'SIGKILL', outOfMemory: false });
      return loadRecord(100, { ok: 10, errors: { status: 990 }, statuses: { 502: 990 } });
    }
    return loadRecord(load.level.value);
  });
  const { trials, thrown, runtime: after } = await run({ runtime, driver });
  assert.equal(thrown, null);
  const own = trials.filter(({ target }) => target === 'gw');
  assert.deepEqual(
    own.map(({ state, reason, repeats }) => [state, reason?.code, repeats]),
    [
      ['void', 'mock-lost', undefined],
      ['valid', undefined, 1],
    ],
  );
  assert.match(own[0]?.reason?.message ?? '', /the mock ended during the trial: it was ended by SIGKILL/);
  assert.equal(after.up.size, 0);
});

test('a mock that ends while a gateway is checked is no fault of the gateway', async () => {
  const runtime = new FakeRuntime();
  let killed = false;
  const killing = (what: string): void => {
    if (killed || what !== 'gw: checking that chat-minimal is answered right') return;
    killed = true;
    void runtime.kill('mock', { exitCode: 1, signal: null, outOfMemory: false });
  };
  const trials: TrialRecord[] = [];
  const progress = { tell: () => {}, doing: killing, trialDone: (trial: TrialRecord) => trials.push(trial) };
  await run({ runtime, change: { progress: { ...progress, secondChances: () => {}, blockDone: () => {} } } });
  const own = trials.filter(({ target }) => target === 'gw');
  assert.deepEqual(
    own.map(({ state, reason }) => [state, reason?.code]),
    [
      ['void', 'mock-lost'],
      ['valid', undefined],
    ],
  );
});

test('the mock is asked how it was before its ledger is fetched', async () => {
  const runtime = new FakeRuntime();
  let asked: string[] = [];
  class Recording extends FakeDriver {
    override async run(load: TrialLoad): Promise<LoadResult> {
      const { provider } = runtime.up.get('mock') ?? assert.fail();
      asked = provider.asked;
      asked.length = 0;
      return { ...(await super.run(load)), columns: Buffer.from('rows') };
    }
    async joinLedger() {
      return { code: 'no-ledger', message: 'not of this test' };
    }
  }
  await run({ runtime, driver: new Recording() });
  assert.deepEqual(asked, ['GET /__bench/health', 'GET /__bench/ledger']);
});

test('an interruption while a gateway is not ready yet is one, and nobody is left up', async () => {
  const abort = new AbortController();
  const reason = new BenchError({ code: 'interrupted', message: 'interrupted' });
  const runtime = new FakeRuntime({ gw: { status: 503, onAnswer: () => setTimeout(() => abort.abort(reason), 30) } });
  const { thrown } = await run({ runtime, change: { signal: abort.signal } });
  assert.equal(thrown, reason);
  assert.equal(runtime.up.size, 0);
});

test('an engine that is gone ends the run, and what was measured stays', async () => {
  let calls = 0;
  const driver = new FakeDriver((load) => {
    calls += 1;
    if (calls === 2) throw new BenchError({ code: 'engine-gone', message: 'the engine stopped' });
    return loadRecord(load.level.value);
  });
  const { trials, thrown, runtime } = await run({ driver });
  assert.ok(thrown instanceof BenchError && thrown.code === 'engine-gone');
  assert.equal(trials.length, 1);
  assert.equal(runtime.up.size, 0);
});

test('an interruption ends the run with nobody left up', async () => {
  const abort = new AbortController();
  const driver = new FakeDriver((load) => {
    abort.abort(new BenchError({ code: 'interrupted', message: 'interrupted' }));
    return loadRecord(load.level.value);
  });
  const { thrown, runtime, trials } = await run({ driver, blocks: 3, change: { signal: abort.signal } });
  assert.ok(thrown instanceof BenchError && thrown.code === 'interrupted');
  assert.equal(trials.length, 1);
  assert.equal(runtime.up.size, 0);
});

test('finished trials of an interrupted run are not measured again', async () => {
  const first = await run({ blocks: 2 });
  const finished = first.trials.slice(0, 4);
  const second = await run({ blocks: 2, change: { finished } });
  assert.equal(second.trials.length, 2);
});

test('CPU and throttling of a target are of the load, not of all the time that a driver takes', async () => {
  // Less than half of what the driver takes is load.
  const driver = new FakeDriver(
    (load) => loadRecord(load.level.value, { windowMs: 900, scheduled: 900, ok: 900, statuses: { 200: 900 } }),
    { beforeMs: 700, loadMs: 1200, afterMs: 700 },
  );
  const runtime = new FakeRuntime({}, {}, { cores: 0.5, throttledShare: 0.02 }, driver.spans);
  const { trials } = await run({ runtime, driver });
  const trial = trials.find(({ target }) => target === 'gw') ?? assert.fail();
  assert.equal(coresOf(trial.resources)?.toFixed(3), '0.500');
  assert.equal(totalsOf([trial]).cpuUsPerRequest?.toFixed(1), '500.0', 'half a CPU for 900 ms, for 900 requests');
  const [throttled] = trial.warnings.filter(({ code }) => code === 'cpu-throttled');
  assert.equal(Number(throttled?.evidence?.['share']).toFixed(3), '0.020');
});
