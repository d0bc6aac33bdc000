import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conductSummary } from '#src/analyse/conduct/summary.js';
import { summarySchema } from '#src/record/summary.js';
import { assertGolden } from '../../golden.js';
import { exactly, madePlayed, madeRun } from './made-run.js';

const RUN = madeRun(
  'x',
  [1, 2, 3].flatMap((block) => [
    madePlayed('direct', block, 'outage-503', { amplification: exactly(1) }),
    madePlayed('gw', block, 'outage-503', {
      amplification: exactly(3.5 + block / 100),
      servedShare: { value: 0.5, low: 0.4, high: 0.6, count: 200 },
      goodputAfter: exactly(1),
      returnUs: { state: 'beyond-phase', reason: 'the primary was not asked as before', value: 4e6 },
      jitter: { state: 'nothing-seen', reason: 'nothing was tried again together' },
    }),
  ]),
  {
    targets: [
      { name: 'direct', version: null, absent: null },
      { name: 'gw', version: '1.2', absent: null },
      { name: 'gone', version: null, absent: { code: 'not-installed', message: 'it is not installed' } },
    ],
  },
);

test('a summary of conduct is of the published schema, with units, phases and verdicts', () => {
  const summary = conductSummary(RUN);
  assert.deepEqual(summarySchema.parse(JSON.parse(JSON.stringify(summary))), summary);
  assertGolden('conduct-summary.json', `${JSON.stringify(summary, null, 2)}\n`);
});

test('phases count from the beginning of the first, and what lasted longer than its phase stays so', () => {
  const gw = conductSummary(RUN).conduct?.find(({ target }) => target === 'gw');
  assert.deepEqual(
    gw?.phases.map(({ fromUs, untilUs }) => [fromUs, untilUs]),
    [
      [0, 2e6],
      [2e6, 6e6],
      [6e6, 10e6],
    ],
  );
  const back = gw?.rows['returnUs'];
  assert.ok(back !== undefined && 'state' in back);
  assert.deepEqual([back.state, back.value, back.unit, back.phase], ['beyond-phase', 4e6, 'us', 'after']);
});

test('a verdict is of rows that have a bound alone', () => {
  const rows = conductSummary(RUN).conduct?.find(({ target }) => target === 'gw')?.rows ?? {};
  const verdict = (name: string): unknown => {
    const row = rows[name];
    return row === undefined || 'state' in row ? 'none' : [row.verdict, row.bound];
  };
  assert.deepEqual(['amplification', 'goodputAfter', 'servedShare', 'jitter'].map(verdict), [
    ['against', 3],
    ['within', 0.9],
    [undefined, undefined],
    'none',
  ]);
});
