import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conductSeries } from '#src/analyse/conduct/series.js';
import { attempt, failed, PHASES, request } from './synthetic.js';

test('requests by when they were due, attempts by when they came, each once', () => {
  const requests = [
    request('x', 1e6),
    request('y', 1.1e6, { endUs: 1.1e6 + 3000 }),
    request('z', 1.3e6, { outcome: 'status', status: 503 }),
    ...Array.from({ length: 18 }, (_, i) =>
      request(`${i}`, i < 10 ? 1.05e6 : 1.3e6, { endUs: i < 10 ? 1.052e6 : 1.301e6 }),
    ),
  ];
  const attempts = [failed('x', 1.01e6), attempt('x', 1.26e6, { provider: 'b' }), failed('z', 1.31e6)];
  const { steps, fault } = conductSeries(requests, attempts, PHASES, ['a', 'b']);
  assert.deepEqual(steps, [
    { fromS: 0, asked: 12, served: 12, attempts: { a: 1, b: 0 }, latencyUs: 2000 },
    { fromS: 0.25, asked: 9, served: 8, attempts: { a: 1, b: 1 }, latencyUs: 1000 },
  ]);
  assert.deepEqual(fault, { fromS: 1, untilS: 5 });
});

test('a slow load is looked at by seconds, in each of which as many are due', () => {
  const requests = Array.from({ length: 30 }, (_, i) =>
    request(`${i}`, 1e6 + i * 1e5, i < 20 ? {} : { outcome: 'timeout' }),
  );
  const { stepS, steps } = conductSeries(requests, [], PHASES, ['a']);
  assert.deepEqual(
    [stepS, steps.map(({ asked, served }) => [asked, served])],
    [
      1,
      [
        [10, 10],
        [10, 10],
        [10, 0],
      ],
    ],
  );
});

test('of nothing there is no step', () => {
  assert.deepEqual(conductSeries([], [], PHASES, ['a']).steps, []);
});
