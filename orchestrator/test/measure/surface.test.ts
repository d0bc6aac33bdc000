import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '#src/catalogue/service.js';
import { overLimits, withLimitsInForce } from '#src/measure/surface.js';
import type { Candidate, Contestant } from '#src/measure/targets.js';
import { FakeRuntime, fakeService } from '../support/fake-runtime.js';

const runtime = new FakeRuntime();
const candidate = (name: string, change: Partial<Service> = {}, kind: 'gateway' | 'direct' = 'gateway'): Candidate => ({
  target: { name, kind, service: { ...fakeService(name), ...change }, runtime },
  named: true,
});
const MIB = 2 ** 20;
const at = { cpus: 0.5, memoryBytes: 256 * MIB, workers: null };

test('every gateway is a target of its own at each of the limits, direct is once', () => {
  const all = overLimits([candidate('direct', {}, 'direct'), candidate('gw')], [at, { ...at, cpus: 2 }]);
  assert.deepEqual(
    all.map(({ target: { name, service } }) => [name, service.name, service.cpus, service.memoryBytes]),
    [
      ['direct', 'direct', fakeService('direct').cpus, fakeService('direct').memoryBytes],
      ['gw:0.5cpu-256m', 'gw', 0.5, 256 * MIB],
      ['gw:2cpu-256m', 'gw', 2, 256 * MIB],
    ],
  );
  assert.deepEqual(all[1]?.place, { of: 'gw', ...at });
});

test('workers go where its entry says, and are counted where they are processes', () => {
  const workers = { command: ['--workers', '{workers}'], environment: { N: '{workers}' }, match: 'worker' };
  const [one, two] = overLimits(
    [candidate('gw', { workers, command: ['serve'] })],
    [1, 2].map((count) => ({ cpus: null, memoryBytes: null, workers: count })),
  );
  assert.deepEqual(two?.target.service.command, ['serve', '--workers', '2']);
  assert.equal(two?.target.service.environment['N'], '2');
  assert.deepEqual(two?.target.service.attest, { by: 'processes', match: 'worker', count: 2 });
  assert.equal(one?.target.service.attest, undefined);
});

test('a gateway whose workers cannot be set does not offer it, in the words of its entry', () => {
  const [plain] = overLimits([candidate('gw', { lacks: { workers: 'it is one' } })], [{ ...at, workers: 2 }]);
  assert.deepEqual([plain?.notOffered?.code, plain?.named], ['not-offered', false]);
  assert.match(plain?.notOffered?.message ?? '', /cannot be set: it is one/);
});

test('a point whose limits are not in force is absent; one that sets none is not', () => {
  const left = (limit: 'cpus' | 'memory' | 'swap'): Contestant['availability'] => ({
    state: 'available',
    version: null,
    digest: null,
    limitsEnforced: false,
    limitsLeftOut: [{ limit, said: 'NoLimit' }],
  });
  const stateOf = (limits: typeof at, availability: Contestant['availability']) => {
    const [placed] = overLimits([candidate('gw')], [limits]);
    const [judged] = withLimitsInForce([{ ...(placed as Candidate), availability }]);
    return judged?.availability;
  };
  const absent = stateOf(at, left('cpus'));
  assert.ok(absent?.state === 'absent');
  assert.equal(absent.reason.message, 'limits of CPUs cannot be enforced here, so that this point would be another');
  assert.equal(stateOf(at, left('swap'))?.state, 'available');
  const nothing = { state: 'available', version: null, digest: null, limitsEnforced: false } as const;
  assert.equal(stateOf(at, nothing)?.state, 'absent');
});
