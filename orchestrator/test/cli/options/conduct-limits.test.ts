import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConductLimits } from '#src/cli/options/conduct-limits.js';
import { BenchError } from '#src/errors.js';

test('limits of rows, of a case or of all', () => {
  assert.deepEqual(
    readConductLimits(
      'conduct.amplification<=1.5, conduct.outage-503.failoverUs <= 500ms,conduct.servedShare>=99%',
    ).map(({ text: _text, ...limit }) => limit),
    [
      { case: null, row: 'amplification', least: false, bound: 1.5 },
      { case: 'outage-503', row: 'failoverUs', least: false, bound: 500_000 },
      { case: null, row: 'servedShare', least: true, bound: 0.99 },
    ],
  );
});

for (const [text, hint] of [
  ['amplification<=1', /Give conduct\.ROW<=LIMIT/],
  ['conduct.amplification<1', /Give conduct\.ROW<=LIMIT/],
  ['conduct.amplifiction<=1', /There is no row amplifiction; the rows: servedShare, amplification, /],
  ['conduct.outage.amplification<=1', /There is no case outage; the cases: outage-refused, /],
  ['conduct.failoverUs<=500', /failoverUs is a time: give us, ms or s/],
  ['conduct.amplification<=5ms', /amplification is no time/],
  ['', /Give conduct\.ROW<=LIMIT/],
] as const) {
  test(`"${text}" is refused`, () => {
    assert.throws(
      () => readConductLimits(text),
      (thrown) => thrown instanceof BenchError && thrown.code === 'bad-value' && hint.test(thrown.hint ?? ''),
    );
  });
}
