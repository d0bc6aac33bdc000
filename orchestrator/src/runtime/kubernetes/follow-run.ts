import type { V1Pod } from '@kubernetes/client-node';
import { BenchError } from '../../errors.js';
import { pause } from '../../pause.js';
import type { Cluster } from './cluster.js';
import { type Exchange, ResultFetch } from './fetch-result.js';
import { LogTail } from './log-tail.js';
import { ROLE_OF_POD, RUN_LABEL } from './run-place.js';
import { type PodState, podState, whyEnding } from './pod-state.js';
import { ARCHIVE, FETCHED, marksOf, readResultLine, type Result } from './result.js';
import { ORCHESTRATOR, WORK } from './run-objects.js';

const POLL_MS = 1000;
/** How much of a log is asked for again, so that nothing is missed between two clocks. */
const OVERLAP_S = 3;
/** A laptop that was closed, a cluster whose API is being repaired: the run goes on meanwhile, and its result waits. */
const AWAY_MS = 900_000;
/** Until a Pod that cannot be scheduled, or whose image does not come, is given up. */
const TROUBLE_MS = 120_000;
const FETCH_MS = 600_000;
/** For one look at the log: its kubelet may be away where the API server is not. */
const LOG_MS = 10_000;

/** Where a run is. */
export interface RunAt {
  readonly namespace: string;
  readonly runId: string;
  readonly job: string;
}

/** How a run is followed. */
export interface Following {
  /** Is given each line of its log. */
  readonly tell: (line: string) => void;
  /** Is given what it has measured since the last time, as an archive of its directory: while it goes on, and at its end. */
  readonly deliver: Exchange['deliver'];
  /** Asks the run to end; it is followed on, because it writes what there is. */
  readonly interrupt: AbortSignal;
  /** How long a cluster, or a node, that does not answer is waited for; left out: a quarter of an hour. */
  readonly awayMs?: number;
}

/** What became of a run. */
export interface Followed {
  readonly exitCode: number;
  /** In the cluster's own words, why it was ended there, where neither it nor anybody here did so. */
  readonly endedBy: string | null;
}

/**
 * Follows a run to its end and fetches what it measures as it does. Whatever is cut off on the way (the log, this machine's network, an API server
 * that is started anew) is taken up again where it was.
 * @throws BenchError `run-lost` when its Pod ends without a result, `result-lost`, `engine-gone`; what `deliver` throws
 */
export async function followRun(cluster: Cluster, at: RunAt, following: Following): Promise<Followed> {
  const { tell, interrupt, awayMs = AWAY_MS } = following;
  const pod = await untilRunning(cluster, at, following);
  const log = new PodLog(cluster, at.namespace, pod);
  const silence = new Silence(tell, awayMs);
  const fetch = new ResultFetch({ read: reading(cluster, at, pod), deliver: following.deliver });
  let asked = false;
  let endedBy: string | null = null;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- until it was heard
    if (interrupt.aborted && !asked) asked = await askToEnd(cluster, at, pod);
    // oxlint-disable-next-line no-await-in-loop -- polling
    const seen = await orchestratorPod(cluster, at, awayMs);
    const state = podState(seen);
    endedBy ??= interrupt.aborted ? null : whyEnding(seen);
    const isSilent = state.phase === 'ended' && state.exit.told?.code === 'node-lost';
    // oxlint-disable-next-line no-await-in-loop -- polling
    const lines = seen === null ? [] : isSilent ? null : await log.fresh();
    let result: Result | null = null;
    for (const line of lines ?? []) {
      const found = readResultLine(line);
      if (found === null) tell(line);
      else result = found;
    }
    if (result !== null && result.exitCode !== null) {
      // oxlint-disable-next-line no-await-in-loop -- the last thing that is done
      await fetch.all(result, NEVER);
      // oxlint-disable-next-line no-await-in-loop -- the last thing that is done
      await cluster.execute(at.namespace, pod, ORCHESTRATOR, ['touch', `${WORK}/${FETCHED}`]).catch(() => undefined);
      return { exitCode: result.exitCode, endedBy };
    }
    // oxlint-disable-next-line no-await-in-loop -- it rests for this
    if (result !== null) await fetch.some(result);
    const why = endOf(state);
    // A node that is silent may come back with its Pod, and a log that cannot be had may hold the result.
    if (silence.lasts(isSilent, why !== null && lines === null, why ?? '') || (why !== null && lines !== null))
      throw runLost(why ?? '');
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, NEVER);
  }
}

/** Prints the archive of a run from a byte on. Where the run does not rest for it there is none, and nothing comes. */
function reading(cluster: Cluster, { namespace }: RunAt, pod: string): Exchange['read'] {
  return async (from, until) => {
    const { begun, had } = marksOf(until);
    const script = `cd ${WORK} && test -e ${ARCHIVE} && touch ${begun} && tail -c +${from + 1} ${ARCHIVE} && touch ${had}`;
    return cluster.execute(namespace, pod, ORCHESTRATOR, ['sh', '-c', script], FETCH_MS);
  };
}

