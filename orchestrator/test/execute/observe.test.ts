import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import type { Tenant } from '#src/execute/house.js';
import { observeSides, type Side } from '#src/execute/observe.js';
import type { RunningService, SampleDepth } from '#src/runtime/runtime.js';
import { FakeDriver, FakeRuntime } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';

const scenario = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
/** Nothing listens there, as with the mock of somebody else that cannot be asked. */
const NOBODY = 'http://127.0.0.1:1';
const WHOLE = { atMs: 0, cpuUs: 0, memoryBytes: 1, memoryPeakBytes: null, throttledMs: null };

function tenantOf(name: string, sample: RunningService['sample'], helpers: readonly RunningService[] = []): Tenant {
  return {
    url: NOBODY,
    headers: {},
    readyMs: 0,
    mockUrl: null,
    modelPrefix: '',
    running: serviceOf(name, sample),
    helpers,
    ended: () => null,
    isAlone: () => true,
  };
}

function serviceOf(name: string, sample: RunningService['sample']): RunningService {
  return {
    name,
    url: NOBODY,
    exited: new Promise(() => {}),
    sample,
    logs: async () => '',
    stop: async () => {},
  };
}

function sideOf(tenant: Tenant): Side {
  return {
    tenant,
    attested: { state: 'passed', latencyMs: 1, expected: [], notes: [] },
    id: { block: 1, target: tenant.running.name, replica: 1, scenario, level: { kind: 'rps', value: 100 } },
  };
}

test('a first sample that throws leaves nothing of the other side, of a helper or of the host watched', async () => {
  class OfThisHost extends FakeRuntime {
    override readonly sharesHost = true as unknown as false;
  }
  const driver = new FakeDriver();
  const stage = fakeStage(new OfThisHost(), driver);
  const depths: SampleDepth[] = [];
  const late = async (depth: SampleDepth) => {
    // Behind the moment when the other one has failed.
    await new Promise((resolve) => setImmediate(resolve));
    depths.push(depth);
    return WHOLE;
  };
  const broken = tenantOf('broken', async () => Promise.reject(new Error('no sample to be had')));
  const good = tenantOf('good', late, [serviceOf('its-cache', late)]);
  const times = { numbered: true, warmupMs: 0, measureMs: 10, seed: 1, leftOver: null };
  const mock = tenantOf('mock', async () => WHOLE);
  await assert.rejects(observeSides(stage, mock, [sideOf(broken), sideOf(good)], times), /no sample to be had/);
  assert.deepEqual(driver.loads, []);
  assert.deepEqual(depths, ['whole', 'whole'], 'both are read once, and nothing more');
  const taken = depths.length;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(depths.length, taken);
  assert.equal(process.getActiveResourcesInfo().includes('Timeout'), false);
});
