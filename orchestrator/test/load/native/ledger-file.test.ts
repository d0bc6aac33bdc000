import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { readLedger } from '#src/load/native/ledger-file.js';

const RECORD_BYTES = 104;

/** A ledger of one record, as the mock writes it. */
function ledger(names: object, version = 4): Buffer {
  const json = Buffer.from(JSON.stringify(names));
  const told = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(told);
  const header = Buffer.alloc(24);
  header.write('CBLG', 'latin1');
  header.writeUInt16LE(version, 4);
  header.writeUInt16LE(RECORD_BYTES, 6);
  header.writeUInt32LE(1, 8);
  header.writeUInt32LE(3, 12);
  header.writeUInt32LE(told.length, 16);
  const record = Buffer.alloc(RECORD_BYTES);
  record.write('req-1', 'latin1');
  for (const [i, us] of [1000, 1001, 1500.5, 1600].entries()) record.writeDoubleLE(us, 32 + 8 * i);
  record.writeUInt32LE(7, 64);
  record.writeUInt16LE(503, 72);
  record.writeUInt8(3, 74);
  record.writeUInt8(1, 75);
  record.writeUInt16LE(2, 76);
  record.writeUInt32LE(9, 80);
  record.writeUInt32LE(700, 84);
  record.writeUInt8(1, 96);
  record.writeUInt8(0, 97);
  return Buffer.concat([header, told, record]);
}

const EVENT = { atUs: 5.5, worker: 0, provider: 'b', event: 'closed', phase: 'outage' };
const NAMES = { faults: ['error', 'html'], providers: ['a', 'b'], phases: ['outage'], events: [EVENT] };

describe('the mock’s ledger in its binary form', () => {
  it('is read with what its numbers stand for', () => {
    assert.deepEqual(readLedger(ledger(NAMES)), {
      rows: [
        {
          id: 'req-1',
          arrivedUs: 1000,
          arrivedWholeUs: 1001,
          firstByteUs: 1500.5,
          lastByteUs: 1600,
          endUs: 1700,
          frames: 7,
          status: 503,
          end: 'fault',
          fault: 'html',
          connection: '2/9',
          provider: 'b',
          phase: 'outage',
        },
      ],
      overwritten: 3,
      events: [EVENT],
      clockDomain: null,
    });
    const clockDomain = { bootId: 'b', timeNamespace: 'time:[1]' };
    assert.deepEqual(readLedger(ledger({ ...NAMES, clockDomain })).clockDomain, clockDomain);
  });

  it('is refused when it is none, of another version, or not whole', () => {
    const whole = ledger(NAMES);
    const bad: [Buffer, RegExp][] = [
      [Buffer.from('nothing of the kind, and longer than a head'), /do not begin with CBLG/],
      [ledger(NAMES, 3), /^a ledger of version 3, of which only version 4 can be read/],
      [whole.subarray(0, -1), /^1 records of 104 bytes do not fit/],
      [ledger({}), /does not say what its numbers stand for/],
    ];
    for (const [bytes, message] of bad) assert.throws(() => readLedger(bytes), { name: 'RangeError', message });
  });
});
