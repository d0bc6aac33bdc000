import { randomBytes } from 'node:crypto';
import { BenchError } from '../../errors.js';
import type { Reason } from '../../record/reason.js';
import { hostOfUrl } from './addresses.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import { createNodeJob, jobFailed, type NodeJob, untilRunning } from './node-job.js';
import { objectName } from './run-place.js';
import { removeRun } from './runs.js';

/** Of Pods that tell the time: no service, so no run waits for it. */
const ROLE = 'clock';
/** Below the ports that systems give out, in case a Pod has its node's network. */
const PORT = 29_900;

/** Programs that tell the time, one on each node, to whoever has the token. */
export interface NodeClocks {
  /** By node: where it is asked, or why it is not there. */
  readonly each: ReadonlyMap<string, { readonly url: string } | { readonly reason: Reason }>;
  readonly token: string;
  /** Removes them. */
  readonly close: () => Promise<void>;
}

/** Where they are opened, and how. */
export type ClocksAsked = Pick<NodeJob, 'namespace' | 'runId' | 'image' | 'manner' | 'deadlineSeconds'> & {
  readonly nodes: readonly string[];
  /** In which the program looks for its token. */
  readonly tokenVariable: string;
};

/**
 * Opens one on each node. They sleep until they are asked. A command that is killed leaves them to their deadline.
 * @throws BenchError `engine-gone`, the signal's reason; what is wrong with a node is said of that node
 */
export async function openNodeClocks(cluster: Cluster, asked: ClocksAsked, signal: AbortSignal): Promise<NodeClocks> {
  const { nodes, runId, tokenVariable, ...rest } = asked;
  // Of these programs alone, and of no worth behind their end: so it may stand in their Jobs.
  const token = randomBytes(24).toString('hex');
  const jobs = nodes.map((node): NodeJob => {
    const name = objectName(`clock-${runId}-${node}`, 52);
    const words = ['agent', '--duty', 'watch', '--listen', `0.0.0.0:${PORT}`];
    return {
      ...rest,
      runId: name,
      name,
      seat: { node, cpus: 0 },
      memory: '128Mi',
      words,
      variables: { [tokenVariable]: token },
    };
  });
  const close = async (): Promise<void> => {
    await Promise.all(jobs.map(async ({ namespace, name }) => removeRun(cluster, namespace, name)));
  };
  try {
    const each = await Promise.all(
      jobs.map(async (job) => [job.seat.node, await openOne(cluster, job, signal)] as const),
    );
    return { each: new Map(each), token, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function openOne(
  cluster: Cluster,
  job: NodeJob,
  signal: AbortSignal,
): Promise<{ readonly url: string } | { readonly reason: Reason }> {
  try {
    await createNodeJob(cluster, job, ROLE, signal);
    const address = await untilRunning(cluster, job, signal);
    return { url: `http://${hostOfUrl(address)}:${PORT}` };
  } catch (thrown) {
    signal.throwIfAborted();
    const refusal = refusalOf(thrown);
    const why = refusal === null ? thrown : jobFailed(job, refusal.reason);
    if (!(why instanceof BenchError) || why.code === 'engine-gone') throw why;
    return { reason: { code: why.code, message: why.message } };
  }
}
