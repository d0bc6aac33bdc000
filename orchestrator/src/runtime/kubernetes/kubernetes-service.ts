import type { Service } from '../../catalogue/service.js';
import type { Reason } from '../../record/reason.js';
import type { ResourceSample, RunningService, SampleDepth, ServiceExit } from '../runtime.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import { readLog } from './pod-log.js';
import type { PodPoll } from './pod-poll.js';
import type { ServiceObjects } from './pod-spec.js';
import { podState, watchTrouble } from './pod-state.js';
import { removeService } from './remove-service.js';
import { SideWatch } from './side-watch.js';

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
