import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTopology } from '#src/resources/cpu-topology.js';
import { recordedTopology } from '../support/recorded-topology.js';

test('a CPU has its core, its node and its speed', () => {
  assert.deepEqual(recordedTopology('two-sockets-smt').cpus[12], { id: 12, core: 4, node: 1, capacity: 1024 });
  assert.deepEqual(recordedTopology('hybrid').cpus.slice(7, 9), [
    { id: 7, core: 6, node: 0, capacity: 1024 },
    { id: 8, core: 8, node: 0, capacity: 512 },
  ]);
  assert.deepEqual(recordedTopology('big-little').cpus[3], { id: 3, core: 3, node: 0, capacity: 446 });
});

test('an older kernel names the threads of a core otherwise', () => {
  assert.deepEqual(
    recordedTopology('two-cores-smt').cpus.map(({ core }) => core),
    [0, 1, 0, 1],
  );
});

test('what is offline or not allowed is not there', () => {
  assert.deepEqual(
    recordedTopology('offline').cpus.map(({ id }) => id),
    [0, 1, 2, 5, 6],
  );
  assert.deepEqual(
    recordedTopology('restricted').cpus.map(({ id }) => id),
    [2, 4, 5, 6, 7, 12, 13],
  );
});

test('a system without these files tells nothing', () => {
  assert.equal(
    readTopology(() => null),
    null,
  );
});

test('this machine is one core at least, where it is Linux', { skip: process.platform !== 'linux' }, () => {
  assert.ok((readTopology()?.cpus.length ?? 0) > 0);
});
