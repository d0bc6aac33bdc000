import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { withinLimit } from '#src/load/native/plan-lanes.js';
import { checkNeeds, needsOf } from '#src/measure/needs.js';
import type { Level } from '#src/record/cell.js';

const scenario = SCENARIOS[0] ?? assert.fail();
const LIMITS = { descriptors: 1_048_576, ports: 28_232, reusesPorts: true };
const NATIVE = { driver: 'native', connectionEach: false, sides: 1 } as const;

const plan = (...levels: Level[]) => ({ scenarios: [{ scenario, levels }] });
const rps = (value: number): Level => ({ kind: 'rps', value });

describe('what a plan needs', () => {
  it('is that of its most demanding level', () => {
    const needs = needsOf(plan(rps(100), rps(1000)), NATIVE, LIMITS);
    assert.deepEqual(
      [needs.level.value, needs.connections, needs.driverDescriptors, needs.gatewayDescriptors, needs.ports],
      [1000, 56, 206, 176, 56],
    );
    assert.equal(needsOf(plan({ kind: 'streams', value: 300 }), NATIVE, LIMITS).connections, 300);
    assert.equal(needsOf(plan(rps(1000)), { ...NATIVE, driver: 'oha' }, LIMITS).connections, 64);
  });

  it('holds the ports of connections that were just closed', () => {
    const each = { ...NATIVE, connectionEach: true, sides: 1 };
    assert.equal(needsOf(plan(rps(1000)), each, LIMITS).ports, 1056);
    assert.equal(needsOf(plan(rps(1000)), each, { ...LIMITS, reusesPorts: false }).ports, 60_056);
  });
});

describe('held against what there is', () => {
  const check = (
    level: Level,
    limits: Partial<typeof LIMITS>,
    made = { ...NATIVE, connectionEach: false, sides: 1 },
  ) => {
    const all = { ...LIMITS, ...limits };
    return checkNeeds(needsOf(plan(level), made, all), all);
  };

  it('is enough, or is told where it may become tight', () => {
    assert.deepEqual(check(rps(1000), {}), []);
    assert.deepEqual(check(rps(100), { descriptors: 256 }), [
      'file descriptors are few (ulimit -n 256): a target that stalls is met with fewer connections; 4096 are enough',
    ]);
    assert.match(check({ kind: 'streams', value: 100 }, { descriptors: 256 })[0] ?? '', /a gateway may need 264, and /);
  });

  it('is refused with what helps before a second is spent', () => {
    assert.throws(() => check({ kind: 'streams', value: 300 }, { descriptors: 256 }), {
      code: 'too-few-descriptors',
      exitCode: 4,
      message:
        '300 in flight takes at least 300 connections, for which the load needs 450 file descriptors; it may have 256.',
    });
    assert.throws(() => check({ kind: 'streams', value: 300 }, { ports: 100 }), { code: 'too-few-ports', exitCode: 4 });
  });
});

it('opens no more connections than there are descriptors for', () => {
  assert.equal(withinLimit({}, null).maxConnections, 8192);
  assert.equal(withinLimit({}, 1_048_576).maxConnections, 8192);
  assert.equal(withinLimit({ maxConnections: 50 }, 256).maxConnections, 50);
  assert.equal(withinLimit({}, 256).maxConnections, 106);
});
