import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLoad, encodeLoad } from '#src/agent/wire-load.js';
import { wireLoadSchema } from '#src/agent/wire.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { tableOf } from '#src/execute/request-table.js';
import type { TrialLoad } from '#src/load/driver.js';
import { openLaneMemory } from '#src/load/native/lane-memory.js';
import { planLanes } from '#src/load/native/plan-lanes.js';

const target = { url: 'http://127.0.0.1:1', modelPrefix: '', headers: {} };

function loadOf(name: string): TrialLoad {
  const scenario = SCENARIOS.find((one) => one.name === name) ?? assert.fail(name);
  return {
    url: target.url + scenario.path,
    headers: {},
    body: scenarioBody(scenario, target),
    streaming: scenario.streaming,
    ...tableOf(scenario, target, []),
    level: { kind: 'rps', value: 100 },
    warmupMs: 1000,
    measureMs: 20_000,
    timeoutMs: 5000,
    expectedLatencyMs: 5,
    seed: 4,
  };
}

function dueOf(name: string, kind: number): number[] {
  const [lane = assert.fail()] = planLanes({}, loadOf(name));
  const { columns } = openLaneMemory(lane.task.buffers);
  return [...columns.intendedUs].filter((_at, row) => columns.kind[row] === kind);
}

test('the chats of others are due at the same moments with a neighbour and without', () => {
  const alone = dueOf('neighbour-none', 0);
  for (const name of ['neighbour-contexts', 'neighbour-streams']) assert.deepEqual(dueOf(name, 0), alone);
});

test('a neighbour comes at random, at a rate of his own, in the order of time among the others', () => {
  const contexts = dueOf('neighbour-contexts', 1);
  assert.ok(Math.abs(contexts.length - 210) < 50, `${contexts.length}`);
  assert.ok(new Set(contexts.map((at, i) => Math.round(at - (contexts[i - 1] ?? 0)))).size > 50);
  const [lane = assert.fail()] = planLanes({}, loadOf('neighbour-contexts'));
  const { columns } = openLaneMemory(lane.task.buffers);
  assert.ok(columns.intendedUs.every((at, row) => at >= (columns.intendedUs[row - 1] ?? 0)));
});

test('rates go to agents and back as they are', () => {
  const load = loadOf('neighbour-streams');
  assert.deepEqual(decodeLoad(wireLoadSchema.parse(JSON.parse(JSON.stringify(encodeLoad(load))))), load);
});
