import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestsNeeded } from '#src/measure/find-capacity.js';
import { parseObjectives } from '#src/record/objective-text.js';

test('of a mix, its streams alone have to make up a first token’s quantile', () => {
  assert.equal(requestsNeeded(parseObjectives('ttft.p90<5ms'), 0.25), 400);
  assert.equal(requestsNeeded(parseObjectives('p90<5ms, gap.p99<1ms'), 0.25), 100);
});

test('a window needs ten requests beyond the outermost quantile', () => {
  assert.equal(requestsNeeded(parseObjectives('p99<20ms, p50<1ms'), 1), 1000);
  assert.equal(requestsNeeded(parseObjectives('errors<1%'), 1), 100);
});
