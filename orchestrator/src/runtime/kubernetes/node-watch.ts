import type { V1Pod } from '@kubernetes/client-node';
import { messageOf } from '../../errors.js';
import type { Reason } from '../../record/reason.js';
import type { ResourceSample, SampleDepth } from '../runtime.js';
import { samplesTogether } from '../samples-together.js';
import { groupBy } from '../../grouping.js';
import type { PodManner } from './manner.js';
import { podSecurity } from './pod-security.js';
import { podOfRun } from './pod-spec.js';
import { metadataOf, ROLE_OF_POD, type RunPlace } from './run-place.js';
import type { SideWatch } from './side-watch.js';
import { watchContainer, type WatchSpec } from './watch-container.js';

/** Where the control groups of the node are in its container. */
const GROUPS = '/node/cgroup';

/** A Pod of somebody else, and where it is. */
export interface PodOnNode {
  readonly uid: string;
  readonly node: string;
}

/**
 * The Pod that looks at the Pods of others on a node. It reads the node's control groups through a path of the host, read only, which Pod Security
 * admits at the level `privileged` alone: whoever gives the namespace that level grants it.
 */
export function nodeWatchPod(node: string, name: string, spec: WatchSpec, manner: PodManner, place: RunPlace): V1Pod {
  const volumeMounts = [{ name: 'groups', mountPath: GROUPS, readOnly: true }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(name, place, { [ROLE_OF_POD]: 'watch' }),
    spec: {
      ...podOfRun(node, manner, place),
      // A node that is kept for others is where the target is all the same.
      tolerations: [{ operator: 'Exists' }],
      securityContext: podSecurity(null, manner.security),
      containers: [watchContainer(spec, place, { words: ['--pods', GROUPS], volumeMounts })],
      volumes: [{ name: 'groups', hostPath: { path: '/sys/fs/cgroup', type: 'Directory' } }],
    },
  };
}

/** Those who look at the Pods of others, one on each node that has some; each is started when it is first needed. */
export class NodeWatches {
  readonly #start: (node: string) => Promise<SideWatch>;
  readonly #byNode = new Map<string, Promise<SideWatch>>();
  #unknown: readonly Reason[] = [];

  constructor(start: (node: string) => Promise<SideWatch>) {
    this.#start = start;
  }

  /** Of all together; null where one of them cannot be seen. */
  async look(pods: readonly PodOnNode[], depth: SampleDepth): Promise<ResourceSample | null> {
    if (pods.length === 0) return null;
    const nodes = [...groupBy(pods, ({ node }) => node)];
    try {
      const watches = await Promise.all(
        nodes.map(async ([node, there]) => ({ watch: await this.#on(node, depth), uids: there.map(({ uid }) => uid) })),
      );
      const samples = await Promise.all(
        watches.map(async ({ watch, uids }) => (watch === null ? null : watch.look(depth, uids))),
      );
      this.#unknown = watches.flatMap(({ watch }) => watch?.unknown() ?? []);
      const known = samples.flatMap((sample) => sample ?? []);
      return known.length < samples.length ? null : together(known);
    } catch (thrown) {
      this.#unknown = [
        {
          code: 'not-watched',
          message: `CPU and throttled time of the target are not known: nobody watches on its node (${messageOf(thrown)})`,
        },
      ];
      return null;
    }
  }

  unknown(): readonly Reason[] {
    return this.#unknown;
  }

  /** Null where it would have to be started within a window. */
  async #on(node: string, depth: SampleDepth): Promise<SideWatch | null> {
    const there = this.#byNode.get(node);
    if (there !== undefined) return there;
    if (depth === 'light') return null;
    const starting = this.#start(node);
    this.#byNode.set(node, starting);
    return starting;
  }
}

/** One by itself keeps its peak. */
function together(samples: readonly ResourceSample[]): ResourceSample {
  const [only] = samples;
  return only !== undefined && samples.length === 1 ? only : samplesTogether(samples);
}
