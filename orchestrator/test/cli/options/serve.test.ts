import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServe } from '#src/cli/options/serve.js';

test('a port of its own, any that is free, or nobody looks on', () => {
  assert.equal(readServe({}), null);
  assert.equal(readServe({ serve: true }), 0);
  assert.equal(readServe({ serve: true, 'serve-port': '8765' }), 8765);
  assert.equal(readServe({ serve: true, 'dry-run': true }), 0, 'the plan of such a run can be asked for');
});

test('what would say nothing is refused, with what to do', () => {
  assert.throws(() => readServe({ 'serve-port': '8765' }), /--serve-port says nothing without --serve/);
  assert.throws(() => readServe({ serve: true, 'serve-port': '70000' }), /serve-port/);
  assert.throws(() => readServe({ serve: true, 'chart-only': true }), /--chart-only cannot go with --serve/);
});
