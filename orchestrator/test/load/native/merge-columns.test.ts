import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readColumnFile, writeColumnFile } from '#src/load/native/column-file.js';
import { COLUMN_TYPES, type ColumnName, createColumns } from '#src/load/native/columns.js';
import { clientRows } from '#src/load/native/ledger-join.js';
import { mergeColumnFiles } from '#src/load/native/merge-columns.js';

const TRIAL = {
  startedAtUs: 5e6,
  clockDomain: { bootId: 'a', timeNamespace: 'time:[1]' },
  warmupUs: 1000,
  measureUs: 1e6,
  uneven: false,
  idPrefix: 'abcdefgh',
  kinds: [{ name: 'ask', part: 'ask' }],
};
const NAMES = Object.keys(COLUMN_TYPES) as ColumnName[];
const directory = mkdtempSync(join(tmpdir(), 'merge-'));
after(() => rmSync(directory, { recursive: true }));

/** Rows of these counters and times, with values in every column that only they have. */
function rowsOf(counters: readonly number[], times: readonly number[]) {
  const columns = createColumns(counters.length, false);
  for (const [row, counter] of counters.entries()) {
    for (const [i, name] of NAMES.entries()) columns[name][row] = (counter * 31 + i * 7) % 251;
    columns.intendedUs[row] = times[counter] as number;
    columns.kind[row] = 0;
  }
  return { columns, rows: counters.length };
}

/** @param lanes of the driver, which take its requests in turn */
async function write(
  name: string,
  nth: number,
  of: number,
  times: readonly number[],
  trial = TRIAL,
  lanes = 1,
): Promise<string> {
  const path = join(directory, name);
  const step = of * lanes;
  const rows = Array.from({ length: lanes }, (_, lane) => {
    const counterStart = nth + of * lane;
    const counters = times.map((_time, k) => k).filter((k) => k % step === counterStart);
    return { ...rowsOf(counters, times), counterStart, counterStep: step };
  });
  writeFileSync(path, await writeColumnFile(rows, trial));
  return path;
}

test('the parts of any number of agents become the very file that a single driver writes, each row with its agent’s clock', async () => {
  const schedule = fc
    .array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 })
    // Many at one time, as a trace may have them.
    .map((list) => list.map((time) => time * 1000.25).toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(
      schedule,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 2 }),
      async (times, of, lanes) => {
        const parts = await Promise.all(
          Array.from({ length: of }, (_, nth) =>
            write(`part-${nth}`, nth, of, times, { ...TRIAL, startedAtUs: 5e6 + nth * 1e9 }, lanes),
          ),
        );
        const target = join(directory, 'merged');
        await mergeColumnFiles(parts, target);
        const merged = readColumnFile(readFileSync(target));
        const single = readColumnFile(readFileSync(await write('single', 0, 1, times, TRIAL, 3 - lanes)));
        assert.deepEqual(merged.counter, single.counter);
        for (const name of NAMES) assert.deepEqual(merged.columns[name], single.columns[name], name);
        const { agents, ...header } = merged.header;
        assert.deepEqual(header, single.header);
        assert.equal(agents?.length, of);
        for (const [k, { id, intendedUs, dueUs }] of [...clientRows(merged)].entries()) {
          assert.equal(id, `abcdefgh${k.toString(36).padStart(8, '0')}`);
          assert.equal(intendedUs, 5e6 + (k % of) * 1e9 + dueUs);
        }
      },
    ),
    { numRuns: 40 },
  );
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('.')),
    [],
    'nothing lies about',
  );
});

test('more rows than are held at a time are merged as exactly', async () => {
  const times = Array.from({ length: 70_000 }, (_, k) => k * 10);
  const parts = await Promise.all([0, 1, 2].map((nth) => write(`part-${nth}`, nth, 3, times)));
  const target = join(directory, 'long');
  await mergeColumnFiles(parts, target);
  const merged = readColumnFile(readFileSync(target));
  const single = readColumnFile(readFileSync(await write('single', 0, 1, times)));
  assert.deepEqual(merged.counter, single.counter);
  for (const name of NAMES) assert.deepEqual(merged.columns[name], single.columns[name], name);
});

test('what is no part of the trial is refused by name, and what was cut as well', async () => {
  const times = [0, 10, 20, 30];
  const [one, two] = (await Promise.all([0, 1].map((nth) => write(`part-${nth}`, nth, 2, times)))) as [string, string];
  const target = join(directory, 'refused');
  const differ = (message: RegExp) => ({ code: 'parts-differ', exitCode: 2, message });
  await assert.rejects(mergeColumnFiles([two, one], target), differ(/part-1 holds request 1, which of 2 agents/));
  await assert.rejects(mergeColumnFiles([one, one], target), differ(/part-0 holds request 0/));
  const other = await write('other', 1, 2, times, { ...TRIAL, idPrefix: 'zzzzzzzz' });
  await assert.rejects(
    mergeColumnFiles([one, other], target),
    differ(/idPrefix is "abcdefgh" in part-0 and "zzzzzzzz"/),
  );
  writeFileSync(join(directory, 'cut'), readFileSync(two).subarray(0, -9));
  await assert.rejects(mergeColumnFiles([one, join(directory, 'cut')], target), {
    code: 'columns-unreadable',
    exitCode: 4,
    message: /^cut: the file of requests is not whole$/,
  });
  const plain = gunzipSync(readFileSync(two));
  const spoilt = (name: string, change: (bytes: Buffer) => Buffer): string => {
    const path = join(directory, name);
    writeFileSync(path, gzipSync(change(Buffer.from(plain))));
    return path;
  };
  // Its counters are the last column: 1 and 3.
  const counterAt = (row: number): number => plain.length - 8 + 4 * row;
  assert.deepEqual([plain.readUInt32LE(counterAt(0)), plain.readUInt32LE(counterAt(1))], [1, 3]);
  const gap = spoilt('gap', (bytes) => (bytes.writeUInt32LE(5, counterAt(1)), bytes));
  await assert.rejects(
    mergeColumnFiles([one, gap], target),
    differ(/gap holds request 5 where 3 belongs: rows are missing/),
  );
  const twice = spoilt('twice', (bytes) => (bytes.writeUInt32LE(1, counterAt(1)), bytes));
  await assert.rejects(mergeColumnFiles([one, twice], target), differ(/twice holds request 1 where 3 belongs/));
  const shorter = spoilt('shorter', (bytes) => bytes.subarray(0, -4));
  const unreadable = (message: RegExp) => ({ code: 'columns-unreadable', message });
  await assert.rejects(
    mergeColumnFiles([one, shorter], target),
    unreadable(/^shorter: .*2 rows do not fit its \d+ bytes/),
  );
  const long = spoilt('long', (bytes) => (bytes.writeUInt32LE(2 ** 31, 8), bytes));
  await assert.rejects(mergeColumnFiles([one, long], target), unreadable(/^long: .*longer than itself/));
  await assert.rejects(mergeColumnFiles([], target), RangeError);
});
