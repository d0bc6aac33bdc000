import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseObjectives } from '#src/record/objective-text.js';

test('conditions are read with their units', () => {
  assert.deepEqual(parseObjectives('p99<20ms, errors<0.1%'), [
    { text: 'p99<20ms', of: 'latency', quantile: 'p99', below: 20_000 },
    { text: 'errors<0.1%', of: 'errors', quantile: null, below: 0.001 },
  ]);
  assert.deepEqual(
    parseObjectives('ttft.p50 < 500 us gap.p999<1s').map(({ of, below }) => [of, below]),
    [
      ['ttft', 500],
      ['gap', 1_000_000],
    ],
  );
});

for (const text of ['', 'p98<1ms', 'p99<20', 'p99>20ms', 'p99<0ms', 'errors<5ms', 'foo.p99<1ms', 'p99<20ms;errors<1%'])
  test(`"${text}" is refused`, () => assert.throws(() => parseObjectives(text), { code: 'bad-value', exitCode: 2 }));
