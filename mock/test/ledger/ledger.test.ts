import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { binaryLedger, ledgerRecords } from '#src/ledger/export.js';
import { NO_PHASE, placeOf, RECORD_BYTES } from '#src/ledger/layout.js';
import { Ledger } from '#src/ledger/ledger.js';
import { toHostUs } from '#src/timing/clock.js';
import fc from 'fast-check';

const FAULTS = { faults: ['error', 'stall'], providers: ['a', 'b'], phases: ['before', 'fault'] };

describe('the ledger', () => {
  it('keeps what happened, in the order it happened', () => {
    const ledger = new Ledger(8, 3, 0);
    const beforeUs = toHostUs(performance.now());
    const entry = ledger.begin('req-1', 1, undefined, 1, 0);
    const [firstMs, lastMs] = [performance.now() + 1, performance.now() + 2];
    entry?.sent(200, 1, 100, firstMs);
    entry?.sent(200, 2, 50, lastMs);
    entry?.end('complete');
    const [record] = ledgerRecords([ledger.records()], FAULTS);
    assert.ok(record !== undefined && record.sentFirstUs !== null && record.sentLastUs !== null);
    const { id, worker, connection, attempt, frames, bytes, status, outcome, fault } = record;
    assert.deepEqual(
      { id, worker, connection, attempt, frames, bytes, status, outcome, fault },
      {
        id: 'req-1',
        worker: 3,
        connection: 1,
        attempt: 1,
        frames: 3,
        bytes: 150,
        status: 200,
        outcome: 'complete',
        fault: null,
      },
    );
    const times = [beforeUs - 1, record.arrivedFirstUs, record.arrivedLastUs, record.sentFirstUs, record.sentLastUs];
    assert.ok(Math.abs((record.endedUs ?? 0) - record.sentLastUs) <= 1);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  });

  it('knows how each exchange ended, and the first word stands', () => {
    const ledger = new Ledger(8, 0, 0);
    ledger.begin('open', 1, undefined, 1, 0);
    ledger.begin('aborted', 1, undefined, 1, 0)?.end('aborted');
    const failed = ledger.begin('failed', 1, undefined, 1, 0);
    failed?.end('fault', 1);
    failed?.end('complete');
    assert.deepEqual(
      ledgerRecords([ledger.records()], FAULTS).map(({ id, outcome, fault, status, endedUs }) => [
        id,
        outcome,
        fault,
        status,
        endedUs !== null,
      ]),
      [
        ['open', 'open', null, null, false],
        ['aborted', 'aborted', null, null, true],
        ['failed', 'fault', 'stall', null, true],
      ],
    );
  });

  it('counts retries of an id over all workers', () => {
    const ledgers = [new Ledger(8, 0, 0), new Ledger(8, 1, 0)];
    for (const [worker, id] of [
      [0, 'a'],
      [1, 'a'],
      [1, 'b'],
      [0, 'a'],
    ] as const)
      ledgers[worker]?.begin(id, 1, undefined, 1, 0);
    const records = ledgerRecords(
      ledgers.map((ledger) => ledger.records()),
      FAULTS,
    );
    assert.deepEqual(
      records.map(({ id, worker, attempt }) => [id, worker, attempt]),
      [
        ['a', 0, 1],
        ['a', 1, 2],
        ['b', 1, 1],
        ['a', 0, 3],
      ],
    );
  });

  it('keeps the newest in constant memory, counts what it dropped, and late news of dropped ones harm nobody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 40 }), (capacity, count) => {
        const ledger = new Ledger(capacity, 0, 0);
        const entries = Array.from({ length: count }, (_, i) => ledger.begin(`id-${i}`, 1, undefined, 1, 0));
        entries.forEach((entry, i) => entry?.sent(200, i, i, 0));
        const kept = ledgerRecords([ledger.records()], FAULTS);
        const from = Math.max(0, count - capacity);
        assert.deepEqual(
          kept.map(({ id, bytes }) => [id, bytes]),
          Array.from({ length: count - from }, (_, i) => [`id-${from + i}`, from + i]),
        );
        assert.equal(ledger.dropped, from);
        ledger.clear();
        assert.deepEqual([ledger.records().length, ledger.dropped], [0, 0]);
      }),
    );
  });

  it('knows which provider was asked, and in which phase', () => {
    const ledger = new Ledger(4, 0, 0);
    ledger.begin('x', 1, undefined, 1, placeOf(1, 0));
    ledger.begin('y', 2, undefined, 1, placeOf(0, NO_PHASE));
    assert.deepEqual(
      ledgerRecords([ledger.records()], FAULTS).map(({ provider, phase }) => [provider, phase]),
      [
        ['b', 'before'],
        ['a', null],
      ],
    );
  });

  it('keeps nothing when it has no room', () => {
    assert.equal(new Ledger(0, 0, 0).begin('a', 1, undefined, 1, 0), undefined);
  });

  it('has a binary form that says what it holds', () => {
    const ledger = new Ledger(4, 0, 0);
    ledger.begin('a', 1, undefined, 1, 0);
    ledger.begin('b', 1, undefined, 1, 0);
    const names = { ...FAULTS, events: [{ event: 'closed' }], clockDomain: { bootId: 'a', timeNamespace: 'time:[1]' } };
    const binary = binaryLedger([ledger.records()], 5, names);
    assert.equal(binary.toString('latin1', 0, 4), 'CBLG');
    const header = [binary.readUInt16LE(4), binary.readUInt16LE(6), binary.readUInt32LE(8), binary.readUInt32LE(12)];
    assert.deepEqual(header, [4, RECORD_BYTES, 2, 5]);
    const told = binary.readUInt32LE(16);
    assert.deepEqual(JSON.parse(binary.toString('utf8', 24, 24 + told)), names);
    assert.equal(told % 8, 0);
    const second = 24 + told + RECORD_BYTES;
    assert.equal(binary.toString('latin1', second, second + 2), 'b\0');
  });
});
