import { readFileSync } from 'node:fs';
import { BenchError, messageOf } from '../../errors.js';
import { connectCluster } from './cluster.js';
import { KubernetesRuntime } from './kubernetes-runtime.js';
import { WATCH_TOKEN_VARIABLE } from './run-secret.js';
import { ADDRESS_VARIABLE, AGENTS_TOKEN_VARIABLE, INSIDE_VARIABLE, type Inside, insideSchema } from './run-objects.js';

/** Whether this process is the orchestrator of a run that was submitted to a cluster. */
export function runsInside(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[INSIDE_VARIABLE] !== undefined;
}

/**
 * The id of the run that this process is: its Job says so, and by it is found again.
 * @throws BenchError `inside-unusable`
 */
export function runIdInside(): string {
  return readTold().place.runId;
}

/** What the orchestrator has within a cluster. */
interface Inner {
  readonly runtime: KubernetesRuntime;
  /** Where its agents find it: its own Pod's address, and what they have to bring. */
  readonly room: { readonly address: string; readonly token: string };
}

/**
 * The runtime of the run that this process is, by the account of its Pod.
 * @throws BenchError `inside-unusable` where what it is told cannot be read; what {@link connectCluster} throws
 */
export async function openInside(): Promise<Inner> {
  const told = readTold();
  const cluster = await connectCluster({ kubeconfig: null, context: null });
  const room = { address: process.env[ADDRESS_VARIABLE] ?? '', token: process.env[AGENTS_TOKEN_VARIABLE] ?? '' };
  const watchToken = process.env[WATCH_TOKEN_VARIABLE] ?? null;
  return { runtime: new KubernetesRuntime(cluster, told.manner, told.place, told.facts, watchToken), room };
}

function readTold(): Inside {
  const path = process.env[INSIDE_VARIABLE] ?? '';
  try {
    return insideSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (thrown) {
    throw new BenchError({
      code: 'inside-unusable',
      message: `What this run is told of its cluster cannot be read from ${path}: ${messageOf(thrown)}`,
      hint: 'Are the image and the program that submitted the run of one version? Give that image with --image.',
    });
  }
}
