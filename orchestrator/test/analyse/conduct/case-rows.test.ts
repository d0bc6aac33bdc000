import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accusations } from '#src/analyse/conduct/accusations.js';
import { caseRows, type RowName, type SeenCase } from '#src/analyse/conduct/case-rows.js';
import type { Attempt, ConductRequest } from '#src/analyse/conduct/fate.js';
import { CONDUCT_CASES, type ConductCase } from '#src/plan/conduct-cases.js';
import { attempt, failed, PHASES, request } from './synthetic.js';

function caseOf(name: string): ConductCase {
  const found = CONDUCT_CASES.find((each) => each.name === name);
  assert.ok(found);
  return found;
}

type Exchange = (id: string, dueUs: number) => { asked: ConductRequest; seen: readonly Attempt[] };

const SERVED: Exchange = (id, dueUs) => ({ asked: request(id, dueUs), seen: [attempt(id, dueUs + 100)] });

/** A request every 50 ms for ten seconds: `during` while the fault lasts, `after` behind it. */
function play(name: string, during: Exchange, after: Exchange = SERVED, more: Partial<SeenCase> = {}) {
  const exchanges = Array.from({ length: 200 }, (_, i) => {
    const dueUs = i * 50_000;
    const how = dueUs < 2e6 ? SERVED : dueUs < 6e6 ? during : after;
    return how(`r${i}`, dueUs);
  });
  const requests = exchanges.map(({ asked }) => asked);
  const attempts = exchanges.flatMap(({ seen }) => seen);
  return caseRows(caseOf(name), { requests, attempts, overwritten: 0, phases: PHASES, patienceUs: 1e6, ...more });
}

function valueOf(result: ReturnType<typeof play>, row: RowName): unknown {
  const found = result.rows[row];
  assert.ok(found, `${row} is a row of ${result.case}`);
  return 'state' in found ? found.state : found.value;
}

const FAILS: Exchange = (id, dueUs) => ({
  asked: request(id, dueUs, { outcome: 'status', status: 503 }),
  seen: [failed(id, dueUs + 100)],
});

describe('an outage', () => {
  // Fails at once, and again 30 ms and then 60 ms after that; the third time elsewhere, and well.
  const retried: Exchange = (id, dueUs) => ({
    asked: request(id, dueUs, { endUs: dueUs + 95_000, lastByteUs: dueUs + 95_000 }),
    seen: [
      failed(id, dueUs, { endUs: dueUs }),
      failed(id, dueUs + 30_000, { endUs: dueUs + 30_000 }),
      attempt(id, dueUs + 90_000, { provider: 'b' }),
    ],
  });

  test('what was tried again is counted and timed', () => {
    const result = play('outage-503', retried);
    const expected: Partial<Record<RowName, unknown>> = {
      amplification: 3,
      mostAttempts: 3,
      retryGapUs: 30_000,
      leastRetryGapUs: 30_000,
      gapGrowth: 2,
      doubleWork: 0,
      servedShare: 1,
      servedAddedUs: 94_000,
      primaryTouchedShare: 1,
      probesPerSecond: 40,
      splitBefore: 1,
      goodputAfter: 1,
      usualUs: 1000,
    };
    for (const [row, value] of Object.entries(expected)) assert.equal(valueOf(result, row as RowName), value, row);
    assert.deepEqual(accusations(result), []);
  });

  test('failing over takes until the first of twenty that were served', () => {
    const result = play('outage-503', (id, dueUs) => (dueUs < 3e6 ? FAILS : SERVED)(id, dueUs));
    // The first faulty attempt comes at 2.0001 s, the end of the first served one at 3.001 s.
    assert.equal(valueOf(result, 'failoverUs'), 1_000_900);
  });

  test('every second one that is served is no failing over', () => {
    const half = play('outage-503', (id, dueUs) => ((dueUs / 50_000) % 2 === 0 ? FAILS : SERVED)(id, dueUs));
    assert.equal(valueOf(half, 'failoverUs'), 'beyond-phase');
  });

  test('what is never served is more than the phase was long, not none', () => {
    const row = play('outage-503', FAILS).rows.failoverUs;
    assert.ok(row !== undefined && 'state' in row);
    assert.deepEqual([row.state, row.value], ['beyond-phase', 6e6 - 2_000_100]);
  });

  test('a primary that is not asked again until the end is told so', () => {
    const elsewhere: Exchange = (id, dueUs) => ({
      asked: request(id, dueUs),
      seen: [attempt(id, dueUs, { provider: 'b' })],
    });
    assert.equal(valueOf(play('outage-503', elsewhere, elsewhere), 'returnUs'), 'beyond-phase');
    const late = play('outage-503', elsewhere, (id, dueUs) => (dueUs < 7e6 ? elsewhere : SERVED)(id, dueUs));
    assert.equal(valueOf(late, 'returnFirstUs'), 1_000_100);
    // Eighteen of twenty in a row: two from before the second are among them.
    assert.equal(valueOf(late, 'returnUs'), 900_000);
  });

  test('one that stays down is stuck', () => {
    const said = accusations(play('outage-503', FAILS, FAILS));
    assert.deepEqual(
      said.map(({ row }) => row),
      ['goodputAfter'],
    );
  });

  test('of refused connections no attempt is counted, and the rest is told all the same', () => {
    const result = play('outage-refused', (id, dueUs) => ({
      asked: request(id, dueUs),
      seen: [attempt(id, dueUs, { provider: 'b' })],
    }));
    for (const row of ['amplification', 'retryGapUs', 'primaryTouchedShare', 'probesPerSecond'] as const)
      assert.equal(valueOf(result, row), 'cannot-tell', row);
    assert.equal(valueOf(result, 'servedShare'), 1);
  });

  test('two whole answers for one request were paid twice', () => {
    const result = play('outage-503', (id, dueUs) => ({
      asked: request(id, dueUs),
      seen: [attempt(id, dueUs), attempt(id, dueUs + 10, { provider: 'b' })],
    }));
    assert.equal(valueOf(result, 'doubleWork'), 1);
    assert.deepEqual(
      accusations(result).map(({ row }) => row),
      ['doubleWork'],
    );
  });
});

