import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { executePlan } from '#src/execute/execute.js';
import type { Stage } from '#src/execute/stage.js';
import type { LoadResult, TrialLoad } from '#src/load/driver.js';
import { makePlan } from '#src/plan/plan.js';
import { mispairedTrials } from '#src/record/pairs.js';
import { misplannedTrials } from '#src/record/planned-trials.js';
import { readRun } from '#src/record/run-directory.js';
import type { TrialRecord } from '#src/record/trial.js';
import { FakeDriver, FakeRuntime, fakeService, loadRecord } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';
import { MANIFEST } from '../support/stored-run.js';

const scenario = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();

interface Setting {
  readonly runtime?: FakeRuntime;
  readonly driver?: FakeDriver;
  readonly blocks?: number;
  readonly rps?: readonly number[];
  readonly change?: Partial<Stage>;
}

async function run({
  runtime = new FakeRuntime(),
  driver = new FakeDriver(),
  blocks = 1,
  rps = [100],
  change = {},
}: Setting) {
  const plan = makePlan({
    seed: 3,
    targets: ['a', 'b'].map((name) => ({ name, kind: 'gateway', identity: name, startMs: 0 })),
    scenarios: [{ scenario, levels: rps.map((value) => ({ kind: 'rps', value })) }],
    driver: 'native',
    blocks,
    durationMs: 100 * blocks,
    warmupMs: 0,
    paired: true,
  });
  const trials: TrialRecord[] = [];
  const targets = new Map(
    ['a', 'b'].map((name) => [
      name,
      { name, kind: 'gateway' as const, service: fakeService(name), runtime, limitsEnforced: true },
    ]),
  );
  const stage = fakeStage(runtime, driver, {
    targets,
    progress: {
      tell: () => {},
      doing: () => {},
      trialDone: (trial) => trials.push(trial),
      secondChances: () => {},
      blockDone: () => {},
    },
    ...change,
  });
  await executePlan(plan, stage);
  const manifest = {
    ...MANIFEST,
    complete: true,
    blocks,
    paired: { a: 'a', b: 'b' },
    scenarios: [
      {
        name: scenario.name,
        streaming: false,
        expectedErrorShare: 0,
        levels: rps.map((value) => ({ kind: 'rps' as const, value })),
      },
    ],
    targets: ['a', 'b'].map((name) => ({
      name,
      kind: 'gateway' as const,
      url: '',
      version: null,
      digest: null,
      limits: { cpus: null, memoryBytes: null, enforced: true },
      absent: null,
    })),
  };
  const all = [...(change.finished ?? []), ...trials];
  assert.deepEqual(misplannedTrials(manifest, all), []);
  assert.deepEqual(mispairedTrials(manifest, all), []);
  return {
    trials,
    manifest,
    runtime,
    stage,
    states: trials.map(({ block, target, state, reason }) => `${block} ${target} ${reason?.code ?? state}`).toSorted(),
  };
}

/** Whose load it is, by the port that its service listens on. */
function portOf(runtime: FakeRuntime, name: string): string {
  return runtime.up.get(name)?.provider.url ?? assert.fail(`${name} is not up`);
}

test('both are up at once, are loaded together, and each has a record that names the other', async () => {
  const { trials, runtime } = await run({ blocks: 2 });
  assert.equal(trials.length, 4);
  for (const block of [1, 2]) {
    const [one, other] = trials.filter((trial) => trial.block === block);
    assert.equal(one?.paired?.with, other?.target);
    assert.equal(other?.paired?.with, one?.target);
    assert.equal(one?.paired?.id, other?.paired?.id);
    assert.deepEqual([one?.paired?.turn, other?.paired?.turn], [1, 2]);
    assert.equal(one?.resources?.memoryPeakBytes, 5_000_000);
    assert.equal(other?.resources?.memoryPeakBytes, 5_000_000);
  }
  assert.equal(new Set(trials.map(({ paired }) => paired?.id)).size, 2);
  const [first, second] = runtime.diary.slice(1, 3);
  assert.deepEqual(
    new Set([first, second]),
    new Set(['start a', 'start b']),
    'the second before the first one is stopped',
  );
  assert.equal(runtime.up.size, 0);
});

test('one that does not get ready fails, the other is not measured alone, and nobody is left up', async () => {
  const { states, runtime } = await run({ runtime: new FakeRuntime({ b: { status: 500 } }), rps: [100, 500] });
  assert.deepEqual(states, [
    '1 a other-side-missing',
    '1 a other-side-missing',
    ...states.filter((state) => state.startsWith('1 b')),
  ]);
  assert.equal(states.length, 4);
  assert.equal(
    states.some((state) => state === '1 b valid'),
    false,
  );
  assert.equal(runtime.up.size, 0);
});

test('one that ends under the load has failed, the other does not count, and both are started again', async () => {
  const runtime = new FakeRuntime();
  class Killing extends FakeDriver {
    override async runPair(loads: readonly [TrialLoad, TrialLoad]): Promise<readonly [LoadResult, LoadResult]> {
      if (this.loads.length === 0) await runtime.kill('b', { exitCode: 1, signal: null, outOfMemory: false });
      return super.runPair(loads);
    }
  }
  const { states } = await run({ runtime, driver: new Killing(), rps: [100, 500] });
  assert.deepEqual(states, ['1 a other-side-ended', '1 a valid', '1 b exited', '1 b valid', '2 a valid', '2 b valid']);
  assert.equal(runtime.diary.filter((line) => line === 'start a').length, 3);
});

