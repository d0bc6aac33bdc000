import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announceCapacity, requestsNeeded } from '#src/measure/find-capacity.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { parseObjectives } from '#src/record/objective-text.js';

test('of a mix, its streams alone have to make up a first token’s quantile', () => {
  assert.equal(requestsNeeded(parseObjectives('ttft.p90<5ms'), 0.25), 400);
  assert.equal(requestsNeeded(parseObjectives('p90<5ms, gap.p99<1ms'), 0.25), 100);
});

test('a window needs ten requests beyond the outermost quantile', () => {
  assert.equal(requestsNeeded(parseObjectives('p99<20ms, p50<1ms'), 1), 1000);
  assert.equal(requestsNeeded(parseObjectives('errors<1%'), 1), 100);
});

test('the plan says how long a search takes where windows agree, at the slow end too, and at most', () => {
  const objectives = parseObjectives('p99<20ms');
  const chat = SCENARIOS.filter(({ name }) => name === 'chat-minimal');
  const announced = (lowest: number): string => {
    const bounds = { lowest, start: Math.max(lowest, 100), highest: 20_000 };
    const windowMs = (rate: number): number => Math.max(4000, 1_000_000 / rate);
    return announceCapacity(
      { durationMs: 4000, warmupMs: 500 },
      chat,
      { objectives, bounds, requests: 1000 },
      windowMs,
    );
  };
  // 24 windows of 4 + 0.5 + 1.2 s, or of 20 + 0.5 + 1.2 s; three times as many at most.
  assert.match(
    announced(50),
    /windows of 4 s, longer below 250 rps for 1000 requests; some 2 min .* when its 24 windows agree \(at 50 rps 9 min, 26 min at most\); 7 min at most, with those that are sent again/,
  );
  assert.match(announced(250), /some 2 min .* when its 24 windows agree; 7 min at most/);
});
