import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busyText } from '#src/measure/busy.js';

test('how busy the machine is already is said in CPUs', () => {
  assert.equal(busyText(0.95, 2), 'the machine is busy already: others use 1.9 of its 2 CPUs');
});