describe('pauses', () => {
  const paused = (gapUs: (i: number) => number): Exchange => {
    let i = 0;
    return (id) => {
      // All of them fail within the same 100 ms.
      const at = 2.01e6;
      i += 1;
      return {
        asked: request(id, 2e6 + i, { outcome: 'status', status: 503 }),
        seen: [failed(id, at, { endUs: at }), failed(id, at + gapUs(i))],
      };
    };
  };

  test('that are all alike have no jitter', () => {
    assert.equal(
      valueOf(
        play(
          'everything-down',
          paused(() => 40_000),
        ),
        'jitter',
      ),
      0,
    );
  });

  test('vary by their standard deviation over their mean', () => {
    // Half of them 10 ms, half of them 30 ms: 10 over 20, and n − 1 of 80.
    const value = valueOf(
      play(
        'everything-down',
        paused((i) => (i % 2 === 0 ? 10_000 : 30_000)),
      ),
      'jitter',
    );
    assert.equal((value as number).toFixed(4), (0.5 * Math.sqrt(80 / 79)).toFixed(4));
  });

  test('shorter than the Retry-After accuse', () => {
    const limited: Exchange = (id, dueUs) => ({
      asked: request(id, dueUs, { outcome: 'status', status: 429 }),
      seen: [failed(id, dueUs, { endUs: dueUs, status: 429 }), failed(id, dueUs + 500_000, { status: 429 })],
    });
    const result = play('rate-limit', limited);
    assert.deepEqual([valueOf(result, 'retryAfterHonoured'), valueOf(result, 'backpressureShare')], [0, 1]);
    assert.deepEqual(
      accusations(result).map(({ row }) => row),
      ['retryAfterHonoured'],
    );
  });
});

test('another provider may be asked at once when one asks for a pause', () => {
  const limited = { status: 429 };
  const tried =
    (...others: readonly (readonly [string, number])[]): Exchange =>
    (id, dueUs) => ({
      asked: request(id, dueUs, { outcome: 'status', status: 429 }),
      seen: [
        failed(id, dueUs, { ...limited, endUs: dueUs }),
        ...others.map(([provider, afterUs]) => failed(id, dueUs + afterUs, { ...limited, provider })),
      ],
    });
  assert.equal(valueOf(play('rate-limit', tried(['b', 1000])), 'retryAfterHonoured'), 'nothing-seen');
  assert.equal(valueOf(play('rate-limit', tried(['b', 1000], ['a', 1_001_000])), 'retryAfterHonoured'), 1);
  assert.equal(valueOf(play('rate-limit', tried(['b', 1000], ['a', 500_000])), 'retryAfterHonoured'), 0);
});

describe('streams', () => {
  const cut =
    (more: Partial<ConductRequest>): Exchange =>
    (id, dueUs) => ({ asked: request(id, dueUs, more), seen: [attempt(id, dueUs, { end: 'fault', fault: 'cut' })] });

  for (const [row, how, more] of [
    ['cutForgedShare', 'a proper end', { outcome: 'content' }],
    ['cutForgedShare', 'an end that nobody can tell from a right one', {}],
    ['cutShortShare', 'no end of their own', { outcome: 'truncated' }],
    ['cutBrokenShare', 'a broken transport', { outcome: 'truncated', lastByteUs: null }],
    ['cutToldShare', 'an error event', { outcome: 'stream-error' }],
  ] as const) {
    test(`that were cut and have ${how}: ${row}`, () => assert.equal(valueOf(play('cut-streams', cut(more)), row), 1));
  }

  const stalled =
    (more: Partial<ConductRequest>): Exchange =>
    (id, dueUs) => ({
      asked: request(id, dueUs, { lastByteUs: null, ...more, endUs: dueUs + 1e6 }),
      seen: [attempt(id, dueUs, { end: 'aborted', fault: 'stall', lastByteUs: dueUs + 200_000 })],
    });

  test('that stall are ended after a while', () => {
    assert.equal(valueOf(play('stalled-streams', stalled({ outcome: 'truncated' })), 'stallBoundUs'), 800_000);
  });

  test('that are never ended are more than the client’s patience', () => {
    const result = play('stalled-streams', stalled({ outcome: 'timeout' }));
    assert.equal(valueOf(result, 'stallBoundUs'), 'beyond-phase');
    assert.deepEqual(
      accusations(result).map(({ row }) => row),
      ['stallBoundUs'],
    );
  });
});

