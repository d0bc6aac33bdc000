import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CsvRows } from '#src/catalogue/csv-rows.js';

function readAll(text: string) {
  const rows = new CsvRows(text);
  const read: { line: number; values: string[] }[] = [];
  for (let count = rows.next(); count > 0; count = rows.next())
    read.push({ line: rows.line, values: Array.from({ length: count }, (_, column) => rows.value(column)) });
  assert.equal(read.length, rows.length);
  return { header: rows.header, read };
}

test('rows of any widths come back as they were written, with their lines in the file', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '7', ' ', '"', 'é', '\r') });
  const row = fc.array(value, { minLength: 1, maxLength: 5 }).map((values) => values.map((text) => `${text}x`));
  const ending = fc.constantFrom('', '\n', '\r\n', '\n\n \r\n');
  fc.assert(
    fc.property(
      row,
      fc.array(row),
      fc.constantFrom('\n', '\r\n'),
      ending,
      fc.boolean(),
      (header, given, eol, end, mark) => {
        const text = [header, ...given].map((values) => values.join(',')).join(eol) + end;
        assert.deepEqual(readAll(mark ? `\uFEFF${text}` : text), {
          header: header.join(','),
          read: given.map((values, at) => ({ line: at + 2, values })),
        });
      },
    ),
  );
});

test('values may be empty, rows between others too', () => {
  assert.deepEqual(readAll('a,b\n,\n\n1,'), {
    header: 'a,b',
    read: [
      { line: 2, values: ['', ''] },
      { line: 3, values: [''] },
      { line: 4, values: ['1', ''] },
    ],
  });
  assert.deepEqual(readAll(''), { header: '', read: [] });
});
