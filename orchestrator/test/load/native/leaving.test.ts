import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { clientsLeft } from '#src/analyse/clients-left.js';
import type { AnalysedCell } from '#src/analyse/standing.js';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import type { Driver } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { readLedger } from '#src/load/native/ledger-file.js';
import { ledgerRecord } from '#src/load/native/ledger-record.js';
import { leaves, type Leaving } from '#src/load/native/leaving.js';
import { recount } from '#src/load/native/recount.js';
import type { Level } from '#src/record/cell.js';
import type { TrialRecord } from '#src/record/trial.js';
import { judgeLoad } from '#src/record/validity.js';
import { type RunningMock, startMock } from './mock-process.js';

const never = new AbortController().signal;
const STREAM = SCENARIOS.find(({ name }) => name === 'slow-upstream-stream') ?? assert.fail();

let mock: RunningMock;
before(async () => {
  mock = await startMock();
});
after(() => mock.child.kill());

test('the share that is asked for leaves, the same ones for the same seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.double({ min: 0.02, max: 1, noNaN: true }), (seed, share) => {
      const leaving = { share, at: { frame: 1 }, seed };
      const left = Array.from({ length: 4000 }, (_, counter) => leaves(leaving, counter));
      const count = left.filter(Boolean).length;
      assert.ok(Math.abs(count / 4000 - share) < 5 * Math.sqrt((share * (1 - share)) / 4000) + 1e-9, `${count}`);
      assert.deepEqual(
        left.slice(0, 50),
        Array.from({ length: 50 }, (_, counter) => leaves(leaving, counter)),
      );
    }),
    { numRuns: 20 },
  );
});

/** Streams of eight frames, 60 ms apart. */
async function load(abort: Leaving, level: Level) {
  const driver: Driver = createNativeDriver({ abort });
  try {
    await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
    const result = await driver.run(
      {
        url: mock.url + STREAM.path,
        headers: {},
        body: scenarioBody(STREAM, { modelPrefix: '' }, 'gap=60'),
        streaming: true,
        level,
        warmupMs: 0,
        measureMs: 1000,
        timeoutMs: 10_000,
        expectedLatencyMs: 500,
        seed: 11,
      },
      never,
    );
    const answer = await fetch(`${mock.url}/__bench/ledger?format=binary`);
    const ledger = readLedger(Buffer.from(await answer.arrayBuffer()));
    return { ...result, columns: result.columns ?? assert.fail(), ledger };
  } finally {
    await driver.close();
  }
}

for (const [name, abort, level] of [
  ['with the third frame', { share: 0.5, at: { frame: 3 } }, { kind: 'rps', value: 60 }],
  ['150 ms behind the due time', { share: 0.5, at: { ms: 150 } }, { kind: 'rps', value: 60 }],
  ['with the third frame, closed loop', { share: 0.5, at: { frame: 3 } }, { kind: 'streams', value: 10 }],
] as const)
  test(`clients that leave ${name}: counted apart, no failure, and the mock says what it did for nobody`, async () => {
    const { record, columns, ledger } = await load(abort, level);
    const { left = 0 } = record;
    assert.ok(left > 0);
    assert.deepEqual([record.ok + left, record.errors, record.dropped], [record.scheduled, {}, 0]);
    assert.deepEqual(record.errorExamples, {});
    const file = readColumnFile(columns);
    const gone = [...file.columns.outcome.keys()].filter(
      (row) => file.header.outcomes[file.columns.outcome[row] as number] === 'left',
    );
    assert.equal(gone.length, left);
    assert.ok(gone.every((row) => (file.columns.frames[row] as number) < 8));
    if ('frame' in abort.at) assert.ok(gone.every((row) => (file.columns.frames[row] as number) >= 3));
    else assert.ok(gone.every((row) => (file.columns.endUs[row] as number) >= 150_000));
    const { aborts, missing } = ledgerRecord(file, ledger, null);
    assert.ok(aborts.givenUp > 0 && aborts.givenUp <= left && missing === 0);
    // The last ones may be gone before the mock has heard of it.
    assert.ok(aborts.passedOn > 0 && aborts.passedOn <= aborts.givenUp);
    assert.deepEqual(recount(columns, record), record);
    // Who left waits for no answer: a target that answered all others has kept up.
    const answered = { ...record, achievedRps: ((record.scheduled - left) * 1000) / record.windowMs };
    assert.equal(judgeLoad(answered, level, 0).state, 'valid');
    if (level.kind === 'rps') assert.equal(judgeLoad({ ...answered, left: 0 }, level, 0).state, 'saturated');
  });

test('what became of those who left is told of the target, as a fact', async () => {
  const { record, columns, ledger } = await load({ share: 1, at: { frame: 2 } }, { kind: 'streams', value: 4 });
  const trial = { load: record, ledger: ledgerRecord(readColumnFile(columns), ledger, null) } as TrialRecord;
  const id = { target: 'some', scenario: 'chat-stream', level: { kind: 'streams', value: 4 } as const };
  const [finding, ...more] = clientsLeft([{ id, trials: [trial] } as unknown as AnalysedCell]);
  assert.deepEqual([more, finding?.severity, finding?.code], [[], 'info', 'clients-left']);
  assert.match(
    finding?.message ?? '',
    /^some chat-stream 4 .*: of (\d+) of \1 requests the client left, as it was asked to; \d+ of them had reached the mock, which was told of \d+ /,
  );
  assert.deepEqual(clientsLeft([{ id, trials: [] } as unknown as AnalysedCell]), []);
});

test('--abort says whose client leaves and when; anything else is refused with the form', () => {
  const read = (abort: string) => readBenchOptions({ abort }).load.abort;
  assert.deepEqual(read('5%@frame:10'), { share: 0.05, at: { frame: 10 } });
  assert.deepEqual(read('0.5@ms:200'), { share: 0.5, at: { ms: 200 } });
  assert.deepEqual(read('100%@ms:0'), { share: 1, at: { ms: 0 } });
  for (const wrong of ['5%', '0%@ms:1', '101%@frame:3', '5%@frame:0', '5%@s:1', 'x%@ms:1', '5%@ms:900000'])
    assert.throws(() => read(wrong), {
      code: 'bad-value',
      message: `--abort ${JSON.stringify(wrong)} is not understood.`,
      hint: /5%@frame:10 .* or 5%@ms:200/,
    });
});
