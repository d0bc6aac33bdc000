import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClockDomain } from '#src/clock/clock-domain.js';
import { readColumnFile, writeColumnFile } from '#src/load/native/column-file.js';
import { createColumns, outcomeCode } from '#src/load/native/columns.js';
import { ledgerRecord } from '#src/load/native/ledger-record.js';
import { clientRows, type LedgerRow } from '#src/load/native/ledger-join.js';

const OURS: ClockDomain = { bootId: 'a', timeNamespace: 'time:[1]' };
const OTHER: ClockDomain = { bootId: 'b', timeNamespace: 'time:[1]' };
const ROWS = 100;
const [REQUEST_PATH_US, HELD_US, RESPONSE_PATH_US] = [300, 500_000, 200];

/** A trial of streams of half a second, and a ledger whose clock is ahead, further with every second. */
async function played(domain: ClockDomain | null | undefined, aheadUs: number, driftUsPerSecond = 0) {
  const columns = createColumns(ROWS, false);
  for (let row = 0; row < ROWS; row++) {
    columns.intendedUs[row] = row * 10_000;
    columns.sentUs[row] = 5;
    columns.lastByteUs[row] = 5 + REQUEST_PATH_US + HELD_US + RESPONSE_PATH_US;
    columns.outcome[row] = outcomeCode('ok');
  }
  const file = readColumnFile(
    await writeColumnFile([{ columns, rows: ROWS, counterStart: 0, counterStep: 1 }], {
      startedAtUs: 1e9,
      ...(domain === undefined ? {} : { clockDomain: domain }),
      warmupUs: 0,
      measureUs: 1e6,
      uneven: false,
      idPrefix: 'abcdefgh',
      kinds: [{ name: 'ask', part: 'ask' }],
    }),
  );
  const theirs = (us: number) => us + aheadUs + ((us - 1e9) / 1e6) * driftUsPerSecond;
  const rows = [...clientRows(file)].map(({ id, sentUs }): LedgerRow => {
    const arrivedUs = (sentUs ?? 0) + REQUEST_PATH_US;
    return {
      id,
      arrivedUs: theirs(arrivedUs),
      arrivedWholeUs: theirs(arrivedUs),
      firstByteUs: theirs(arrivedUs + 100),
      lastByteUs: theirs(arrivedUs + HELD_US),
      endUs: theirs(arrivedUs + HELD_US),
      frames: 10,
      status: 200,
      end: 'complete',
      fault: null,
      connection: '0/1',
      provider: 'mock',
      phase: null,
    };
  });
  return { file, rows };
}

for (const aheadUs of [50_000, -50_000, 5e6, 0]) {
  test(`a ledger of another host, ${aheadUs / 1000} ms off: the right sums, and no time is booked to a way`, async () => {
    const { file, rows } = await played(OURS, aheadUs);
    const record = ledgerRecord(file, { rows, overwritten: 0, events: [], clockDomain: OTHER });
    assert.equal(record.sharedClock, false);
    assert.deepEqual([record.requestPathUs, record.responsePathUs], [null, null]);
    assert.deepEqual([record.joined, record.overheadUs.count, record.missing], [ROWS, ROWS, 0]);
    const { p50, max } = record.overheadUs.quantiles;
    for (const us of [p50, max]) assert.ok(Math.abs((us ?? 0) - REQUEST_PATH_US - RESPONSE_PATH_US) < 1, `${us}`);
  });
}

test('a clock that drifts falsifies a sum by no more than it drifts while the mock holds the request', async () => {
  const driftUsPerSecond = 100;
  const { file, rows } = await played(OURS, 50_000, driftUsPerSecond);
  const { overheadUs } = ledgerRecord(file, { rows, overwritten: 0, events: [], clockDomain: OTHER });
  const wrongUs = Math.abs((overheadUs.quantiles.max ?? 0) - REQUEST_PATH_US - RESPONSE_PATH_US);
  assert.ok(wrongUs <= (HELD_US / 1e6) * driftUsPerSecond + 1, `${wrongUs} µs`);
});

test('one clock: the ways are told apart', async () => {
  const { file, rows } = await played(OURS, 0);
  const record = ledgerRecord(file, { rows, overwritten: 0, events: [], clockDomain: { ...OURS } });
  assert.equal(record.sharedClock, true);
  assert.deepEqual(
    [record.requestPathUs?.quantiles.max, record.responsePathUs?.quantiles.max],
    [REQUEST_PATH_US, RESPONSE_PATH_US],
  );
});

test('who does not say whose clock it is has none in common; an older file keeps what its record says', async () => {
  for (const [domain, recorded, shared] of [
    [null, true, false],
    [undefined, true, true],
    [undefined, false, false],
  ] as const) {
    const { file, rows } = await played(domain, 0);
    const record = ledgerRecord(file, { rows, overwritten: 0, events: [], clockDomain: OURS }, null, {
      sharedClock: recorded,
    });
    assert.equal(record.sharedClock, shared);
  }
});

test('a request is the mock’s from when it has all of it; a record of an earlier version counts from its first byte', async () => {
  const { file, rows } = await played(OURS, 0);
  const bodyUs = 40_000;
  const slow = rows.map((row) => ({ ...row, arrivedUs: row.arrivedUs - bodyUs }));
  const ledger = { rows: slow, overwritten: 0, events: [], clockDomain: OURS };
  const now = ledgerRecord(file, ledger);
  assert.deepEqual([now.heldFrom, now.overheadUs.quantiles.max], ['whole', REQUEST_PATH_US + RESPONSE_PATH_US]);
  const earlier = ledgerRecord(file, ledger, null, { sharedClock: true });
  assert.equal(earlier.heldFrom, undefined);
  assert.equal(earlier.overheadUs.quantiles.max, REQUEST_PATH_US + RESPONSE_PATH_US - bodyUs);
});
