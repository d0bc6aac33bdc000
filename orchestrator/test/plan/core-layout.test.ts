import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { coreCount, type CpuTopology, LEAST_CORES, layOutCores, sharedCores } from '#src/plan/core-layout.js';
import { formatCpuList } from '#src/record/cpu-list.js';
import { recordedTopology } from '../support/recorded-topology.js';

const WANTED = { mock: 2, target: 2, driver: 2 };

function layoutOf(name: string, wanted = WANTED): Record<string, string> | null {
  const layout = layOutCores(recordedTopology(name), wanted);
  return layout === null
    ? null
    : Object.fromEntries(Object.entries(layout).map(([role, cpus]) => [role, formatCpuList(cpus)]));
}

describe('a layout of recorded machines', () => {
  test('two cores: none', () => assert.equal(layoutOf('two-cores'), null));
  test('four hardware threads of two cores: none', () => assert.equal(layoutOf('two-cores-smt'), null));
  test('four cores: one each, the first for everything else', () =>
    assert.deepEqual(layoutOf('four-cores'), { mock: '1', target: '2', driver: '3', rest: '0' }));
  test('four cores of two hardware threads: these stay together', () =>
    assert.deepEqual(layoutOf('four-cores-smt'), { mock: '1,5', target: '2,6', driver: '3,7', rest: '0,4' }));
  test('eight cores: as many as each has a use for', () => {
    assert.deepEqual(layoutOf('eight-cores'), { mock: '1-2', target: '3-4', driver: '5-6', rest: '0,7' });
    assert.deepEqual(layoutOf('eight-cores', { ...WANTED, target: 4 }), {
      mock: '1-2',
      target: '3-5',
      driver: '6-7',
      rest: '0',
    });
  });
  test('two sockets: what measures is on one node, everything else on the other', () =>
    assert.deepEqual(layoutOf('two-sockets-smt'), {
      mock: '0,8',
      target: '1-2,9-10',
      driver: '3,11',
      rest: '4-7,12-15',
    }));
  test('nodes of two cores: over the border, a core each', () =>
    assert.deepEqual(layoutOf('two-sockets-of-two'), { mock: '1', target: '2', driver: '3', rest: '0' }));
  test('cores that are offline are none', () => assert.equal(layoutOf('offline'), null));
  test('only what may be used is: the node with more of it', () =>
    assert.deepEqual(layoutOf('restricted'), { mock: '4,12', target: '5-6,13', driver: '7', rest: '2' }));
  test('performance cores measure, efficiency cores do the rest', () => {
    assert.deepEqual(layoutOf('hybrid'), { mock: '0-1', target: '2-5', driver: '6-7', rest: '8-11' });
  });
  test('two fast cores are too few: three that are alike measure', () =>
    assert.deepEqual(layoutOf('big-little'), { mock: '0', target: '1-2', driver: '3', rest: '4-5' }));
});

/** Any machine: some cores of one to four threads, on some nodes, of two speeds. */
const machines = fc
  .array(
    fc.record({ threads: fc.integer({ min: 1, max: 4 }), node: fc.nat(3), capacity: fc.constantFrom(512, 1024) }),
    {
      maxLength: 24,
    },
  )
  .map((cores): CpuTopology => {
    let next = 0;
    return {
      cpus: cores.flatMap(({ threads, node, capacity }, core) =>
        Array.from({ length: threads }, () => ({ id: next++, core, node, capacity })),
      ),
    };
  });

describe('a layout of any machine', () => {
  test('gives everybody cores, none to two, and leaves none over', () => {
    const wanted = fc.record({
      mock: fc.integer({ min: 1, max: 4 }),
      target: fc.integer({ min: 1, max: 64 }),
      driver: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(machines, wanted, (machine, each) => {
        const layout = layOutCores(machine, each);
        assert.equal(layout === null, coreCount(machine) < LEAST_CORES);
        if (layout === null) return;
        const all = Object.values(layout);
        assert.ok(all.every((cpus) => cpus.length > 0));
        assert.deepEqual(
          all.flat().sort((a, b) => a - b),
          machine.cpus.map(({ id }) => id),
        );
        assert.deepEqual(sharedCores(machine, layout), []);
      }),
    );
  });
});

test('a core that two roles were given by hand is named', () => {
  const lists = { mock: [1], target: [5], driver: [2, 6], rest: [2] };
  assert.deepEqual(sharedCores(recordedTopology('four-cores-smt'), lists), [
    { cpus: [1, 5], roles: ['mock', 'target'] },
    { cpus: [2, 6], roles: ['driver', 'rest'] },
  ]);
  assert.deepEqual(sharedCores(recordedTopology('two-cores'), { target: [1], driver: [1] }), [], 'is plain to see');
});
