import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { columnsToCsv, readColumnFile, writeColumnFile } from '#src/load/native/column-file.js';
import { ABSENT, COLUMN_TYPES, type ColumnName, createColumns, outcomeCode } from '#src/load/native/columns.js';

const TRIAL = {
  startedAtUs: 123_456_789.25,
  clockDomain: { bootId: 'a-boot', timeNamespace: 'time:[1]' },
  warmupUs: 1000,
  measureUs: 2000,
  uneven: false,
  idPrefix: 'abcdefgh',
  kinds: [{ name: 'ask', part: 'ask' }],
};
const NAMES = Object.keys(COLUMN_TYPES) as ColumnName[];

function lane(intended: readonly number[], counterStart: number, counterStep: number) {
  // More room than rows, as a closed loop's columns have.
  const columns = createColumns(intended.length + 3, false);
  columns.intendedUs.set(intended);
  for (const [row] of intended.entries()) {
    for (const name of NAMES)
      if (name !== 'intendedUs' && row % 2 === 0) columns[name][row] = (row * 7 + name.length) % 200;
    columns.outcome[row] = row % 13;
  }
  return { columns, rows: intended.length, counterStart, counterStep };
}

describe('the file of requests', () => {
  it('gives back every row of every lane, in the order of the intended times', async () => {
    const times = fc
      .array(fc.double({ min: 0, max: 1e9, noNaN: true }), { maxLength: 20 })
      .map((list) => list.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(times, times, async (a, b) => {
        const lanes = [lane(a, 0, 2), lane(b, 1, 2)];
        const { header, columns, counter } = readColumnFile(await writeColumnFile(lanes, TRIAL));
        assert.equal(header.rows, a.length + b.length);
        assert.equal(header.startedAtUs, TRIAL.startedAtUs);
        assert.deepEqual(header.clockDomain, TRIAL.clockDomain);
        assert.deepEqual(
          [...columns.intendedUs],
          [...columns.intendedUs].sort((x, y) => x - y),
        );
        assert.equal(new Set(counter).size, header.rows);
        for (const [at, value] of counter.entries()) {
          const source = lanes[value % 2] as (typeof lanes)[number];
          const row = Math.floor(value / 2);
          for (const name of NAMES) assert.equal(columns[name][at], source.columns[name][row], name);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what is not such a file, or was cut', async () => {
    const file = await writeColumnFile([lane([1, 2, 3], 0, 1)], TRIAL);
    const code = { code: 'columns-unreadable', exitCode: 2 };
    assert.throws(() => readColumnFile(Buffer.from('{}')), code);
    assert.throws(() => readColumnFile(gzipSync('CBCOLS99 and more of it')), code);
    assert.throws(() => readColumnFile(file.subarray(0, file.length - 9)), code);
    assert.throws(() => readColumnFile(gzipSync(gunzipSync(file).subarray(0, -4))), code);
  });

  it('exports CSV', async () => {
    const one = lane([500, 1500.25], 35, 1);
    one.columns.sentUs.set([7, ABSENT]);
    one.columns.kind.set([0, 0]);
    one.columns.outcome.set([outcomeCode('ok'), outcomeCode('dropped')]);
    const [head, ...rows] = [...columnsToCsv(readColumnFile(await writeColumnFile([one], TRIAL)))];
    assert.equal(
      head,
      'id,kind,measured,outcome,intendedUs,sentUs,waitingUs,connectUs,firstByteUs,firstFrameUs,firstTokenUs,lastByteUs,endUs,maxGapUs,status,bytes,frames,chunks,reads,resent',
    );
    assert.deepEqual(rows, [
      'abcdefgh0000000z,ask,0,ok,500.0,7,9,9,11,12,12,10,5,8,6,5,6,6,5,6',
      'abcdefgh00000010,ask,1,dropped,1500.3,,,,,,,,,,0,0,0,0,0,0',
    ]);
  });
});
