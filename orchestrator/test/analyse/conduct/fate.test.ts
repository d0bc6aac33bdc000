import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinFates, wholeCourses } from '#src/analyse/conduct/fate.js';
import { attempt, failed, PHASES, request } from './synthetic.js';

test('attempts are put in order, and the phase is that of the first', () => {
  const { known } = joinFates([request('x', 2.1e6)], [attempt('x', 2.3e6), failed('x', 2.2e6)], PHASES, 0);
  assert.deepEqual(
    known.map(({ attempts, phase }) => [phase, attempts.map(({ arrivedUs }) => arrivedUs)]),
    [['fault', [2.2e6, 2.3e6]]],
  );
});

test('the phase that was played counts, not the one that was to be; without an attempt the clock does', () => {
  const late = joinFates([request('x', 2.01e6)], [attempt('x', 2.01e6, { phase: 'before' })], PHASES, 0);
  assert.equal(late.known[0]?.phase, 'before');
  const refused = joinFates([request('x', 2.01e6, { outcome: 'connect', status: 0 })], [], PHASES, 0);
  assert.equal(refused.known[0]?.phase, 'fault');
});

test('a right answer that no provider gave has lost its id: unknown, and its attempt strange', () => {
  const { known, unknown, strange } = joinFates([request('x', 1)], [attempt('y', 2)], PHASES, 0);
  assert.deepEqual([known.length, unknown, strange], [0, 1, 1]);
});

test('a request that failed without an attempt was refused by the gateway itself', () => {
  const { known, unknown } = joinFates([request('x', 1, { outcome: 'status', status: 503 })], [], PHASES, 0);
  assert.deepEqual([known.length, unknown], [1, 0]);
});

test('of a ledger that had to forget, what was due before its oldest record is unknown', () => {
  const requests = [request('early', 10), request('late', 30, { outcome: 'status', status: 503 })];
  const attempts = [attempt('early', 20), failed('late', 40)];
  const { known, unknown } = joinFates(requests, attempts, PHASES, 1);
  assert.deepEqual([known.map(({ request: { id } }) => id), unknown], [['late'], 1]);
});

test('every request is either known or unknown, and every attempt belongs to one or is strange', () => {
  const id = fc.integer({ min: 0, max: 20 }).map(String);
  const requests = fc.uniqueArray(
    fc.record({ id, dueUs: fc.integer({ min: 0, max: 12e6 }), outcome: fc.constantFrom('ok', 'status', 'timeout') }),
    { selector: (row) => row.id },
  );
  const attempts = fc.array(fc.record({ id, arrivedUs: fc.integer({ min: 0, max: 12e6 }) }));
  fc.assert(
    fc.property(requests, attempts, fc.nat(1), (asked, seen, overwritten) => {
      const rows = asked.map((row) => request(row.id, row.dueUs, row));
      const held = seen.map((each) => attempt(each.id, each.arrivedUs));
      const { known, unknown, strange } = joinFates(rows, held, PHASES, overwritten);
      assert.equal(known.length + unknown, rows.length);
      assert.equal(strange, held.filter((each) => rows.every((row) => row.id !== each.id)).length);
    }),
  );
});

test('requests whose retries may outlast the fault are left out by when they began', () => {
  const requests = ['early', 'late', 'last'].map((id, i) => request(id, 3e6 + i * 1.4e6));
  const attempts = [
    failed('early', 3e6),
    failed('early', 3.5e6),
    failed('late', 4.4e6),
    // Served at once, and left out all the same: it began within half a second of the end.
    attempt('last', 5.8e6),
  ];
  const { known } = joinFates(requests, attempts, PHASES, 0);
  const [, fault] = PHASES;
  assert.ok(fault !== undefined);
  assert.deepEqual(
    wholeCourses(known, fault).map(({ request: { id } }) => id),
    ['early', 'late'],
  );
});
