import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Service } from '#src/catalogue/service.js';
import { scaled } from '#src/measure/replicas.js';

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

  it('are what they were where nothing is asked for', () => {
    const all = [of('crabllm')];
    assert.deepEqual(scaled(all, {}), all);
  });
});
