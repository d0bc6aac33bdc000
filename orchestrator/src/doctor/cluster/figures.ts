import { z } from 'zod';
import { TOKEN_VARIABLE } from '../../agent/wire.js';
import { BenchError } from '../../errors.js';
import { type Reason, reasonSchema } from '../../record/reason.js';
import { agentSeats } from '../../runtime/kubernetes/agent-seats.js';
import type { Cluster } from '../../runtime/kubernetes/cluster.js';
import { imageName } from '../../runtime/kubernetes/image-names.js';
import { type NodeClocks, openNodeClocks } from '../../runtime/kubernetes/node-clocks.js';
import type { NodeJob } from '../../runtime/kubernetes/node-job.js';
import { probeNode } from '../../runtime/kubernetes/node-probe.js';
import type { PodManner } from '../../runtime/kubernetes/manner.js';
import { NODE_ROLES } from '../../runtime/kubernetes/node-roles.js';
import { objectName } from '../../runtime/kubernetes/run-place.js';
import { refuseWhereBusy } from '../../runtime/kubernetes/turn.js';
import { IMAGE_TAG } from '../../version.js';
import type { Findings } from '../host-facts.js';
import type { PeerFigures } from '../peers.js';
import type { ClusterLook, UsedNode } from './findings.js';

/** What the doctor of this machine finds on a node, in a Pod there; or why that was not had. */
export type NodeFigures =
  | { readonly node: string; readonly state: 'measured'; readonly findings: Findings }
  | { readonly node: string; readonly state: 'absent'; readonly reason: Reason };

const spread = z.object({ p50Us: z.number(), p99Us: z.number() });
const peer = z.discriminatedUnion('state', [
  z.object({
    name: z.string(),
    state: z.literal('asked'),
    roundTrip: spread,
    clock: z.union([z.literal('same'), z.object({ offsetUs: z.number(), boundUs: z.number() })]),
  }),
  z.object({ name: z.string(), state: z.literal('absent'), reason: reasonSchema }),
]);
const quantiles = z.object({ p50Us: z.number().nullable(), p99Us: z.number().nullable() });

/** What `doctor --json` prints, as far as it is read here: the program is of the image, which may be of another version. */
const printedSchema: z.ZodType<{ readonly findings: Findings }> = z.object({
  findings: z.object({
    host: z.object({
      usableCpus: z.number(),
      cpus: z.number(),
      cpuModel: z.string().nullable(),
      governor: z.string().nullable(),
      clockSource: z.string().nullable(),
      isVirtual: z.boolean().nullable(),
      mayRunFirst: z.boolean(),
      cgroup: z.enum(['v1', 'v2']).nullable(),
      memoryBytes: z.number(),
      freeMemoryBytes: z.number(),
      limits: z.object({
        descriptors: z.number().nullable(),
        ports: z.number().nullable(),
        reusesPorts: z.boolean().nullable(),
      }),
    }),
    idle: z.object({
      stealShare: z.number().nullable(),
      busyShare: z.number().nullable(),
      swappedBytes: z.number().nullable(),
      clockJumpMs: z.number().nullable(),
    }),
    clockStepUs: z.number(),
    oversleep: spread,
    loopback: spread,
    peers: z.array(peer),
    runtime: z.object({
      kind: z.string(),
      versions: z.record(z.string(), z.string()),
      enforcesLimits: z.boolean(),
    }),
    placing: z.object({ pins: z.boolean(), text: z.string() }),
    selfTest: z
      .object({
        driver: z.string(),
        blocks: z.number(),
        levels: z.array(z.object({ scenario: z.string(), level: z.string(), direct: quantiles, floor: quantiles })),
      })
      .nullable(),
  }),
});

const WORDS = ['doctor', '--runtime', 'process', '--driver', 'native', '--json'];
/** It takes less than a minute on a quiet node. */
const DEADLINE_SECONDS = 600;
/** What ends all of it, and not one node's figures alone. */
const OF_THE_COMMAND: readonly string[] = ['interrupted', 'engine-gone', 'cluster-busy'];

