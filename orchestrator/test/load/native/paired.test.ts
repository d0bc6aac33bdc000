import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { openLaneMemory } from '#src/load/native/lane-memory.js';
import { type NativeOptions, planLanes, type Turn } from '#src/load/native/plan-lanes.js';
import { recount, rejoin, startOf } from '#src/load/native/recount.js';
import { intendedTimes } from '#src/load/native/schedule.js';
import { keptUp } from '#src/record/validity.js';
import { gzipSync } from 'node:zlib';
import { type RunningMock, startMock } from './mock-process.js';

const SCENARIO = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();

const LOAD: TrialLoad = {
  url: 'http://127.0.0.1:1/v1/chat/completions',
  headers: {},
  body: scenarioBody(SCENARIO, { modelPrefix: '' }),
  streaming: false,
  level: { kind: 'rps', value: 100 },
  warmupMs: 200,
  measureMs: 600,
  timeoutMs: 5000,
  expectedLatencyMs: 1,
  seed: 1,
};

/** When the requests of a side are due, of all its lanes together, and their kinds. */
function due(options: NativeOptions, load: TrialLoad, turn?: Turn): (readonly [timeUs: number, kind: number])[] {
  return planLanes(options, load, turn)
    .flatMap(({ task }) => {
      const { columns } = openLaneMemory(task.buffers);
      return Array.from(
        columns.intendedUs.subarray(0, task.buffers.rows),
        (time, row) => [time, columns.kind[row] as number] as const,
      );
    })
    .toSorted(([a], [b]) => a - b);
}

const times = (rows: ReturnType<typeof due>): number[] => rows.map(([time]) => time);

test('two sides share the requests of one schedule, by turns where they are even, and none is lost or sent twice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9000 }),
      fc.constantFrom('constant' as const, 'poisson' as const),
      fc.integer({ min: 0, max: 1000 }),
      (value, arrivals, seed) => {
        const load = { ...LOAD, level: { kind: 'rps' as const, value }, seed };
        const [first, second] = [0, 1].map((nth) => times(due({ arrivals }, load, { of: 2, nth })));
        const { warmupMs, measureMs } = load;
        const shape = { kind: 'flat' } as const;
        const whole = intendedTimes({ ratePerSecond: 2 * value, warmupMs, measureMs, arrivals, shape, seed });
        assert.deepEqual(
          [...(first ?? []), ...(second ?? [])].toSorted((a, b) => a - b),
          [...whole],
        );
        if (arrivals === 'poisson') return;
        assert.deepEqual(
          first,
          [...whole].filter((_, k) => k % 2 === 0),
        );
      },
    ),
    { numRuns: 25 },
  );
});

test('at even arrivals each side has what it would have alone, half a gap apart', () => {
  const [alone, first, second] = [undefined, { of: 2, nth: 0 }, { of: 2, nth: 1 }].map((turn) =>
    times(due({}, LOAD, turn)),
  );
  assert.deepEqual(first, alone);
  assert.deepEqual(
    second,
    alone?.map((time) => time + 5000),
  );
});

test('at Poisson arrivals each side has Poisson arrivals at the level, with nothing of the other in them', () => {
  const [perSecond, seconds] = [1000, 60];
  const load = {
    ...LOAD,
    level: { kind: 'rps' as const, value: perSecond },
    warmupMs: 0,
    measureMs: 1000 * seconds,
    seed: 7,
  };
  const sides = [0, 1].map((nth) => times(due({ arrivals: 'poisson' }, load, { of: 2, nth })));
  const inSecond = (side: readonly number[]): number[] => {
    const counts = Array.from({ length: seconds }, () => 0);
    for (const time of side) counts[Math.floor(time / 1e6)] = (counts[Math.floor(time / 1e6)] ?? 0) + 1;
    return counts;
  };
  for (const side of sides) {
    const expected = perSecond * seconds;
    assert.ok(Math.abs(side.length - expected) < 4 * Math.sqrt(expected), `${side.length} of ${expected}`);
    const gaps = side.slice(1).map((time, k) => time - (side[k] as number));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // 1 for exponential gaps; 0.71 for those of every second request of a Poisson stream.
    assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.03, `${Math.sqrt(variance) / mean}`);
    // Exponential gaps in every other way too: a share of 1 - 1/e is below the mean.
    assert.ok(Math.abs(gaps.filter((gap) => gap < mean).length / gaps.length - (1 - Math.exp(-1))) < 0.01);
    const serial = correlation(gaps.slice(1), gaps.slice(0, -1));
    assert.ok(Math.abs(serial) < 0.02, `a gap tells ${serial} of the next`);
  }
  // What one side has in a second says nothing of what the other has: taking turns they would be alike.
  const between = correlation(inSecond(sides[0] ?? []), inSecond(sides[1] ?? []));
  assert.ok(Math.abs(between) < 0.4, `${between}`);
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [ofA, ofB] = [mean(a), mean(b)];
  const along = (x: readonly number[], ofX: number, y: readonly number[], ofY: number): number =>
    x.reduce((sum, value, k) => sum + (value - ofX) * ((y[k] as number) - ofY), 0);
  return along(a, ofA, b, ofB) / Math.sqrt(along(a, ofA, a, ofA) * along(b, ofB, b, ofB));
}

