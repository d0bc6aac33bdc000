import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { csvValues, delimiterOf } from '#src/catalogue/csv-row.js';

const DELIMITER = fc.constantFrom(',', ';', '\t' as const);

test('values come back as they were written, in quotes or not', () => {
  const value = fc.string({ unit: fc.constantFrom('a', '7', ' ', '"', ',', ';', '\t', 'é') });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), DELIMITER, (values, delimiter) => {
      const row = values
        .map((text) => (/[",;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
        .join(delimiter);
      assert.deepEqual(csvValues(row, delimiter), values);
    }),
  );
});

test('a quote that is left open, or closed amidst a value, is told', () => {
  assert.equal(csvValues('1,"2', ','), null);
  assert.equal(csvValues('1,"2"3,4', ','), null);
});

test('a header says by what its values are parted', () => {
  assert.equal(delimiterOf('time_s,prompt_tokens,output_tokens'), ',');
  assert.equal(delimiterOf('time_s;prompt, tokens;output_tokens'), ';');
  assert.equal(delimiterOf('time_s\tprompt_tokens\toutput_tokens'), '\t');
});