describe('a client that left', () => {
  const leaves =
    (seen: (id: string, leftUs: number) => readonly Attempt[]): Exchange =>
    (id, dueUs) => ({
      asked: request(id, dueUs, { outcome: 'timeout', lastByteUs: null, status: 0, endUs: dueUs + 500_000 }),
      seen: seen(id, dueUs + 500_000),
    });

  test('is passed on to the provider', () => {
    const result = play(
      'client-leaves',
      leaves((id, leftUs) => [attempt(id, leftUs - 400_000, { end: 'aborted', endUs: leftUs + 700 })]),
    );
    assert.deepEqual([valueOf(result, 'abortPassedShare'), valueOf(result, 'abortPassedUs')], [1, 700]);
    assert.deepEqual(accusations(result), []);
  });

  test('or is not, and more is asked for it', () => {
    const result = play(
      'client-leaves',
      leaves((id, leftUs) => [
        failed(id, leftUs - 400_000, { endUs: leftUs + 100_000 }),
        attempt(id, leftUs + 150_000),
      ]),
    );
    assert.deepEqual([valueOf(result, 'abortPassedShare'), valueOf(result, 'attemptsAfterLeft')], [0, 1]);
    assert.deepEqual(
      accusations(result).map(({ row }) => row),
      ['abortPassedShare', 'attemptsAfterLeft'],
    );
  });
});

test('what must not be tried again accuses when it is', () => {
  const again: Exchange = (id, dueUs) => ({
    asked: request(id, dueUs, { outcome: 'status', status: 400 }),
    seen: [failed(id, dueUs, { status: 400 }), failed(id, dueUs + 1000, { status: 400, provider: 'b' })],
  });
  const result = play('bad-request', again);
  assert.deepEqual([valueOf(result, 'mustNotRetry'), valueOf(result, 'mustNotRetryFallback')], [2, 1]);
  assert.equal(valueOf(result, 'statusKeptShare'), 1);
  assert.deepEqual(
    accusations(result).map(({ row }) => row),
    ['mustNotRetry'],
  );
});

test('what a filter stopped is not to be asked for again, though it is an answer of 200', () => {
  const filtered: Partial<Attempt> = { fault: 'content-filter' };
  const again = play('content-filter', (id, dueUs) => ({
    asked: request(id, dueUs),
    seen: [attempt(id, dueUs, filtered), attempt(id, dueUs + 1000, { ...filtered, provider: 'b' })],
  }));
  assert.deepEqual([valueOf(again, 'mustNotRetry'), valueOf(again, 'mustNotRetryFallback')], [2, 1]);
  const once = play('content-filter', (id, dueUs) => ({
    asked: request(id, dueUs),
    seen: [attempt(id, dueUs, filtered)],
  }));
  assert.equal(valueOf(once, 'mustNotRetry'), 1);
});

test('a stream that lacks its [DONE] and gets one is not accused of it; one that ended with an error is', () => {
  const ended = (name: string, fault: string) =>
    play(name, (id, dueUs) => ({ asked: request(id, dueUs), seen: [attempt(id, dueUs, { end: 'fault', fault })] }));
  assert.equal(valueOf(ended('no-done', 'no-done'), 'cutForgedShare'), 1);
  assert.deepEqual(accusations(ended('no-done', 'no-done')), []);
  assert.deepEqual(
    accusations(ended('error-frame', 'error-frame')).map(({ row }) => row),
    ['cutForgedShare'],
  );
});

test('the primary’s share behind the fault is that of the last third, in which there was time to come back', () => {
  const elsewhere: Exchange = (id, dueUs) => ({
    asked: request(id, dueUs),
    seen: [attempt(id, dueUs, { provider: 'b' })],
  });
  const back = play('outage-503', elsewhere, (id, dueUs) => (dueUs < 8.6e6 ? elsewhere : SERVED)(id, dueUs));
  assert.deepEqual([valueOf(back, 'splitBefore'), valueOf(back, 'splitAfter')], [1, 1]);
});

test('what cannot be told is counted', () => {
  const { requests } = play('outage-503', (id, dueUs) => ({ asked: request(id, dueUs), seen: [] }));
  assert.deepEqual(requests, { known: 120, unknown: 80, strangeAttempts: 0 });
});