const NEVER = new AbortController().signal;

/** Asks the run to end. @returns whether it was heard: an API server that is away is asked again */
async function askToEnd(cluster: Cluster, { namespace }: RunAt, pod: string): Promise<boolean> {
  try {
    await cluster.execute(namespace, pod, ORCHESTRATOR, ['sh', '-c', 'kill -INT 1']);
    return true;
  } catch {
    return false;
  }
}

/** How long nothing is heard of the orchestrator, or of its log behind its end. */
class Silence {
  readonly #tell: (line: string) => void;
  readonly #awayMs: number;
  #since: number | null = null;
  #told = false;

  constructor(tell: (line: string) => void, awayMs: number) {
    this.#tell = tell;
    this.#awayMs = awayMs;
  }

  /** Whether it has lasted for longer than anybody waits. @param why in the cluster's own words */
  lasts(isSilent: boolean, isWithoutLog: boolean, why: string): boolean {
    if (!isSilent && !isWithoutLog) {
      if (this.#told) this.#tell('the orchestrator is heard of again');
      this.#told = false;
      this.#since = null;
      return false;
    }
    this.#since ??= performance.now();
    if (!this.#told) this.#tell(`the orchestrator is not heard of, and is waited for: ${why}`);
    this.#told = true;
    return performance.now() - this.#since > this.#awayMs;
  }
}

/** Why there is no orchestrator any more; null: there is. */
function endOf(state: PodState): string | null {
  if (state.phase === 'refused') return state.reason.message;
  return state.phase === 'ended' ? (state.exit.told?.message ?? endText(state.exit)) : null;
}

async function untilRunning(
  cluster: Cluster,
  at: RunAt,
  { tell, interrupt, awayMs = AWAY_MS }: Following,
): Promise<string> {
  const begun = performance.now();
  let told = '';
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const pod = await orchestratorPod(cluster, at, awayMs);
    const state = pod === null ? null : podState(pod);
    // One that has ended by now has a log, and perhaps a result.
    if (pod !== null && (state?.phase === 'running' || state?.phase === 'ended')) return pod.metadata?.name ?? '';
    if (state?.phase === 'refused') throw runLost(state.reason.message);
    const trouble = state?.phase === 'coming' ? state.trouble : null;
    if (trouble !== null && trouble.message !== told) {
      told = trouble.message;
      tell(`the orchestrator does not start yet: ${told}`);
    }
    if (trouble !== null && performance.now() - begun > TROUBLE_MS) throw runLost(trouble.message);
    // oxlint-disable-next-line no-await-in-loop -- polling
    await pause(POLL_MS, interrupt);
  }
}

async function orchestratorPod(
  cluster: Cluster,
  { namespace, runId }: RunAt,
  patienceMs: number,
): Promise<V1Pod | null> {
  const labelSelector = `${RUN_LABEL}=${runId},${ROLE_OF_POD}=${ORCHESTRATOR}`;
  const { items } = await cluster.call(
    'look at the run',
    async (options) => cluster.core.listNamespacedPod({ namespace, labelSelector }, options),
    { patienceMs },
  );
  return items[0] ?? null;
}

function endText({
  exitCode,
  outOfMemory,
}: {
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
}): string {
  return outOfMemory ? 'OOMKilled: its node has too little memory' : `it exited with code ${exitCode ?? 'unknown'}`;
}

function runLost(why: string): BenchError {
  return new BenchError({
    code: 'run-lost',
    message: `The orchestrator of the run is gone, and what it has not handed out with it: ${why}`,
  });
}

/** The log of the orchestrator, asked for once a look. */
class PodLog {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  readonly #pod: string;
  readonly #tail = new LogTail();
  /** When it was had the last time, `performance.now()`; null: never. */
  #hadAt: number | null = null;

  constructor(cluster: Cluster, namespace: string, pod: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#pod = pod;
  }

  /** Lines that are new; null: the log cannot be had now. By how long ago, and not since when: the clocks of this machine and of the node need not agree. */
  async fresh(): Promise<string[] | null> {
    const now = performance.now();
    const sinceSeconds = this.#hadAt === null ? undefined : Math.ceil((now - this.#hadAt) / 1000) + OVERLAP_S;
    const where = { namespace: this.#namespace, name: this.#pod, container: ORCHESTRATOR, timestamps: true };
    const request = sinceSeconds === undefined ? where : { ...where, sinceSeconds };
    let text: string | undefined;
    try {
      text = await this.#cluster.call(
        'read the log of the run',
        async (options) => this.#cluster.core.readNamespacedPodLog(request, options),
        { patienceMs: LOG_MS },
      );
    } catch {
      // Of a server that stays away is told by whoever looks at the Pod; what is missed now comes with the next look.
      return null;
    }
    this.#hadAt = now;
    return this.#tail.take(text ?? '');
  }
}
