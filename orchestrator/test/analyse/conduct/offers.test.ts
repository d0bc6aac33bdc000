import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accusations } from '#src/analyse/conduct/accusations.js';
import type { CaseResult } from '#src/analyse/conduct/case-rows.js';
import { holdLimits } from '#src/analyse/conduct/limits.js';
import { withOffers } from '#src/analyse/conduct/offers.js';
import { exactly } from './made-run.js';
import { PHASES } from './synthetic.js';

const STALLED: CaseResult = {
  case: 'stalled-streams',
  streaming: true,
  phases: PHASES,
  requests: { known: 200, unknown: 0, strangeAttempts: 0 },
  rows: { stallBoundUs: { state: 'beyond-phase', reason: '9 of 9 were not ended', value: 5e6 } },
};

test('who does not offer it does not fail in it', () => {
  const lacking = withOffers(STALLED, { 'stream-idle': 'it has none' });
  assert.deepEqual(lacking.rows.stallBoundUs, {
    state: 'not-offered',
    reason: 'it has none; 9 of 9 were not ended',
  });
  assert.deepEqual([accusations(STALLED).length, accusations(lacking).length], [1, 0]);
});

test('what shows that it is there after all is a figure', () => {
  const ended = { ...STALLED, rows: { stallBoundUs: exactly(1e6) } };
  assert.deepEqual(withOffers(ended, { 'stream-idle': 'it has none' }), ended);
});

test('a figure that only says that it is lacking stands beside it', () => {
  const asked = {
    ...STALLED,
    case: 'outage-503',
    rows: { primaryTouchedShare: exactly(0.5), amplification: exactly(1) },
  };
  const { rows } = withOffers(asked, { breaker: 'it has none' });
  assert.deepEqual(rows.primaryTouchedShare, { state: 'not-offered', reason: 'it has none', value: 0.5 });
  assert.deepEqual(rows.amplification, exactly(1));
});

test('whoever requires it has not got it', () => {
  const limit = { text: 'limit', case: null, row: 'stallBoundUs', least: false, bound: 6e6 };
  const cases = [{ target: 'gw', ...withOffers(STALLED, { 'stream-idle': 'it has none' }) }];
  assert.equal(holdLimits([limit], cases)[0]?.outcome, 'broken');
});
