import { pause } from '../../pause.js';
import type { ServiceExit } from '../runtime.js';
import { clusterForbids, refusalOf, startFailed } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { Network } from './manner.js';
import { readLog } from './pod-log.js';
import type { ServiceObjects } from './pod-spec.js';
import { type PodState, podState } from './pod-state.js';
import { removeService } from './remove-service.js';

const POLL_MS = 500;
/** The Pod before it may not have left its node yet, and a pull that failed is tried again. */
export const TROUBLE_MS: Readonly<Record<string, number>> = {
  unschedulable: 60_000,
  'image-missing': 8000,
  'start-failed': 8000,
};
/** Large images over slow lines; a node that does not answer keeps a Pod coming for as long as one waits. */
const COMING_MS = 600_000;

/** A Pod that runs. */
export interface RunningPod {
  readonly state: Extract<PodState, { phase: 'running' }>;
  /** Of its Service; null: it has none. */
  readonly serviceAddress: string | null;
}

/** Where a service that runs is reached. */
export function addressOf({ state, serviceAddress }: RunningPod, network: Network): string {
  if (network === 'service' && serviceAddress !== null) return serviceAddress;
  return network === 'host' ? state.hostAddress : state.address;
}

/** Creates what a service needs, and waits until its container runs. @throws BenchError with the cluster's own words */
export async function createService(
  cluster: Cluster,
  name: string,
  { pod, configMap, secret, service }: ServiceObjects,
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<RunningPod> {
  const { name: object = '', namespace = '' } = pod.metadata ?? {};
  const { core } = cluster;
  const at = { name: object, namespace };
  try {
    if (configMap !== null)
      await cluster.create(
        'create a ConfigMap',
        async (options) => core.createNamespacedConfigMap({ namespace, body: configMap }, options),
        async (options) => core.readNamespacedConfigMap(at, options),
        signal,
      );
    if (secret !== null)
      await cluster.create(
        'create a Secret',
        async (options) => core.createNamespacedSecret({ namespace, body: secret }, options),
        async (options) => core.readNamespacedSecret(at, options),
        signal,
      );
    const made =
      service === null
        ? null
        : await cluster.create(
            'create a Service',
            async (options) => core.createNamespacedService({ namespace, body: service }, options),
            async (options) => core.readNamespacedService(at, options),
            signal,
          );
    await cluster.create(
      'create a Pod',
      async (options) => core.createNamespacedPod({ namespace, body: pod }, options),
      async (options) => core.readNamespacedPod(at, options),
      signal,
    );
    const state = await untilRunning(cluster, name, at, tell, signal);
    return { state, serviceAddress: made?.spec?.clusterIP ?? null };
  } catch (thrown) {
    // What went wrong first is what the caller must hear; what stays belongs to the run and goes with it.
    await removeService(cluster, at, { configMap, secret, service }).catch(() => undefined);
    throw faultOf(name, thrown);
  }
}

function faultOf(name: string, thrown: unknown): unknown {
  const refusal = refusalOf(thrown);
  if (refusal === null) return thrown;
  // An account without the right is the same for every service; a Pod that admission refuses is this one's.
  if (refusal.statusCode === 403 && /cannot create resource/.test(refusal.reason))
    return clusterForbids('create it', thrown);
  return startFailed(name, { code: 'start-failed', message: refusal.reason });
}

async function untilRunning(
  cluster: Cluster,
  service: string,
  at: { readonly name: string; readonly namespace: string },
  tell: (what: string) => void,
  signal: AbortSignal,
): Promise<Extract<PodState, { phase: 'running' }>> {
  const begun = performance.now();
  let since = { code: '', ms: 0 };
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const pod = await cluster.find('read a Pod', async (options) => cluster.core.readNamespacedPod(at, options), {
      signal,
    });
    const state = podState(pod);
    if (state.phase === 'running') return state;
    if (state.phase === 'refused') throw startFailed(service, state.reason);
    // One that ended at once has run; whoever starts it reads its log.
    if (state.phase === 'ended') throw startFailed(service, await endedAtOnce(cluster, at, state.exit));
    const now = performance.now();
    const { trouble } = state;
    if (trouble === null) since = { code: '', ms: now };
    else if (trouble.code !== since.code) {
      since = { code: trouble.code, ms: now };
      tell(`${service}: ${trouble.message}`);
    } else if (now - since.ms >= (TROUBLE_MS[trouble.code] ?? 0)) throw startFailed(service, trouble);
    if (now - begun > COMING_MS)
      throw startFailed(service, {
        code: 'start-failed',
        message: `its container does not run after ${COMING_MS / 60_000} minutes`,
      });
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, signal);
  }
}

async function endedAtOnce(
  cluster: Cluster,
  at: { readonly name: string; readonly namespace: string },
  exit: ServiceExit,
): Promise<{ readonly code: string; readonly message: string }> {
  if (exit.told !== undefined) return exit.told;
  if (exit.outOfMemory) return { code: 'out-of-memory', message: 'OOMKilled: it used more memory than its limit' };
  const log = (await readLog(cluster, at).catch(() => '')).trim().split('\n').slice(-3).join(' | ');
  return {
    code: 'exited',
    message: `it exited with code ${exit.exitCode ?? 'unknown'}${log === '' ? '' : `; its log says: ${log}`}`,
  };
}
