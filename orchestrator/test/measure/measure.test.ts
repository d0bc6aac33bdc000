import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '#src/measure/measure.js';
import { BenchError } from '#src/errors.js';

const interrupted = new BenchError({ code: 'interrupted', message: 'Interrupted by SIGINT.' });

test('whatever is thrown behind an interruption is the interruption', () => {
  const aborted = AbortSignal.abort(interrupted);
  assert.equal(failureOf(new DOMException('aborted', 'AbortError'), aborted), interrupted);
  const full = new BenchError({ code: 'disk-full', message: 'no space left' });
  assert.equal(failureOf(full, aborted), full, 'what says more is kept');
});

test('what is thrown without one is a fault of this program, unless it is a BenchError', () => {
  const { signal } = new AbortController();
  const fault = new TypeError('undefined is not a function');
  assert.throws(
    () => failureOf(fault, signal),
    (thrown) => thrown === fault,
  );
  const gone = new BenchError({ code: 'engine-gone', message: 'the engine stopped' });
  assert.equal(failureOf(gone, signal), gone);
});