/**
 * Runs the doctor of one machine in a Pod on each node that has a role, one after the other: nodes may be parts of one machine.
 * @param begin is told of each Job before it is created, for whoever has to remove it at once
 * @throws BenchError `interrupted`, `engine-gone`, `cluster-busy`
 */
export async function measureNodes(
  cluster: Cluster,
  look: ClusterLook,
  runId: string,
  begin: (probe: Pick<NodeJob, 'name' | 'seat'>) => void,
  signal: AbortSignal,
): Promise<NodeFigures[]> {
  const nodes = look.used.filter(hasRole);
  const { namespace, manner } = look;
  await refuseWhereBusy(cluster, namespace);
  const asked = { namespace, runId, image: ourImage(manner), manner, deadlineSeconds: DEADLINE_SECONDS * nodes.length };
  const clocks = await openNodeClocks(
    cluster,
    { ...asked, nodes: nodes.map(({ name }) => name), tokenVariable: TOKEN_VARIABLE },
    signal,
  );
  try {
    const figures: NodeFigures[] = [];
    for (const node of nodes) {
      const probe = probeOf(look, node, runId, clocks);
      begin(probe);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      figures.push(await measureNode(cluster, probe, clocks, signal));
    }
    return figures;
  } finally {
    await clocks.close();
  }
}

function hasRole({ roles }: UsedNode): boolean {
  return NODE_ROLES.some((role) => roles.includes(role));
}

async function measureNode(
  cluster: Cluster,
  probe: NodeJob,
  clocks: NodeClocks,
  signal: AbortSignal,
): Promise<NodeFigures> {
  const { node } = probe.seat;
  try {
    const findings = readPrinted(await probeNode(cluster, probe, signal));
    if (findings !== null)
      return {
        node,
        state: 'measured',
        findings: { ...findings, peers: [...findings.peers, ...silent(clocks, node)] },
      };
    const message = `what ${probe.image} printed on ${node} is not understood: is it of this version?`;
    return { node, state: 'absent', reason: { code: 'probe-failed', message } };
  } catch (thrown) {
    if (!(thrown instanceof BenchError) || OF_THE_COMMAND.includes(thrown.code)) throw thrown;
    return { node, state: 'absent', reason: { code: thrown.code, message: thrown.message } };
  }
}

/** Those of the other nodes that nobody could be asked on. */
function silent({ each }: NodeClocks, node: string): PeerFigures[] {
  return [...each].flatMap(([name, there]) =>
    name === node || 'url' in there ? [] : [{ name, state: 'absent' as const, reason: there.reason }],
  );
}

/** As large as an agent that had the node to itself. */
function probeOf(
  { namespace, manner, nodes }: ClusterLook,
  { name: node }: UsedNode,
  runId: string,
  { each, token }: NodeClocks,
): NodeJob {
  const nodesOf = { mock: '', gateway: '', driver: node };
  const alone = { nodes: nodesOf, mocks: [], drivers: [node], orchestrator: '', warnings: [] };
  const [seat = { node, cpus: 1 }] = agentSeats(1, alone, nodes);
  const others = [...each].flatMap(([name, there]) =>
    name === node || !('url' in there) ? [] : [`${name}=${there.url}`],
  );
  return {
    namespace,
    runId: objectName(`${runId}-${node}`),
    name: objectName(`doctor-${runId}-${node}`, 52),
    seat,
    image: ourImage(manner),
    words: others.length === 0 ? WORDS : [...WORDS, '--ask', others.join(',')],
    memory: '1Gi',
    variables: { [TOKEN_VARIABLE]: token },
    manner,
    deadlineSeconds: DEADLINE_SECONDS,
  };
}

function ourImage(manner: PodManner): string {
  return imageName(`crabllm-bench:${IMAGE_TAG}`, manner);
}

/** The object that stands at the end of a log, behind what was told meanwhile; null: there is none that is understood. @internal exported for tests */
export function readPrinted(log: string): Findings | null {
  const lines = log.split('\n');
  const [from, to] = [lines.lastIndexOf('{'), lines.lastIndexOf('}')];
  if (from === -1 || to < from) return null;
  try {
    return printedSchema.parse(JSON.parse(lines.slice(from, to + 1).join('\n'))).findings;
  } catch {
    return null;
  }
}
