import type { FakeApiServer, Stored } from '../../runtime/kubernetes/fake-api-server.js';
import { IMAGE_TAG } from '#src/version.js';

/** What of a node a test says; the rest is that of a good one. */
interface NodeGiven {
  readonly role?: string;
  readonly cpus?: string;
  readonly zone?: string;
  readonly kernel?: string;
  readonly isReady?: boolean;
  readonly images?: readonly string[];
  readonly policy?: string;
  readonly quota?: boolean;
}

/** Images that a run of this version wants, as a node names them. */
export const ALL_IMAGES = [
  `docker.io/library/crabllm-bench:${IMAGE_TAG}`,
  'docker.io/library/crabllm-bench-portkey:1.15.2',
];

/** Puts a node into a fake cluster. */
export function addNode(server: FakeApiServer, name: string, given: NodeGiven = {}): void {
  const { role, cpus = '8', zone, kernel = '6.1.0', isReady = true, images = ALL_IMAGES } = given;
  const node: Stored = {
    metadata: {
      name,
      labels: {
        ...(role === undefined ? {} : { 'bench.role': role }),
        ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
      },
    },
    status: {
      allocatable: { cpu: cpus, memory: '16Gi' },
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', message: isReady ? 'fine' : 'it is silent' }],
      images: images.map((image) => ({ names: [image] })),
      nodeInfo: {
        kernelVersion: kernel,
        kubeletVersion: 'v1.34.4',
        containerRuntimeVersion: 'containerd://2.0.0',
        architecture: 'amd64',
      },
    },
  };
  server.objects.set(`nodes/${name}`, node);
  server.raw.set(`/api/v1/nodes/${name}/proxy/configz`, {
    kubeletconfig: { cpuManagerPolicy: given.policy ?? 'none', cpuCFSQuota: given.quota ?? true },
  });
}

/** A node for each role, and one that is left for the orchestrator. */
export function addGoodNodes(server: FakeApiServer): void {
  for (const [name, role] of Object.entries({ a: 'mock', b: 'gateway', c: 'driver', d: 'orchestrator' }))
    addNode(server, name, { role, policy: role === 'gateway' ? 'static' : 'none' });
}

/** A namespace that a run may use at once. */
export function addNamespace(server: FakeApiServer, labels: Record<string, string> = {}): void {
  server.objects.set('namespaces/bench', { metadata: { name: 'bench', labels } });
  server.objects.set('serviceaccounts/crabllm-bench', { metadata: { name: 'crabllm-bench' } });
}
