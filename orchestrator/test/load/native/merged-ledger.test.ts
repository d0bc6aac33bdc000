import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HEADER_BYTES, readLedger } from '#src/load/native/ledger-file.js';
import { mergedLedger } from '#src/load/native/merged-ledger.js';

const RECORD_BYTES = 104;
const CLOCK = { bootId: 'a', timeNamespace: 'none' };

interface Seen {
  readonly id: string;
  readonly worker: number;
  readonly arrivedUs: number;
}

/** A ledger as one mock would write it, by its documented layout. */
function ledgerOf(records: readonly Seen[], names: object = {}, overwritten = 0): Buffer {
  const json = JSON.stringify({
    faults: ['cut'],
    providers: ['mock'],
    phases: [],
    events: [],
    clockDomain: CLOCK,
    ...names,
  });
  const told = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('CBLG', 'latin1');
  header.writeUInt16LE(4, 4);
  header.writeUInt16LE(RECORD_BYTES, 6);
  header.writeUInt32LE(records.length, 8);
  header.writeUInt32LE(overwritten, 12);
  header.writeUInt32LE(told.length, 16);
  const parts = records.map(({ id, worker, arrivedUs }) => {
    const record = Buffer.alloc(RECORD_BYTES);
    record.write(id, 'latin1');
    record.writeDoubleLE(arrivedUs, 32);
    record.writeUInt16LE(worker, 76);
    record.writeUInt32LE(1, 80);
    record.writeUInt8(255, 97);
    return record;
  });
  return Buffer.concat([header, told, ...parts]);
}

describe('the ledgers of several mocks', () => {
  it('are one with all their records, none changed', () => {
    const seen = fc.array(fc.record({ id: fc.stringMatching(/^[a-z0-9]{1,32}$/), arrivedUs: fc.nat(1e9) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(seen, fc.nat(50)), { minLength: 1, maxLength: 4 }), (mocks) => {
        const parts = mocks.map(([records, overwritten], nth) =>
          ledgerOf(
            records.map((record, i) => ({ ...record, worker: nth * 64 + (i % 3) })),
            {},
            overwritten,
          ),
        );
        const merged = readLedger(mergedLedger(parts));
        assert.deepEqual(
          merged.rows,
          parts.flatMap((part) => readLedger(part).rows),
        );
        assert.equal(
          merged.overwritten,
          mocks.reduce((sum, [, overwritten]) => sum + overwritten, 0),
        );
        assert.deepEqual(merged.clockDomain, CLOCK);
      }),
    );
  });

  it('of one mock are that mock’s, byte for byte', () => {
    const only = ledgerOf([{ id: 'a', worker: 0, arrivedUs: 5 }]);
    assert.equal(mergedLedger([only]), only);
  });

  it('are of no clock that is known where the mocks do not share one, and what happened is in its order', () => {
    const event = (atUs: number, worker: number) => ({ atUs, worker, provider: 'mock', event: 'opened', phase: null });
    const one = ledgerOf([], { events: [event(1, 0), event(9, 0)] });
    const other = ledgerOf([], { events: [event(5, 64)], clockDomain: { ...CLOCK, bootId: 'b' } });
    const { clockDomain, events } = readLedger(mergedLedger([one, other]));
    assert.equal(clockDomain, null);
    assert.deepEqual(
      events.map(({ atUs }) => atUs),
      [1, 5, 9],
    );
    assert.equal(readLedger(mergedLedger([one, ledgerOf([], { clockDomain: null })])).clockDomain, null);
  });

  it('are refused where a worker would be taken for another, or a number mean two things', () => {
    const one = ledgerOf([{ id: 'a', worker: 0, arrivedUs: 5 }]);
    assert.throws(
      () => mergedLedger([one, one]),
      /two of the ledgers have a worker 0: start each mock with a --first-worker/,
    );
    assert.throws(() => mergedLedger([one, ledgerOf([], { faults: [] })]), /of mocks that are not alike/);
    assert.throws(() => mergedLedger([one, Buffer.from('nothing')]), /do not begin with CBLG/);
    assert.throws(() => mergedLedger([]), /there is no ledger/);
  });
});
