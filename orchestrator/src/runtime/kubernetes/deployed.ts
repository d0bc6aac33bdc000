import type { V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Reason } from '../../record/reason.js';
import type { Observation, ResourceSample, SampleDepth } from '../runtime.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import type { NodeWatches, PodOnNode } from './node-watch.js';
import { bytesOf } from './quantity.js';

/** Which Pods stand behind something that is deployed. */
export interface PodSelector {
  readonly namespace: string;
  /** As of `kubectl get pods -l`. */
  readonly selector: string;
}

const metricsSchema = z.object({
  items: z.array(z.object({ containers: z.array(z.object({ usage: z.object({ memory: z.string() }) })) })),
});

/** A trial waits for these answers: of a server that is away nothing is known for once. */
const PATIENCE_MS = 3000;

/** What is compared of a Pod. */
interface Seen {
  readonly name: string;
  readonly restarts: number;
  /** Why a container of it ended last, in the cluster's words; null where none has. */
  readonly ended: string | null;
  readonly ready: boolean;
}

/**
 * The Pods behind something that somebody else has deployed, as the API server knows them. They are looked at before a trial and behind it and
 * not within: a Pod that is replaced or restarted in between is another one then.
 */
export class Deployed implements Observation {
  readonly #cluster: Cluster;
  readonly #which: PodSelector;
  readonly #onNodes: NodeWatches | null;
  /** As they were listed last. */
  #pods: readonly PodOnNode[] = [];
  #last: ReadonlyMap<string, Seen> | null = null;
  #unknown = new Map<string, string>();

  /** @param onNodes who looks at the Pods on their nodes; null: nobody may, and the metrics API is asked */
  constructor(cluster: Cluster, which: PodSelector, onNodes: NodeWatches | null = null) {
    this.#cluster = cluster;
    this.#which = which;
    this.#onNodes = onNodes;
  }

  async changed(): Promise<Reason | null> {
    const pods = await this.#list();
    if (pods === null) return null;
    const before = this.#last;
    this.#last = new Map(pods.map((pod) => [pod.metadata?.uid ?? pod.metadata?.name ?? '', seen(pod)]));
    const changes = before === null ? [] : changesBetween(before, this.#last);
    if (changes.length === 0) return null;
    return {
      code: 'target-changed',
      message: `the Pods behind the target changed during the trial (${this.#last.size} now): ${changes.join('; ')}`,
    };
  }

  /**
   * As those on their nodes see them. Where nobody is there memory alone, and not within a window: what the metrics API has of the CPU is a mean
   * over some fifteen seconds.
   */
  async sample(depth: SampleDepth): Promise<ResourceSample | null> {
    if (this.#onNodes !== null) {
      if (depth === 'whole') await this.#list();
      const sample = await this.#onNodes.look(this.#pods, depth);
      if (sample !== null) return sample;
    }
    if (depth === 'light') return null;
    const memoryBytes = await this.#memoryBytes();
    if (memoryBytes === null) return null;
    return { atMs: performance.now(), cpuUs: null, memoryBytes, memoryPeakBytes: null, throttledMs: null };
  }

  unknown(): readonly Reason[] {
    const onNodes = this.#onNodes?.unknown() ?? [];
    return [...onNodes, ...[...this.#unknown].map(([code, message]) => ({ code, message }))];
  }

  async #list(): Promise<readonly V1Pod[] | null> {
    const { namespace, selector } = this.#which;
    try {
      const { items } = await this.#cluster.call(
        'list the Pods of the target',
        async (options) => this.#cluster.core.listNamespacedPod({ namespace, labelSelector: selector }, options),
        { timeoutMs: PATIENCE_MS, patienceMs: PATIENCE_MS },
      );
      if (items.length > 0) {
        this.#unknown.delete('no-replicas');
        this.#pods = items.flatMap(({ metadata, spec }) =>
          metadata?.uid === undefined || spec?.nodeName === undefined ? [] : { uid: metadata.uid, node: spec.nodeName },
        );
        return items;
      }
      this.#unknown.set(
        'no-replicas',
        `whether the target changes under the load is not known: no Pod in ${namespace} has ${selector} (--target-selector)`,
      );
      // Nobody is there: of a target that answers, that is a selector that names others.
      return this.#last === null ? null : items;
    } catch (thrown) {
      this.#unknown.set('no-replicas', `whether the target changes under the load is not known: ${why(thrown)}`);
      return null;
    }
  }

  async #memoryBytes(): Promise<number | null> {
    const { namespace, selector } = this.#which;
    const at = { group: 'metrics.k8s.io', version: 'v1beta1', namespace, plural: 'pods', labelSelector: selector };
    if (this.#onNodes === null)
      this.#unknown.set(
        'no-cpu',
        'CPU and throttled time of the target are not known: nobody watches beside Pods that somebody else has deployed (--watch-nodes does, where the namespace allows it)',
      );
    try {
      const said = await this.#cluster.call(
        'ask the metrics API',
        async (options) => this.#cluster.custom.listNamespacedCustomObject(at, options) as Promise<unknown>,
        { timeoutMs: PATIENCE_MS, patienceMs: PATIENCE_MS },
      );
      const { items } = metricsSchema.parse(said);
      if (items.length === 0) throw new Error('the metrics API knows none of its Pods');
      this.#unknown.delete('no-memory');
      return items.flatMap(({ containers }) => containers).reduce((sum, { usage }) => sum + bytesOf(usage.memory), 0);
    } catch (thrown) {
      this.#unknown.set('no-memory', `memory of the target is not known: ${why(thrown)}`);
      return null;
    }
  }
}

function why(thrown: unknown): string {
  const refusal = refusalOf(thrown);
  if (refusal?.statusCode === 404) return 'the cluster has no metrics API (metrics-server)';
  if (refusal !== null) return refusal.reason;
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function seen({ metadata, status }: V1Pod): Seen {
  const containers = status?.containerStatuses ?? [];
  return {
    name: metadata?.name ?? '',
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    ended: containers.flatMap(({ lastState }) => lastState?.terminated?.reason ?? []).at(-1) ?? null,
    // One that is being deleted takes no new connections.
    ready:
      metadata?.deletionTimestamp === undefined &&
      status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true,
  };
}

function changesBetween(before: ReadonlyMap<string, Seen>, after: ReadonlyMap<string, Seen>): string[] {
  const gone = [...before].flatMap(([uid, { name }]) => (after.has(uid) ? [] : `${name} went`));
  const others = [...after].flatMap(([uid, { name, restarts, ended, ready }]): string[] => {
    const was = before.get(uid);
    if (was === undefined) return [`${name} came`];
    if (restarts > was.restarts) return [`${name} was restarted${ended === null ? '' : ` (${ended})`}`];
    if (ready !== was.ready) return [`${name} is ${ready ? 'ready' : 'not ready any more'}`];
    return [];
  });
  return [...gone, ...others];
}
