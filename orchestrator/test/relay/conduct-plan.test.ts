import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BenchError } from '#src/errors.js';
import { asksForConduct, readConductPlan } from '#src/relay/conduct-plan.js';

const TWO = ['--providers', 'http://127.0.0.1:9999,http://127.0.0.1:9998'];

test('a policy is read whole', () => {
  const words =
    '--attempts 3 --gap 50ms --growth 2 --jitter 50% --honour-retry-after --breaker 5,2s --idle 1s --port 9';
  assert.deepEqual(readConductPlan([...TWO, ...words.split(' '), '--retry-everything', '--forge-endings']), {
    port: 9,
    host: '127.0.0.1',
    providers: [
      { host: '127.0.0.1', port: 9999 },
      { host: '127.0.0.1', port: 9998 },
    ],
    attempts: 3,
    gapUs: 50_000,
    growth: 2,
    jitter: 0.5,
    honourRetryAfter: true,
    breaker: { failures: 5, openUs: 2_000_000 },
    idleUs: 1_000_000,
    retryEverything: true,
    forgeEndings: true,
    ignoreAborts: false,
    weights: null,
    aside: null,
    errors: 'kept',
    miscount: false,
    leakBytes: 0,
    loseWorkerAt: 0,
    seed: 1,
  });
});

test('--providers asks for it', () => {
  assert.deepEqual([['--providers=http://a'], TWO, ['--upstream', 'http://a']].map(asksForConduct), [
    true,
    true,
    false,
  ]);
});

for (const [words, message] of [
  [['--attempts', '0'], '--attempts "0" cannot be used.'],
  [['--jitter', '2'], '--jitter "2" is no share.'],
  [['--errors', 'gone'], '--errors "gone" cannot be used.'],
  [['--weights', '7'], '--weights "7" cannot be used.'],
  [['--weights', '0,0'], '--weights "0,0" cannot be used.'],
  [['--breaker', '5'], '--breaker "5" cannot be used.'],
  [['--delay', '1ms'], "With --providers: Unknown option '--delay'."],
  [['--providers', 'a'], '--providers "a" cannot be used.'],
] as const) {
  test(`${words.join(' ')} is refused`, () => {
    assert.throws(
      () => readConductPlan([...TWO, ...words]),
      (thrown) => thrown instanceof BenchError && thrown.message === message && thrown.hint !== undefined,
    );
  });
}
