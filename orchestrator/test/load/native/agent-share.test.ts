import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { monotonicUs } from '#src/clock/clock.js';
import type { TrialLoad } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { openLaneMemory } from '#src/load/native/lane-memory.js';
import { readLedger } from '#src/load/native/ledger-file.js';
import { ledgerRecord } from '#src/load/native/ledger-record.js';
import { mergeColumnFiles } from '#src/load/native/merge-columns.js';
import { type NativeOptions, planLanes } from '#src/load/native/plan-lanes.js';
import { type RunningMock, startMock } from './mock-process.js';

const SCENARIO = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
const ID_PREFIX = 'abcdefgh';

const LOAD: TrialLoad = {
  url: 'http://127.0.0.1:1/v1/chat/completions',
  headers: {},
  body: scenarioBody(SCENARIO, { modelPrefix: '' }),
  streaming: false,
  level: { kind: 'rps', value: 150 },
  warmupMs: 200,
  measureMs: 600,
  timeoutMs: 5000,
  expectedLatencyMs: 1,
  seed: 1,
};
const never = () => new Promise<number>(() => {});

/** The requests that a share sends: number in the trial, time, kind; ascending. */
function due(options: NativeOptions, load: TrialLoad): (readonly [counter: number, timeUs: number, kind: number])[] {
  return planLanes(options, load)
    .flatMap(({ task }) => {
      const { columns } = openLaneMemory(task.buffers);
      return Array.from(
        columns.intendedUs.subarray(0, task.buffers.rows),
        (time, row) => [task.counterStart + row * task.counterStep, time, columns.kind[row] as number] as const,
      );
    })
    .toSorted(([a], [b]) => a - b);
}

test('agents share the requests of one schedule: each is one agent’s, at the time and of the kind that a single driver gives it', () => {
  const kinds = [0, 1].map((n) => ({ ...LOAD, name: `kind-${n}`, part: 'part' }));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.integer({ min: 1, max: 64 }),
      fc.constantFrom('constant' as const, 'poisson' as const),
      fc.integer({ min: 0, max: 1000 }),
      (value, of, arrivals, seed) => {
        const table = { kinds, draw: { weights: [2, 1] } };
        const load = { ...LOAD, table, level: { kind: 'rps' as const, value }, seed, warmupMs: 50, measureMs: 200 };
        const parts = Array.from({ length: of }, (_, nth) =>
          due({ arrivals }, { ...load, share: { of, nth, idPrefix: ID_PREFIX, startAt: never } }),
        );
        for (const [nth, part] of parts.entries()) assert.ok(part.every(([counter]) => counter % of === nth));
        assert.deepEqual(
          parts.flat().toSorted(([a], [b]) => a - b),
          due({ arrivals }, load),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test('the streams of a closed loop are divided, and none is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 0, max: 40 }), (of, more) => {
      const load = { ...LOAD, level: { kind: 'streams' as const, value: of + more } };
      const streams = Array.from({ length: of }, (_, nth) => {
        const [lane] = planLanes({}, { ...load, share: { of, nth, idPrefix: ID_PREFIX, startAt: never } });
        return lane?.task.streams ?? 0;
      });
      assert.equal(
        streams.reduce((sum, own) => sum + own, 0),
        of + more,
      );
      assert.ok(Math.max(...streams) - Math.min(...streams) <= 1);
    }),
  );
  const share = { of: 3, nth: 0, idPrefix: ID_PREFIX, startAt: never };
  assert.throws(() => planLanes({}, { ...LOAD, level: { kind: 'streams', value: 2 }, share }), /2 streams cannot be/);
});

let mock: RunningMock;
const directory = mkdtempSync(join(tmpdir(), 'shares-'));
before(async () => {
  mock = await startMock();
});
after(() => {
  mock.child.kill();
  rmSync(directory, { recursive: true });
});

/** One trial, made by so many drivers with a common start; the merged file of requests and the mock's ledger. */
async function byAgents(of: number) {
  await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
  const drivers = Array.from({ length: of }, () => createNativeDriver());
  let ready = 0;
  let begin: (atUs: number) => void = () => {};
  const common = new Promise<number>((resolve) => (begin = resolve));
  const startAt = () => {
    if (++ready === of) begin(monotonicUs() + 100_000);
    return common;
  };
  try {
    const parts = await Promise.all(
      drivers.map(async (driver, nth) => {
        const share = { of, nth, idPrefix: ID_PREFIX, startAt };
        const load = { ...LOAD, url: `${mock.url}/v1/chat/completions`, share };
        const { columns = assert.fail() } = await driver.run(load, new AbortController().signal);
        const path = join(directory, `agent-${of}-${nth}.gz`);
        writeFileSync(path, columns);
        return path;
      }),
    );
    const target = join(directory, `merged-${of}.gz`);
    await mergeColumnFiles(parts, target);
    const answer = await fetch(`${mock.url}/__bench/ledger?format=binary`);
    const ledger = readLedger(Buffer.from(await answer.arrayBuffer()));
    return { file: readColumnFile(readFileSync(target)), ledger };
  } finally {
    await Promise.all(drivers.map((driver) => driver.close()));
  }
}

test('N is 1: one, two and three agents send the same requests at the same times, and the ledger has each once', async () => {
  const rows = due({}, LOAD);
  for (const of of [1, 2, 3]) {
    const { file, ledger } = await byAgents(of);
    const { columns, counter, header } = file;
    assert.deepEqual(
      [...counter],
      rows.map(([number]) => number),
      `${of} agents`,
    );
    assert.deepEqual(
      [...columns.intendedUs],
      rows.map(([, time]) => time),
      `${of} agents`,
    );
    assert.equal(new Set(header.agents?.map(({ startedAtUs }) => startedAtUs)).size, 1);
    assert.equal(header.agents?.length, of);
    const joined = ledgerRecord(file, ledger);
    assert.deepEqual([joined.joined, joined.missing, joined.strange], [90, 0, 0], `${of} agents`);
    assert.equal(joined.sharedClock, process.platform === 'linux');
  }
});

test('an agent that hears of the start too late is refused, and sends nothing', async () => {
  await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
  const driver = createNativeDriver();
  try {
    const share = { of: 2, nth: 1, idPrefix: ID_PREFIX, startAt: () => Promise.resolve(monotonicUs() - 5000) };
    const load = { ...LOAD, url: `${mock.url}/v1/chat/completions`, share };
    await assert.rejects(driver.run(load, new AbortController().signal), {
      code: 'agent-late',
      exitCode: 4,
      message: /^agent 1 of 2 heard of the common start \d+ ms too late$/,
    });
    const answer = await fetch(`${mock.url}/__bench/ledger?format=binary`);
    assert.deepEqual(readLedger(Buffer.from(await answer.arrayBuffer())).rows, []);
  } finally {
    await driver.close();
  }
});
