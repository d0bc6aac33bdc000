import { readFile, stat } from 'node:fs/promises';
import type { Service } from '../../catalogue/service.js';
import { BenchError, messageOf } from '../../errors.js';
import { pause } from '../../pause.js';
import type { Reason } from '../../record/reason.js';
import type { ResourceSample, RunningService, SampleDepth, ServiceExit } from '../runtime.js';
import { clusterForbids, isRefusal, refusalOf, startFailed } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { PodPoll } from './pod-poll.js';
import { CONTAINER, type MountedFile, type Network, type ServiceObjects } from './pod-spec.js';
import { type PodState, podState, watchTrouble } from './pod-state.js';
import { SideWatch } from './side-watch.js';

const POLL_MS = 500;
/** The Pod before it may not have left its node yet, and a pull that failed is tried again. */
const TROUBLE_MS: Readonly<Record<string, number>> = {
  unschedulable: 60_000,
  'image-missing': 8000,
  'start-failed': 8000,
};
/** Large images over slow lines; a node that does not answer keeps a Pod coming for as long as one waits. */
const COMING_MS = 600_000;
const GONE_MS = 90_000;
const LOG_BYTES = 256 * 1024;
const LOG_LINES = 2000;
/** What etcd takes of one object, less what the object itself needs. */
const MOST_FILE_BYTES = 1_000_000;
const OTHERS_MAY_READ = 0o004;

/** A Pod that runs. */
export interface RunningPod {
  readonly state: Extract<PodState, { phase: 'running' }>;
  /** Of its Service; null: it has none. */
  readonly serviceAddress: string | null;
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

async function readLog(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<string> {
  const text = await cluster.call('read a log', async (options) =>
    cluster.core.readNamespacedPodLog({ name, namespace, container: CONTAINER, tailLines: LOG_LINES }, options),
  );
  return (text ?? '').slice(-LOG_BYTES);
}

/** Deletes all that a service consists of, and returns when its Pod is gone. What is gone already is fine. */
export async function removeService(
  cluster: Cluster,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  { configMap, secret, service }: Pick<ServiceObjects, 'configMap' | 'secret' | 'service'>,
  graceSeconds = 2,
): Promise<void> {
  const { core } = cluster;
  const remove = async (action: string, request: Parameters<Cluster['call']>[1]): Promise<void> => {
    try {
      await cluster.call(action, request);
    } catch (thrown) {
      if (!isRefusal(thrown, 404)) throw thrown;
    }
  };
  await remove('delete a Pod', async (options) =>
    core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: graceSeconds }, options),
  );
  if (service !== null)
    await remove('delete a Service', async (options) => core.deleteNamespacedService({ name, namespace }, options));
  if (configMap !== null)
    await remove('delete a ConfigMap', async (options) => core.deleteNamespacedConfigMap({ name, namespace }, options));
  if (secret !== null)
    await remove('delete a Secret', async (options) => core.deleteNamespacedSecret({ name, namespace }, options));
  const giveUpAt = performance.now() + GONE_MS;
  while (
    (await cluster.find('read a Pod', async (options) => core.readNamespacedPod({ name, namespace }, options))) !== null
  ) {
    // Of a node that is lost it stays until that is back or removed; it is in nobody's way there.
    if (performance.now() > giveUpAt) return;
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, NEVER);
  }
}

const NEVER = new AbortController().signal;

/** A service that runs in a Pod of the cluster. */
export class KubernetesService implements RunningService {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly exited: Promise<ServiceExit>;
  readonly #cluster: Cluster;
  readonly #objects: ServiceObjects;
  readonly #gone: () => unknown;
  readonly #watch: SideWatch | null;
  readonly #ending = new AbortController();
  #stopping = false;
  #lastLogs = '';

  constructor(
    cluster: Cluster,
    poll: PodPoll,
    service: Pick<Service, 'name' | 'headers'>,
    url: string,
    objects: ServiceObjects,
    gone: () => unknown,
    watch: WatchedAt | null,
  ) {
    this.name = service.name;
    this.headers = service.headers;
    this.url = url;
    this.#cluster = cluster;
    this.#objects = objects;
    this.#gone = gone;
    this.#watch =
      watch === null
        ? null
        : new SideWatch(watch.url, watch.token, this.#ending.signal, async () => this.#watchTrouble());
    this.exited = new Promise((resolve) => {
      poll.follow(this.#at.name, (pod) => {
        const state = podState(pod);
        if (state.phase === 'ended') resolve(this.#stopping ? ASKED_TO_END : state.exit);
        return state.phase === 'ended';
      });
    });
  }

  get #at(): { readonly name: string; readonly namespace: string } {
    const { name = '', namespace = '' } = this.#objects.pod.metadata ?? {};
    return { name, namespace };
  }

  /** As the container beside it sees it: its kubelet tells every ten seconds or so, which is no figure of a window. */
  sample(depth: SampleDepth): Promise<ResourceSample | null> {
    return this.#watch?.look(depth) ?? Promise.resolve(null);
  }

  unknown(): readonly Reason[] {
    return this.#watch?.unknown() ?? [];
  }

  /** Who watches beside it; null: nobody does. */
  get watch(): SideWatch | null {
    return this.#watch;
  }

  async #watchTrouble(): Promise<string | null> {
    const { core } = this.#cluster;
    return watchTrouble(
      await this.#cluster.find('read a Pod', async (options) => core.readNamespacedPod(this.#at, options), {
        signal: this.#ending.signal,
      }),
    );
  }

  async logs(): Promise<string> {
    try {
      this.#lastLogs = await readLog(this.#cluster, this.#at);
    } catch (thrown) {
      if (refusalOf(thrown) === null) throw thrown;
    }
    return this.#lastLogs;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#ending.abort();
    await removeService(this.#cluster, this.#at, this.#objects);
    this.#gone();
  }
}

/** Where whoever watches beside a service is asked. */
export interface WatchedAt {
  readonly url: string;
  readonly token: string;
}

/** Of a service that was stopped from here. */
const ASKED_TO_END: ServiceExit = { exitCode: null, signal: null, outOfMemory: false };

/** Where a service that runs is reached. */
export function addressOf({ state, serviceAddress }: RunningPod, network: Network): string {
  if (network === 'service' && serviceAddress !== null) return serviceAddress;
  return network === 'host' ? state.hostAddress : state.address;
}

/**
 * Reads the files that a service mounts.
 * @throws BenchError `start-failed` for one that is missing, no plain file, or larger than what an object of a cluster may hold
 */
export async function readMounts(service: Pick<Service, 'name' | 'mounts'>): Promise<MountedFile[]> {
  const files = await Promise.all(
    service.mounts.map(async ({ hostPath, containerPath }): Promise<MountedFile> => {
      try {
        const seen = await stat(hostPath);
        if (!seen.isFile()) throw new Error('it is not a plain file');
        return { containerPath, content: await readFile(hostPath), isPrivate: (seen.mode & OTHERS_MAY_READ) === 0 };
      } catch (thrown) {
        throw startFailed(service.name, {
          code: 'start-failed',
          message: `its file ${hostPath} cannot be used: ${messageOf(thrown)}`,
        });
      }
    }),
  );
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes > MOST_FILE_BYTES)
    throw new BenchError({
      code: 'start-failed',
      message: `${service.name} could not be started: its files are ${bytes} bytes, and a ConfigMap holds ${MOST_FILE_BYTES}`,
      hint: 'Put large files into its image.',
    });
  return files;
}
