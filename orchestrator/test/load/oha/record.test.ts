import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TrialLoad } from '#src/load/driver.js';
import { parseOhaOutput } from '#src/load/oha/output.js';
import { errorKindOf, loadRecordOf } from '#src/load/oha/record.js';
import { type OhaRow, readOhaRows } from '#src/load/oha/rows.js';
import type { LoadRecord } from '#src/record/trial.js';
import { judgeLoad } from '#src/record/validity.js';

const FIXTURES = new URL('../../../test/fixtures/oha/', import.meta.url);

const LOAD: TrialLoad = {
  url: 'http://127.0.0.1:1/v1/chat/completions',
  headers: {},
  body: '{}',
  streaming: false,
  level: { kind: 'rps', value: 100 },
  warmupMs: 1000,
  measureMs: 1000,
  timeoutMs: 3000,
  expectedLatencyMs: 1,
  seed: 1,
};

/** Real output of oha 1.16.0 against a small server: see the file's name for what happened. */
async function recordOf(name: string, load: TrialLoad): Promise<LoadRecord> {
  const output = parseOhaOutput(readFileSync(new URL(`${name}.json`, FIXTURES), 'utf8'));
  const rows = await readOhaRows(readFileSync(new URL(`${name}.db`, FIXTURES)));
  return loadRecordOf({ output, rows, version: '1.16.0', cpuUs: 2000 }, load);
}

const errorsOf = (record: LoadRecord) => Object.values(record.errors).reduce((sum, n) => sum + (n ?? 0), 0);
const addsUp = (record: LoadRecord) => record.scheduled === record.ok + errorsOf(record) + record.dropped;

test('an open loop that kept up: the warm-up is cut off and everything is accounted for', async () => {
  const record = await recordOf('open-loop', LOAD);
  assert.ok(Math.abs(record.ok - 100) <= 1, `${record.ok} of 100`);
  assert.equal(record.dropped, record.scheduled - record.ok);
  assert.equal(record.latencyUs.count, record.ok);
  assert.equal(record.latencyUs.seconds?.length, 1);
  assert.equal(record.driverCpuUs, 1000);
  assert.ok(addsUp(record));
  assert.equal(judgeLoad(record, LOAD.level, 0).state, 'valid');
});

test('a pool that is too small: the backlog is dropped at the deadline and the trial is saturated at what it finished', async () => {
  const record = await recordOf('saturated', LOAD);
  assert.ok(record.dropped > 50, `${record.dropped} dropped`);
  assert.ok(
    record.achievedRps > 20 && record.achievedRps < 40,
    `${record.achievedRps} a second with 3 connections and 100 ms`,
  );
  assert.ok(addsUp(record));
  const judgement = judgeLoad(record, LOAD.level, 0);
  assert.equal(judgement.state, 'saturated');
  assert.match(judgement.reason?.message ?? '', /^saturated at \d\d\/100 rps$/);
});

test('a closed loop: scheduled is what was sent, and nothing is dropped', async () => {
  const record = await recordOf('streams', {
    ...LOAD,
    streaming: true,
    level: { kind: 'streams', value: 3 },
    warmupMs: 300,
    measureMs: 700,
  });
  assert.equal(record.dropped, 0);
  assert.equal(record.connections, 3);
  assert.equal(record.latenessUs, null);
  assert.ok((record.ttftUs?.quantiles.p50 ?? 0) > 90_000);
  assert.ok(addsUp(record));
});

test('answers of status 500 are errors, whatever oha calls them', async () => {
  const load = { ...LOAD, level: { kind: 'rps', value: 50 }, warmupMs: 500, measureMs: 500 } as const;
  const record = await recordOf('status', load);
  assert.equal(record.ok, 0);
  assert.equal(record.latencyUs.count, 0);
  assert.equal(record.latencyUs.quantiles.p50, null);
  assert.ok((record.errors.status ?? 0) >= 24);
  assert.ok(addsUp(record));
  assert.equal(judgeLoad(record, load.level, 0).reason?.code, 'errors');
});

test('refused connections are charged to the window by its share of the time', async () => {
  const load = { ...LOAD, level: { kind: 'rps', value: 50 }, warmupMs: 500, measureMs: 500 } as const;
  const record = await recordOf('refused', load);
  assert.deepEqual(record.errors, { connect: 25 });
  assert.equal(record.dropped, 0);
  assert.deepEqual(record.errorExamples, { 'Connection refused (os error 111)': 50 });
  assert.ok(addsUp(record));
});

test('the output of 1.15 with aborted workers is read too', () => {
  const output = parseOhaOutput(readFileSync(new URL('v1.15-aborted.json', FIXTURES), 'utf8'));
  assert.deepEqual(output.errorDistribution, { 'aborted due to deadline': 50 });
  const record = loadRecordOf({ output, rows: [], version: '1.15.0', cpuUs: null }, LOAD);
  assert.equal(record.dropped, 100);
  assert.deepEqual(record.errors, {});
  assert.equal(record.driverCpuUs, null);
});

test('what is no output of oha fails the driver, and says what', () => {
  assert.throws(() => parseOhaOutput('<html>'), { code: 'driver-failed', message: /not JSON: <html>/ });
  assert.throws(() => parseOhaOutput('{"summary":{"total":1}}'), { code: 'driver-failed', message: /expected/i });
});

test('a file that is no database fails the driver', async () => {
  await assert.rejects(readOhaRows(Buffer.from('not a database at all')), { code: 'driver-failed' });
});

test('oha’s messages have their kinds', () => {
  assert.equal(errorKindOf('Connection refused (os error 111)'), 'connect');
  assert.equal(errorKindOf('timeout'), 'timeout');
  assert.equal(errorKindOf('operation timed out'), 'timeout');
  assert.equal(errorKindOf('connection closed before message completed'), 'reset');
  assert.equal(errorKindOf('Connection reset by peer (os error 104)'), 'reset');
  assert.equal(errorKindOf('something new'), 'other');
});

test('counts add up whatever rows and errors there are', () => {
  const row = fc.record({
    intended: fc.double({ min: 0, max: 3, noNaN: true }),
    sent: fc.double({ min: 0, max: 3, noNaN: true }),
    end: fc.double({ min: 0, max: 5, noNaN: true }),
    status: fc.constantFrom(200, 201, 429, 500),
    bytes: fc.nat(1000),
  });
  const errors = fc.dictionary(
    fc.constantFrom('timeout', 'Connection refused', 'odd', 'aborted due to deadline'),
    fc.nat(500),
  );
  const level = fc.record({
    kind: fc.constantFrom('rps' as const, 'streams' as const),
    value: fc.integer({ min: 1, max: 300 }),
  });
  const output = parseOhaOutput(readFileSync(new URL('open-loop.json', FIXTURES), 'utf8'));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 400 }), errors, level, (rows: OhaRow[], errorDistribution, chosen) => {
      const record = loadRecordOf(
        { output: { ...output, errorDistribution }, rows, version: 'x', cpuUs: null },
        { ...LOAD, level: chosen },
      );
      assert.ok(addsUp(record));
      assert.ok(record.dropped >= 0 && record.ok >= 0);
      assert.equal(record.latencyUs.count, record.ok);
    }),
  );
});
