import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import type { Service } from '#src/catalogue/service.js';
import { scaled } from '#src/measure/replicas.js';
import { targetRecord } from '#src/measure/targets.js';
import { ExternalRuntime } from '#src/runtime/external/external-runtime.js';

const catalogue = readCatalogue([fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url))]);
const of = (name: string): Service => ({ name, cpus: 2 }) as Service;

describe('gateways of several replicas', () => {
  it('are a target for each number, with the CPUs that were asked for', () => {
    const names = scaled([of('crabllm'), of('litellm+auth')], { replicas: [1, 3], gatewayCpus: 0.2 });
    assert.deepEqual(
      names.map(({ name, replicas, cpus }) => [name, replicas, cpus]),
      [
        ['crabllm:x1', 1, 0.2],
        ['crabllm:x3', 3, 0.2],
        ['litellm+auth:x1', 1, 0.2],
        ['litellm+auth:x3', 3, 0.2],
      ],
    );
  });

  it('may use together what each may: as much is recorded, because what they use is added up', () => {
    const [service] = scaled([catalogue.gateways.find(({ name }) => name === 'crabllm') ?? assert.fail()], {
      replicas: [3],
      gatewayCpus: 0.2,
    });
    assert.ok(service !== undefined);
    const target = { name: service.name, kind: 'gateway', service, runtime: new ExternalRuntime(new Map()) } as const;
    const availability = { state: 'available', version: null, digest: null, limitsEnforced: true } as const;
    const { limits } = targetRecord({ target, availability, named: true });
    assert.deepEqual(limits, { cpus: 0.6, memoryBytes: 3 * 512 * 2 ** 20, enforced: true });
  });

  it('are what they were where nothing is asked for', () => {
    const all = [of('crabllm')];
    assert.deepEqual(scaled(all, {}), all);
  });
});
