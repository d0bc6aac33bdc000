import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { TrialLoad } from '#src/load/driver.js';
import { parseOhaOutput } from '#src/load/oha/output.js';
import { ohaRecord } from '#src/load/oha/record.js';
import { createRowsReader } from '#src/load/oha/rows.js';
import { type LoadRecord, loadRecordSchema } from '#src/record/trial.js';
import { judgeLoad } from '#src/record/validity.js';
import { type Answer, fixture, jsonFixtures, rowsOf, trialLoad } from './fixtures.js';

const reader = createRowsReader();
after(() => reader.close());

/** The record of a captured run, with its rows. */
async function recordOf(name: string, change: Partial<TrialLoad> = {}): Promise<LoadRecord> {
  const rows = await reader.read(fixture(`${name}.db`));
  const output = parseOhaOutput(fixture(`${name}.json`));
  return checked(ohaRecord(trialLoad(change), { output, rows, version: '1.16.0', cpuUs: 30_000, stalls: null }));
}

/** The record of made-up rows and errors. */
function recordOfRows(
  answers: readonly Answer[],
  change: Partial<TrialLoad> = {},
  errors: Record<string, number> = {},
) {
  const statuses: Record<string, number> = {};
  for (const { status = 200 } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const output = {
    ...parseOhaOutput(fixture('open-loop.json')),
    statusCodeDistribution: statuses,
    errorDistribution: errors,
  };
  return checked(
    ohaRecord(trialLoad(change), { output, rows: rowsOf(answers), version: null, cpuUs: null, stalls: null }),
  );
}

function checked(record: LoadRecord): LoadRecord {
  const failed = Object.values(record.errors).reduce((sum, count) => sum + (count ?? 0), 0);
  assert.equal(record.scheduled, record.ok + failed + record.dropped);
  assert.equal(record.latencyUs.count, record.ok);
  return loadRecordSchema.parse(record);
}

describe('the record of a captured run', () => {
  it('of an open loop that was kept up with', async () => {
    const record = await recordOf('open-loop');
    assert.deepEqual(
      { scheduled: record.scheduled, ok: record.ok, dropped: record.dropped, errors: record.errors },
      { scheduled: 100, ok: 100, dropped: 0, errors: {} },
    );
    assert.equal(record.achievedRps, 50);
    assert.equal(record.bytes, 100 * '{"ok":true}'.length);
    assert.equal(record.latencyUs.seconds?.length, 2);
    assert.equal(record.latenessUs?.count, 100);
    assert.equal(record.driverCpuUs, 20_000);
    assert.equal(record.ttftUs, null);
    assert.equal(judgeLoad(record, { kind: 'rps', value: 50 }, 0).state, 'valid');
  });

  it('of a closed loop: scheduled is what was sent, and lateness is not known', async () => {
    const level = { kind: 'streams', value: 2 } as const;
    const record = await recordOf('streams', { level, streaming: true });
    assert.equal(record.scheduled, record.ok);
    assert.equal(record.dropped, 0);
    assert.equal(record.connections, 2);
    assert.equal(record.latenessUs, null);
    const [ttft, latency] = [record.ttftUs?.quantiles.p50 ?? 0, record.latencyUs.quantiles.p50 ?? 0];
    assert.ok(ttft >= 10_000 && ttft < latency && latency >= 30_000);
    assert.equal(record.ttftUs?.seconds, null);
  });

  it('of a saturated target: the backlog is dropped, the rate is what it stood at', async () => {
    const level = { kind: 'rps', value: 100 } as const;
    const record = await recordOf('saturated', { level });
    assert.equal(record.scheduled, 200);
    assert.ok(record.dropped > 0 && record.dropped + record.ok === 200);
    // 16 connections and 200 ms an answer.
    assert.ok(record.achievedRps > 60 && record.achievedRps <= 80, String(record.achievedRps));
    assert.match(judgeLoad(record, level, 0).reason?.message ?? '', /^saturated at \d\d\/100 rps$/);
  });

  it('of refused connections', async () => {
    const record = await recordOf('refused', { level: { kind: 'rps', value: 20 } });
    assert.deepEqual(record.errors, { connect: 40 });
    assert.deepEqual(record.errorExamples, { 'Connection refused (os error 111)': 60 });
    assert.deepEqual(record.statuses, {});
    assert.equal(record.achievedRps, 0);
    assert.equal(record.latencyUs.quantiles.p50, null);
  });

  it('of answers with status 500, which are successes to oha', async () => {
    const record = await recordOf('status-500', { level: { kind: 'rps', value: 20 } });
    assert.deepEqual(record.errors, { status: 40 });
    assert.deepEqual(record.statuses, { '500': 40 });
    assert.equal(record.ok, 0);
    assert.equal(record.achievedRps, 20);
    assert.equal(judgeLoad(record, { kind: 'rps', value: 20 }, 0).reason?.code, 'errors');
  });

  it('of a target that answers nothing: time-outs, and what waited behind them', async () => {
    const record = await recordOf('nothing', { level: { kind: 'rps', value: 20 } });
    assert.equal(record.scheduled, 40);
    assert.deepEqual(Object.keys(record.errors), ['timeout']);
    assert.equal(judgeLoad(record, { kind: 'rps', value: 20 }, 0).state, 'failed');
  });

  it('of several kinds of failure at once', async () => {
    const record = await recordOf('mixed');
    assert.equal(record.scheduled, 100);
    assert.equal(record.dropped, 0);
    assert.deepEqual(record.errors, { reset: 10, truncated: 10, malformed: 10, status: 10 });
    assert.equal(record.ok, 60);
  });
});

describe('the measured window', () => {
  it('holds what was due in it, however late it was answered', () => {
    const record = recordOfRows([
      { dueMs: 999.9, startMs: 1005, endMs: 1010, bytes: 1 },
      { dueMs: 1000, startMs: 1002, endMs: 1003, bytes: 2 },
      { dueMs: 2999, startMs: 2999, endMs: 3600, bytes: 4 },
      { dueMs: 3000.4, startMs: 3001, endMs: 3002, bytes: 8 },
    ]);
    assert.equal(record.ok, 3);
    assert.equal(record.bytes, 14);
    assert.deepEqual(record.latencyUs.quantiles.max, 601_000);
    assert.deepEqual(record.connectionWaitUs?.quantiles.max, 2000);
    assert.deepEqual(
      record.latencyUs.seconds?.map((second) => second.length / 2),
      [1, 2],
      'what the pacer sent after the deadline is of the last second',
    );
  });

  it('counts latency from the intended time, and of 2xx alone', () => {
    const record = recordOfRows([
      { dueMs: 1500, startMs: 1600, endMs: 1700 },
      { dueMs: 1500, startMs: 1500, endMs: 1501, status: 503 },
    ]);
    assert.equal(record.latencyUs.quantiles.p50, 200_000);
    assert.equal(record.latenessUs?.count, 2);
    assert.deepEqual(record.errors, { status: 1 });
  });

  it('does not take for achieved what a large pool answers after the deadline', () => {
    // 100 a second asked, 50 a second done; all were in flight, so all were answered in the end.
    const answers = Array.from({ length: 300 }, (_, i) => ({ dueMs: i * 10, startMs: i * 10, endMs: (i + 1) * 20 }));
    const record = recordOfRows(answers, { level: { kind: 'rps', value: 100 } });
    assert.equal(record.ok, 200);
    assert.equal(record.dropped, 0);
    assert.equal(record.achievedRps, 50);
  });

  it('does not take slow answers for too low a rate, although the last come after the window', () => {
    const answers = Array.from({ length: 300 }, (_, i) => ({ dueMs: i * 10, startMs: i * 10, endMs: i * 10 + 1500 }));
    assert.equal(recordOfRows(answers, { level: { kind: 'rps', value: 100 } }).achievedRps, 100);
  });

  it('has a last second that is shorter, when it is no whole number of seconds', () => {
    const record = recordOfRows([{ dueMs: 2400, startMs: 2400, endMs: 2401 }], { measureMs: 1500 });
    assert.deepEqual(record.latencyUs.seconds, [[], record.latencyUs.seconds?.[1]]);
  });
});

describe('without rows', () => {
  it('gives the share of the whole run, and nothing to merge', () => {
    for (const name of jsonFixtures) {
      const output = parseOhaOutput(fixture(name));
      const record = checked(
        ohaRecord(trialLoad(), { output, rows: null, version: '1.16.0', cpuUs: null, stalls: null }),
      );
      assert.equal(record.latencyUs.seconds, null);
      assert.equal(record.latenessUs, null);
      assert.equal(record.bytes, null);
    }
  });

  it('gives the latency of 2xx, or none when oha did not tell it apart', () => {
    const output = parseOhaOutput(fixture('mixed.json'));
    const { latencyPercentilesSuccessful: successful, ...undivided } = output;
    const of = (told: typeof undivided) =>
      ohaRecord(trialLoad(), { output: told, rows: null, version: null, cpuUs: null, stalls: null }).latencyUs.quantiles
        .p50;
    assert.equal(of(output), Math.round((successful?.p50 ?? 0) * 1e9) / 1e3);
    assert.equal(of(undivided), null);
  });
});

it('refuses a database that does not hold the answers that the JSON tells of', () => {
  const output = parseOhaOutput(fixture('open-loop.json'));
  assert.throws(() => ohaRecord(trialLoad(), { output, rows: rowsOf([]), version: null, cpuUs: null, stalls: null }), {
    code: 'driver-failed',
    message: "oha's result tells of 150 answers, its database of 0",
  });
});

it('adds up whatever rows and errors there are', () => {
  const time = fc.double({ min: 0, max: 4000, noNaN: true });
  const answer = fc
    .tuple(time, time, time, fc.constantFrom(200, 201, 302, 429, 500))
    .map(([dueMs, wait, service, status]) => ({ dueMs, startMs: dueMs + wait, endMs: dueMs + wait + service, status }));
  const messages = fc.constantFrom('timeout', 'connection error', 'never heard of', 'aborted due to deadline');
  const level = fc.record({
    kind: fc.constantFrom('rps' as const, 'streams' as const),
    value: fc.integer({ min: 1, max: 300 }),
  });
  fc.assert(
    fc.property(
      fc.array(answer, { maxLength: 400 }),
      fc.dictionary(messages, fc.nat(500)),
      level,
      (rows, errors, of) => {
        const answers = of.kind === 'rps' ? rows : rows.map((row) => ({ ...row, dueMs: null }));
        const record = recordOfRows(answers, { level: of }, errors);
        const answered = Object.values(record.statuses).reduce((sum, count) => sum + count, 0);
        assert.equal(answered, record.ok + (record.errors.status ?? 0));
        assert.ok(record.scheduled >= (of.kind === 'rps' ? of.value * 2 : 0));
      },
    ),
  );
});
