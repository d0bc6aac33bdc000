import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conductSeries } from '#src/analyse/conduct/series.js';
import { attempt, failed, PHASES, request } from './synthetic.js';

test('requests by when they were due, attempts by when they came, each once', () => {
  const requests = [
    request('x', 1e6),
    request('y', 1.1e6, { endUs: 1.1e6 + 3000 }),
    request('z', 1.3e6, { outcome: 'status', status: 503 }),
  ];
  const attempts = [failed('x', 1.01e6), attempt('x', 1.26e6, { provider: 'b' }), failed('z', 1.31e6)];
  const { steps, fault } = conductSeries(requests, attempts, PHASES, ['a', 'b']);
  assert.deepEqual(steps, [
    { fromS: 0, asked: 2, served: 2, attempts: { a: 1, b: 0 }, latencyUs: 2000 },
    { fromS: 0.25, asked: 1, served: 0, attempts: { a: 1, b: 1 }, latencyUs: null },
  ]);
  assert.deepEqual(fault, { fromS: 1, untilS: 5 });
});

test('of nothing there is no step', () => {
  assert.deepEqual(conductSeries([], [], PHASES, ['a']).steps, []);
});
