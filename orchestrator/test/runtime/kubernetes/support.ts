import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Service } from '#src/catalogue/service.js';
import { type Cluster, connectCluster } from '#src/runtime/kubernetes/cluster.js';
import type { PodManner } from '#src/runtime/kubernetes/manner.js';
import type { RunPlace } from '#src/runtime/kubernetes/run-place.js';
import { FakeApiServer, type Stored } from './fake-api-server.js';

/** A fake API server, and the door to it. */
interface Fake {
  readonly server: FakeApiServer;
  readonly cluster: Cluster;
  readonly kubeconfig: string;
}

/** Starts one for a test. */
export async function openFake(context: TestContext): Promise<Fake> {
  const directory = mkdtempSync(join(tmpdir(), 'kube-test-'));
  const server = new FakeApiServer();
  context.after(async () => {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const kubeconfig = await server.kubeconfig(join(directory, 'config'));
  return { server, kubeconfig, cluster: await connectCluster({ kubeconfig, context: null }) };
}

/** Makes every Pod run at once, each under an address of its own. */
export function runPods(server: FakeApiServer): void {
  let last = 1;
  server.onCreate = (kind, object) => {
    if (kind !== 'pods') return;
    last += 1;
    object['status'] = runningStatus(`10.0.0.${last}`);
  };
}

export function runningStatus(address: string): Stored['status'] {
  return {
    phase: 'Running',
    podIP: address,
    hostIP: '10.90.0.12',
    conditions: [{ type: 'Ready', status: 'True' }],
    containerStatuses: [
      {
        name: 'service',
        ready: true,
        imageID: 'docker.io/x@sha256:aa',
        state: { running: { startedAt: '2026-11-29T10:00:00Z' } },
      },
    ],
  };
}

export const MANNER: PodManner = {
  network: 'pod',
  cpuLimit: true,
  security: 'restricted',
  watch: true,
  imageRegistry: null,
  ownImage: null,
};

export const PLACE: RunPlace = {
  namespace: 'bench',
  runId: '20261129101500-abcdef',
  job: { name: 'bench-20261129101500-abcdef', uid: 'uid-of-the-job' },
  image: 'crabllm-bench:0.1.0',
  nodes: { mock: 'node1', gateway: 'node2', driver: 'node3' },
  mocks: ['node1'],
  orchestrator: 'node3',
  agents: [{ node: 'node3', cpus: 1 }],
  deadlineSeconds: 3600,
  controlSecret: 'bench-20261129101500-abcdef-control',
};

/** A service as a compose file would have it. */
export function serviceOf(given: Partial<Service> = {}): Service {
  return {
    name: 'crabllm',
    role: 'gateway',
    isActive: true,
    image: 'ghcr.io/crabtalk/crabllm:0.0.25',
    build: null,
    entrypoint: null,
    command: ['serve', '--config', '/app/config/crabllm.toml'],
    environment: { RUST_LOG: 'error' },
    mounts: [],
    cpus: 2,
    memoryBytes: 536_870_912,
    cpuset: null,
    user: null,
    port: 6666,
    healthPath: '/health',
    readyTimeoutMs: 15_000,
    modelPrefix: '',
    headers: {},
    accept: [],
    version: '0.0.25',
    process: null,
    ...given,
  };
}
