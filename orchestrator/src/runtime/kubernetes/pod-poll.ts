import type { V1Pod } from '@kubernetes/client-node';
import { pause } from '../../pause.js';
import type { Cluster } from './cluster.js';
import { RUN_LABEL } from './run-place.js';

const POLL_MS = 1000;

/** Told of each look at a Pod; null: there is none under that name. A true answer ends it. */
export type Look = (pod: V1Pod | null) => boolean;

/**
 * Looks at all Pods of a run once a second with one request, as long as anybody wants to know. A watch would be told sooner, until it dies
 * unnoticed: https://github.com/kubernetes-client/javascript/issues/596.
 */
export class PodPoll {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #selector: string;
  readonly #looks = new Map<string, Look>();
  readonly #closing = new AbortController();
  #going = false;

  constructor(cluster: Cluster, namespace: string, runId: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#selector = `${RUN_LABEL}=${runId}`;
  }

  /** Looks at a Pod from now on, one look at a time. */
  follow(name: string, look: Look): void {
    this.#looks.set(name, look);
    if (!this.#going) void this.#go();
  }

  close(): void {
    this.#closing.abort();
    this.#looks.clear();
  }

  async #go(): Promise<void> {
    this.#going = true;
    const { signal } = this.#closing;
    try {
      while (this.#looks.size > 0) {
        // oxlint-disable-next-line no-await-in-loop -- polling
        await this.#lookOnce(signal);
        // oxlint-disable-next-line no-await-in-loop -- polling
        await pause(POLL_MS, signal);
      }
    } catch {
      // Closed.
    } finally {
      this.#going = false;
    }
  }

  async #lookOnce(signal: AbortSignal): Promise<void> {
    const wanted = [...this.#looks];
    let pods: readonly V1Pod[];
    try {
      const list = await this.#cluster.call(
        'list the Pods of the run',
        async (options) =>
          this.#cluster.core.listNamespacedPod({ namespace: this.#namespace, labelSelector: this.#selector }, options),
        { signal },
      );
      pods = list.items;
    } catch {
      // A cluster that stays away is told of by whoever asks it for something; nothing is known of the Pods until it is back.
      signal.throwIfAborted();
      return;
    }
    const byName = new Map(pods.map((pod) => [pod.metadata?.name, pod]));
    for (const [name, look] of wanted)
      if (this.#looks.get(name) === look && look(byName.get(name) ?? null)) this.#looks.delete(name);
  }
}