test('a void side is measured once more, and the other one beside it again', async () => {
  const runtime = new FakeRuntime();
  let urlOfB = '';
  let voids = 1;
  const driver = new FakeDriver((load) => {
    urlOfB = portOf(runtime, 'b');
    const late = load.url.startsWith(urlOfB) && voids-- > 0;
    return loadRecord(load.level.value, late ? { errors: { exhausted: 500 }, ok: 500 } : {});
  });
  const { states, trials } = await run({ runtime, driver });
  assert.deepEqual(states, ['1 a valid', '1 b driver-exhausted', '2 a valid', '2 b valid']);
  assert.deepEqual(
    trials
      .filter(({ block }) => block === 2)
      .map(({ target, repeats }) => `${target} ${repeats ?? 'beside'}`)
      .toSorted(),
    ['a beside', 'b 1'],
  );
});

test('higher levels are left out when both saturated, and not when one did', async () => {
  const runtime = new FakeRuntime();
  const slow = (names: readonly string[]) =>
    new FakeDriver((load) => {
      const isSlow = names.some((name) => load.url.startsWith(portOf(runtime, name)));
      return loadRecord(isSlow ? Math.min(load.level.value, 53) : load.level.value);
    });
  const setting = { runtime, blocks: 3, rps: [100, 500] };
  const one = await run({ ...setting, driver: slow(['a']) });
  assert.equal(
    one.states.some((state) => state.endsWith('implied')),
    false,
  );
  const both = await run({ ...setting, driver: slow(['a', 'b']) });
  assert.deepEqual(
    both.states.filter((state) => state.endsWith('implied')),
    ['3 a implied', '3 b implied'],
  );
});

test('what the mock saw of both is asked for once and is one file, and neither is a stranger to the other', async () => {
  const asked: (Uint8Array | null)[] = [];
  class Joining extends FakeDriver {
    override async runPair(loads: readonly [TrialLoad, TrialLoad]): Promise<readonly [LoadResult, LoadResult]> {
      const [first, second] = await super.runPair(loads);
      return [
        { ...first, columns: Buffer.from('first') },
        { ...second, columns: Buffer.from('second') },
      ];
    }
    async joinLedger(_columns: Uint8Array, _ledger: Uint8Array, beside: Uint8Array | null) {
      asked.push(beside);
      return { code: 'ledger-unreadable', message: 'not of this test' };
    }
  }
  const runtime = new FakeRuntime();
  const { trials, stage } = await run({ runtime, driver: new Joining() });
  assert.deepEqual(asked.map(String), ['second', 'first']);
  const [one, other] = trials;
  assert.ok(one?.files.ledger !== null && one?.files.ledger !== undefined);
  assert.deepEqual(one.files.ledger, other?.files.ledger);
  assert.ok(readFileSync(join(stage.writer.directory, one.files.ledger.name)).length > 0);
});

test('a run that ended between two records of a pair measures that pair once more, in its own block', async () => {
  const { stage, trials: whole, manifest } = await run({ blocks: 2 });
  const { writer } = stage;
  writer.writeManifest({ ...manifest, complete: false });
  const path = join(writer.directory, 'trials.jsonl');
  const lines = readFileSync(path, 'utf8').split('\n');
  // As the disk has it: the last record of the second pair never came, and half of its line did.
  writeFileSync(path, `${lines.slice(0, 3).join('\n')}\n${(lines[3] ?? '').slice(0, 40)}`);
  const finished = readRun(writer.directory).trials;
  assert.deepEqual(finished, whole.slice(0, 2));
  writer.mendTrials();
  const { states } = await run({ blocks: 2, change: { finished, writer } });
  assert.deepEqual(states, ['2 a valid', '2 b valid']);
  const { trials } = readRun(writer.directory);
  assert.equal(trials.length, 4);
  assert.deepEqual(misplannedTrials(manifest, trials), []);
  assert.deepEqual(mispairedTrials(manifest, trials), []);
});

test('one that ends each time it is loaded is given up by name, and the other one is not blamed', async () => {
  const runtime = new FakeRuntime();
  class Killing extends FakeDriver {
    override async runPair(loads: readonly [TrialLoad, TrialLoad]): Promise<readonly [LoadResult, LoadResult]> {
      await runtime.kill('b', { exitCode: 1, signal: null, outOfMemory: false });
      return super.runPair(loads);
    }
  }
  const { trials } = await run({ runtime, driver: new Killing(), rps: [100, 200, 300, 400] });
  const last = (name: string) => trials.findLast(({ target, block }) => target === name && block === 1)?.reason;
  assert.equal(last('b')?.code, 'keeps-dying');
  assert.match(last('b')?.message ?? '', /b ended 3 times/);
  assert.equal(last('a')?.code, 'other-side-missing');
});
