import { pause } from '../pause.js';
import { BenchError, EXIT } from '../errors.js';
import type { Reason } from '../record/reason.js';
import { hostOfUrl } from '../runtime/kubernetes/addresses.js';
import type { KubernetesRuntime } from '../runtime/kubernetes/kubernetes-runtime.js';
import type { RunningService, ServiceExit } from '../runtime/runtime.js';
import type { AgentHouse } from './agents-driver.js';
import { AgentRoom } from './room.js';
import type { MeetingTimes } from './trial-meeting.js';
import { TOKEN_VARIABLE } from './wire.js';

/** Where the room is, for those who are to come. */
export interface RoomPlace {
  /** Of the Pod in which the orchestrator runs. */
  readonly address: string;
  readonly token: string;
  /** @default those of every room */
  readonly times?: MeetingTimes;
}

/** From the moment its container runs until it says hello. */
const COMING_MS = 60_000;
/**
 * How long the cluster is waited for to say why an agent is missed: its kubelet tells of an end within seconds, and a node is known to be lost
 * only when it has been silent for most of a minute.
 */
const TOLD_WITHIN_MS: Readonly<Record<string, number>> = {
  'agent-lost': 8000,
  'agent-restarted': 8000,
  'agent-silent': 45_000,
  'agents-missing': 2000,
};
/** Of what an agent printed before it ended by itself. */
const LAST_LINES = 3;
/** Ends that are the cluster's doing, and what they are of an agent. */
const CODES: Readonly<Record<string, string>> = {
  'deadline-exceeded': 'agent-deadline-exceeded',
  evicted: 'agent-evicted',
  'node-lost': 'agent-node-lost',
  'pod-deleted': 'agent-deleted',
};
/** What is said of the whole cluster and not of one agent's start. */
const OF_THE_CLUSTER: readonly string[] = ['engine-gone', 'cluster-forbids', 'interrupted'];

interface AgentPod {
  readonly running: RunningService;
  /** Why it ended; settles when it does. */
  readonly ended: Promise<Reason>;
  /** Null: it runs. */
  end: Reason | null;
}

/** Agents as Pods of a cluster, each on a node of the driver; they come to the orchestrator over the network of Pods and bring their rows the same way. */
export class PodAgents implements AgentHouse {
  readonly comingMs = COMING_MS;
  readonly watchHosts = true;
  readonly #runtime: Pick<KubernetesRuntime, 'agents' | 'startAgent'>;
  readonly #place: RoomPlace;
  readonly #pods: (AgentPod | null)[];
  #room: AgentRoom | null = null;

  constructor(runtime: Pick<KubernetesRuntime, 'agents' | 'startAgent'>, place: RoomPlace) {
    this.#runtime = runtime;
    this.#place = place;
    this.#pods = runtime.agents.map(() => null);
  }

  async prepare(signal: AbortSignal): Promise<void> {
    const room = await this.open(signal);
    try {
      await room.gather('load', this.#pods.length, COMING_MS, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw await this.explained(thrown);
    }
  }

  async open(signal: AbortSignal): Promise<AgentRoom> {
    const { address: host, ...more } = this.#place;
    const room = (this.#room ??= await AgentRoom.open({ host, ...more }));
    const isGone = (pod: AgentPod, index: number): boolean => pod.end !== null || room.whyLost('load', index) !== null;
    await Promise.all(
      this.#pods.map(async (pod, index) => {
        if (pod !== null && !isGone(pod, index)) return;
        this.#pods[index] = null;
        await pod?.running.stop();
        this.#pods[index] = await this.#start(index, room, signal);
      }),
    );
    return room;
  }

  async explained(fault: unknown): Promise<unknown> {
    const withinMs = fault instanceof BenchError ? TOLD_WITHIN_MS[fault.code] : undefined;
    if (!(fault instanceof BenchError) || withinMs === undefined) return fault;
    const over = new AbortController();
    const nothing = pause(withinMs, over.signal).catch(() => undefined);
    const ends = this.#pods.flatMap((pod) => (pod === null ? [] : [pod.ended]));
    const why = await Promise.race([...ends, nothing]);
    over.abort();
    if (why === undefined) return fault;
    const isOfRun = fault.code === 'agents-missing';
    return new BenchError({
      code: isOfRun ? fault.code : why.code,
      message: isOfRun ? `${fault.message}; ${why.message}` : why.message,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
      exitCode: EXIT.environment,
      cause: fault,
    });
  }

  async close(): Promise<void> {
    const room = this.#room;
    this.#room = null;
    await room?.close();
    const pods = this.#pods.splice(0, this.#pods.length, ...this.#pods.map(() => null));
    await Promise.all(pods.map(async (pod) => pod?.running.stop()));
  }

  async #start(index: number, room: AgentRoom, signal: AbortSignal): Promise<AgentPod> {
    const { address } = this.#place;
    const words = [
      'agent',
      '--orchestrator',
      `http://${hostOfUrl(address)}:${room.port}`,
      '--duty',
      'load',
      '--index',
      `${index}`,
    ];
    let running: RunningService;
    try {
      running = await this.#runtime.startAgent(index, { words, tokenVariable: TOKEN_VARIABLE }, signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw missing(thrown);
    }
    const ended = running.exited.then(async (exit) => this.#whyOf(index, running, exit));
    const pod: AgentPod = { running, ended, end: null };
    void ended.then((why) => {
      pod.end = why;
      if (this.#pods[index] === pod) room.giveUp('load', index, why);
    });
    return pod;
  }

  async #whyOf(index: number, running: RunningService, exit: ServiceExit): Promise<Reason> {
    const { told, outOfMemory } = exit;
    const who = `agent load/${index} of ${this.#pods.length} on ${this.#runtime.agents[index]?.node ?? 'its node'}`;
    if (told !== undefined)
      return { code: CODES[told.code] ?? 'agent-exited', message: `${who} has gone: ${told.message}` };
    if (outOfMemory)
      return {
        code: 'agent-out-of-memory',
        message: `${who} has gone: OOMKilled: it used more memory than its limit`,
      };
    const log = await running.logs().catch(() => '');
    const last = log.trim().split('\n').slice(-LAST_LINES).join(' | ');
    const how = exit.signal ?? `code ${exit.exitCode ?? 'unknown'}`;
    return {
      code: 'agent-exited',
      message: `${who} has gone: it exited with ${how}${last === '' ? '' : `; its log says: ${last}`}`,
    };
  }
}

/** An agent that the cluster does not bring up is missing for the whole run. */
function missing(thrown: unknown): unknown {
  if (!(thrown instanceof BenchError) || OF_THE_CLUSTER.includes(thrown.code)) return thrown;
  return new BenchError({
    code: 'agents-missing',
    message: thrown.message,
    hint: 'Go on with --resume when it can run.',
    exitCode: EXIT.environment,
    cause: thrown,
  });
}
