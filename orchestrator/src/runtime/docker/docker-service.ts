import { secretsOf, withoutSecrets } from '../../catalogue/secrets.js';
import type { Service } from '../../catalogue/service.js';
import type { ResourceSample, RunningService, SampleDepth, ServiceExit } from '../runtime.js';
import { putFiles } from './archive.js';
import { type ConfigFiles, placeConfigFiles } from './config-files.js';
import { describeExit, type ExitWatch, stopContainer, watchExit } from './container-end.js';
import { serviceContainer } from './container-spec.js';
import type { Engine } from './engine.js';
import { interrupted, isRefusal, refusalOf, startFailed } from './engine-error.js';
import { withInitOrWithout } from './init-helper.js';
import type { Locality } from './locality.js';
import { demux, tailOf } from './output.js';
import type { OwnedContainers } from './owned-containers.js';
import { requireFreePort } from './port.js';
import { openSampler, type Sampler } from './sampler.js';

const START_MS = 60_000;
/** Time to end in an orderly way before it is killed; the mock drains in it. */
const STOP_GRACE_S = 2;
const LOG_BYTES = 256 * 1024;

/**
 * Starts a service's container; see Runtime.start.
 * @throws BenchError `port-in-use`, `start-failed`, `engine-gone`, `interrupted`.
 */
export async function startService(
  engine: Engine,
  owned: OwnedContainers,
  locality: Locality,
  service: Service,
  signal: AbortSignal,
): Promise<RunningService> {
  if (signal.aborted) throw interrupted();
  if (locality.sharesPorts) await requireFreePort(service.name, service.port);
  const config = await placeConfigFiles(service, locality.sharesFiles);
  return withInitOrWithout(engine, async (init, started) =>
    startOnce(engine, owned, service, config, { init, started }, signal),
  );
}

async function startOnce(
  engine: Engine,
  owned: OwnedContainers,
  service: Service,
  config: ConfigFiles,
  { init, started }: { readonly init: boolean; readonly started: () => void },
  signal: AbortSignal,
): Promise<RunningService> {
  const means = { limits: engine.facts.limits, init };
  const id = await owned.create(service.name, service.role, (name, labels) =>
    serviceContainer(service, means, name, labels, config.binds),
  );
  try {
    if (config.copies.length > 0) await putFiles(engine, id, config.copies);
    const watch = await watchExit(engine, id);
    const pid = await startContainer(engine, id);
    started();
    if (signal.aborted || owned.closing.aborted) throw interrupted();
    // Also of an engine in a virtual machine: host networking there is brought to this host's loopback, or not at all.
    const url = `http://127.0.0.1:${service.port}`;
    return new DockerService(engine, owned, id, service, url, watch, await openSampler(engine, id, pid));
  } catch (error) {
    // What went wrong first is what the caller must hear; a container that stays is removed by close().
    await owned.remove(id).catch(() => undefined);
    const refusal = refusalOf(error);
    if (refusal !== null && owned.closing.aborted) throw interrupted();
    throw refusal === null ? error : startFailed(service.name, refusal.reason, undefined, error);
  }
}

/** Starts a created container; returns the number of its first process on the engine's host, 0 when it has ended already. */
export async function startContainer(engine: Engine, id: string): Promise<number> {
  const container = engine.docker.getContainer(id);
  await engine.call('start a container', (abortSignal) => container.start({ abortSignal }), START_MS);
  const seen = await engine.call('inspect a container', (abortSignal) => container.inspect({ abortSignal }));
  return seen.State.Pid;
}

class DockerService implements RunningService {
  readonly name: string;
  readonly url: string;
  readonly exited: Promise<ServiceExit>;
  readonly #engine: Engine;
  readonly #owned: OwnedContainers;
  readonly #id: string;
  readonly #secrets: readonly string[];
  readonly #watch: ExitWatch;
  readonly #sampler: Sampler;
  #lastLogs = '';

  constructor(
    engine: Engine,
    owned: OwnedContainers,
    id: string,
    service: Service,
    url: string,
    watch: ExitWatch,
    sampler: Sampler,
  ) {
    this.name = service.name;
    this.#secrets = secretsOf(service);
    this.url = url;
    this.#engine = engine;
    this.#owned = owned;
    this.#id = id;
    this.#watch = watch;
    this.#sampler = sampler;
    this.exited = describeExit(engine, id, watch).finally(() => sampler.close());
  }

  async sample(depth: SampleDepth): Promise<ResourceSample | null> {
    return this.#sampler.sample(depth);
  }

  /** As the contract says, without secrets of the service; once the container is removed, what was read last. */
  async logs(): Promise<string> {
    try {
      const multiplexed = await this.#engine.call('read logs', (abortSignal) =>
        this.#engine.docker.getContainer(this.#id).logs({ stdout: true, stderr: true, follow: false, abortSignal }),
      );
      this.#lastLogs = withoutSecrets(tailOf(demux(multiplexed).both, LOG_BYTES), this.#secrets);
    } catch (error) {
      if (!isRefusal(error, 404, 409)) throw error;
    }
    return this.#lastLogs;
  }

  /** As `ps` on the engine's host sees them; the engine demands the column PID. */
  async processes(): Promise<readonly string[] | null> {
    try {
      const { Titles, Processes } = (await this.#engine.call('list processes', (abortSignal) =>
        this.#engine.docker.getContainer(this.#id).top({ ps_args: '-eo pid,args', abortSignal }),
      )) as { readonly Titles: readonly string[]; readonly Processes: readonly (readonly string[])[] | null };
      const at = Titles.findIndex((title) => title !== 'PID');
      return (Processes ?? []).flatMap((row) => row[at] ?? []);
    } catch (error) {
      // Also where the engine's host has no ps.
      if (!isRefusal(error, 404, 409, 500)) throw error;
      return null;
    }
  }

  async stop(): Promise<void> {
    this.#sampler.close();
    await stopContainer(this.#engine, this.#id, STOP_GRACE_S);
    await this.#watch.settle();
    // The removal would take the cause of the exit (out of memory, exit code) with it.
    await this.exited;
    await this.#owned.remove(this.#id);
  }
}