test('the n-th requests of both sides are of one kind', () => {
  const kind = { url: LOAD.url, body: LOAD.body, streaming: false };
  const kinds = ['x', 'y'].map((name) => ({ ...kind, name, part: name }));
  const load = { ...LOAD, table: { kinds, draw: { weights: [1, 1] } } };
  const [first, second] = [0, 1].map((nth) => due({}, load, { of: 2, nth }).map(([, drawn]) => drawn));
  assert.deepEqual(first, second);
  assert.deepEqual(new Set(first), new Set([0, 1]));
});

test('connections that there are descriptors for are shared by both sides', () => {
  const most = (turn?: Turn): number | undefined =>
    planLanes({ maxConnections: 100 }, LOAD, turn)[0]?.task.maxConnections;
  assert.deepEqual([most(), most({ of: 2, nth: 1 })], [100, 50]);
});

let driver: Driver;
let mocks: RunningMock[] = [];
before(async () => {
  driver = createNativeDriver();
  mocks = await Promise.all([startMock(), startMock()]);
});
after(async () => {
  for (const { child } of mocks) child.kill();
  await driver.close();
});

test('a pair runs at once, every request is accounted for, and in one ledger neither side is a stranger', async () => {
  const [mock] = mocks;
  assert.ok(mock !== undefined && driver.runPair !== undefined && driver.joinLedger !== undefined);
  await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
  const load = { ...LOAD, url: `${mock.url}/v1/chat/completions` };
  const results = await driver.runPair([load, load], new AbortController().signal);
  const answer = await fetch(`${mock.url}/__bench/ledger?format=binary`);
  const ledger = new Uint8Array(await answer.arrayBuffer());
  const [first, second] = results.map(({ columns }) => columns ?? assert.fail('no columns'));
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(startOf(first), startOf(second), 'one schedule begins once');
  const intended = [first, second].map((file) => readColumnFile(file).columns.intendedUs);
  assert.deepEqual(
    [...(intended[1] ?? [])],
    [...(intended[0] ?? [])].map((time) => time + 5000),
  );
  for (const [own, other, result] of [
    [first, second, results[0]],
    [second, first, results[1]],
  ] as const) {
    const { record } = result;
    assert.deepEqual([record.scheduled, record.ok, record.errors, record.dropped], [60, 60, {}, 0]);
    const joined = await driver.joinLedger(own, ledger, other);
    assert.ok('joined' in joined);
    assert.deepEqual([joined.joined, joined.strange, joined.missing], [60, 0, 0]);
    assert.deepEqual(rejoin(own, gzipSync(ledger), other, joined), joined, 'as it is verified');
    assert.equal(rejoin(own, gzipSync(ledger), null, joined).strange, 80, 'the other side, warm-up and all');
  }
});

test('a pair of Poisson arrivals too is accounted for, each side against what was due of it', async () => {
  const [mock] = mocks;
  assert.ok(mock !== undefined);
  const random = createNativeDriver({ arrivals: 'poisson' });
  assert.ok(random.runPair !== undefined && random.joinLedger !== undefined);
  try {
    await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
    const load = { ...LOAD, url: `${mock.url}/v1/chat/completions` };
    const results = await random.runPair([load, load], new AbortController().signal);
    const answer = await fetch(`${mock.url}/__bench/ledger?format=binary`);
    const ledger = new Uint8Array(await answer.arrayBuffer());
    for (const [nth, { record, columns = assert.fail('no columns') }] of results.entries()) {
      const own = times(due({ arrivals: 'poisson' }, load, { of: 2, nth })).filter((time) => time >= 200_000).length;
      assert.deepEqual([record.scheduled, record.ok], [own, own]);
      assert.ok(keptUp(record, load.level));
      assert.deepEqual(recount(columns, record), record, 'as it is verified');
      const beside = results[1 - nth]?.columns ?? assert.fail();
      const joined = await random.joinLedger(columns, ledger, beside);
      assert.ok('joined' in joined);
      assert.deepEqual([joined.joined, joined.strange, joined.missing], [own, 0, 0]);
      assert.deepEqual(rejoin(columns, gzipSync(ledger), beside, joined), joined);
    }
  } finally {
    await random.close();
  }
});

test('each side of a pair has a target of its own', async () => {
  assert.ok(driver.runPair !== undefined);
  const [one, other] = mocks.map(({ url }) => ({ ...LOAD, url: `${url}/v1/chat/completions` }));
  assert.ok(one !== undefined && other !== undefined);
  for (const { url } of mocks) await fetch(`${url}/__bench/ledger`, { method: 'DELETE' });
  const results = await driver.runPair([one, other], new AbortController().signal);
  for (const [i, { url }] of mocks.entries()) {
    const { records } = (await fetch(`${url}/__bench/ledger`).then((response) => response.json())) as {
      records: { id: string }[];
    };
    const prefix = readColumnFile(results[i]?.columns ?? assert.fail()).header.idPrefix;
    assert.ok(records.length === 80 && records.every(({ id }) => id.startsWith(prefix)));
  }
});
