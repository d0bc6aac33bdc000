import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringify } from 'yaml';
import { agentPod } from '#src/runtime/kubernetes/agent-pod.js';
import type { MountedFile } from '#src/runtime/kubernetes/mounted-files.js';
import { serviceObjects } from '#src/runtime/kubernetes/pod-spec.js';
import { objectName } from '#src/runtime/kubernetes/run-place.js';
import { watchBeside } from '#src/runtime/kubernetes/watch-container.js';
import { assertGolden } from '../../golden.js';
import { MANNER, PLACE, serviceOf } from './support.js';

const FILES: readonly MountedFile[] = [
  { containerPath: '/app/config/crabllm.toml', content: Buffer.from('listen = "0.0.0.0:6666"\n'), isPrivate: false },
  { containerPath: '/app/key', content: Buffer.from('key'), isPrivate: true },
];

describe('a service as objects of a cluster', () => {
  it('is a Pod with its files, held to its limits, without probes', () => {
    assertGolden(
      'kubernetes/gateway.yaml',
      stringify(serviceObjects(serviceOf(), 'bench-crabllm-1', MANNER, PLACE, FILES)),
    );
  });

  it('is on its node’s network, without a quota, as the user of its image, where asked', () => {
    const manner = {
      ...MANNER,
      network: 'host',
      cpuLimit: false,
      security: 'baseline',
      imageRegistry: 'registry.example/b',
    } as const;
    const service = serviceOf({
      name: 'portkey',
      image: 'crabllm-bench-portkey:1.15.2',
      command: null,
      cpus: 0.5,
      port: 8787,
    });
    assertGolden(
      'kubernetes/gateway-on-host.yaml',
      stringify(serviceObjects(service, 'bench-portkey-2', manner, PLACE, [])),
    );
  });

  it('has a container beside it that may look at its processes, of the class Guaranteed where the node has room', () => {
    const watch = watchBeside({ cpus: 2, port: 6666 }, 'crabllm-bench:0.1.0', 7, 4);
    assert.deepEqual(watch, { image: 'crabllm-bench:0.1.0', port: 29_007, requestsCpu: true });
    assertGolden(
      'kubernetes/gateway-watched.yaml',
      stringify(serviceObjects(serviceOf(), 'bench-crabllm-1', MANNER, PLACE, [], watch).pod),
    );
    assert.equal(watchBeside({ cpus: 2, port: 6666 }, 'x', 0, 2).requestsCpu, false);
    assert.equal(watchBeside({ cpus: 2, port: 6666 }, 'x', 0, null).requestsCpu, false);
    assert.equal(watchBeside({ cpus: 2, port: 29_003 }, 'x', 503, 4).port, 29_503);
  });

  it('has a Service before it where asked, and the mock its token', () => {
    const mock = serviceOf({
      name: 'mock',
      role: 'mock',
      image: 'crabllm-bench:0.1.0',
      command: ['mock'],
      port: 9999,
      user: '7:8',
    });
    const objects = serviceObjects(mock, 'bench-mock-1', { ...MANNER, network: 'service' }, PLACE, []);
    assertGolden('kubernetes/mock-behind-service.yaml', stringify(objects));
  });

  it('has agents beside it: whole cores are Guaranteed, and less has no quota', () => {
    const program = { words: ['agent', '--index', '0'], tokenVariable: 'CRABLLM_BENCH_TOKEN' };
    assertGolden(
      'kubernetes/agent.yaml',
      stringify(agentPod(0, 'bench-agent-0-1', { node: 'node3', cpus: 2 }, program, MANNER, PLACE)),
    );
    const part = agentPod(1, 'b', { node: 'node3', cpus: 0.4 }, program, { ...MANNER, network: 'host' }, PLACE);
    assert.deepEqual(part.spec?.containers[0]?.resources, {
      requests: { cpu: '400m', memory: '1Gi' },
      limits: { memory: '1Gi' },
    });
    assert.equal(part.spec?.hostNetwork, true);
  });

  it('keeps what a run has under the limits of names', () => {
    assert.equal(objectName('bench-2026-LiteLLM+auth@1.108.7', 56), 'bench-2026-litellm-auth-1-108-7');
    assert.equal(objectName(`${'a'.repeat(55)}-b`, 56), 'a'.repeat(55));
  });
});
