import type { V1Pod } from '@kubernetes/client-node';
import { BenchError } from '../../errors.js';
import { pause } from '../../pause.js';
import type { Cluster } from './cluster.js';
import { fetchArchive } from './fetch-result.js';
import { LogTail } from './log-tail.js';
import { ROLE_OF_POD, RUN_LABEL } from './pod-spec.js';
import { podState } from './pod-state.js';
import { ARCHIVE, FETCHED, readResultLine, type Result } from './result.js';
import { ORCHESTRATOR, WORK } from './run-objects.js';

const POLL_MS = 1000;
/** How much of a log is asked for again, so that nothing is missed between two clocks. */
const OVERLAP_S = 3;
/** A laptop that was closed, a cluster whose API is being repaired: the run goes on meanwhile, and its result waits. */
const AWAY_MS = 900_000;
/** Until a Pod that cannot be scheduled, or whose image does not come, is given up. */
const TROUBLE_MS = 120_000;
const FETCH_MS = 600_000;

/** Where a run is. */
export interface RunAt {
  readonly namespace: string;
  readonly runId: string;
  readonly job: string;
}

/** What became of a run. */
export interface Followed {
  readonly exitCode: number;
  /** Its directory as an archive; null: it has none. */
  readonly archive: Buffer | null;
}

/**
 * Follows a run to its end and fetches its result. Whatever is cut off on the way (the log, this machine's network, an API server that is
 * started anew) is taken up again where it was.
 * @param interrupt asks the run to end; it is followed on, because it writes what there is
 * @throws BenchError `run-lost` when its Pod ends without a result, `result-lost`, `engine-gone`
 */
export async function followRun(
  cluster: Cluster,
  at: RunAt,
  tell: (line: string) => void,
  interrupt: AbortSignal,
): Promise<Followed> {
  const pod = await untilRunning(cluster, at, tell, interrupt);
  const log = new PodLog(cluster, at.namespace, pod);
  let asked = false;
  let result: Result | null = null;
  while (result === null) {
    if (interrupt.aborted && !asked) {
      asked = true;
      // oxlint-disable-next-line no-await-in-loop -- once
      await cluster.execute(at.namespace, pod, ORCHESTRATOR, ['sh', '-c', 'kill -INT 1']);
    }
    // oxlint-disable-next-line no-await-in-loop -- polling
    const seen = await orchestratorPod(cluster, at);
    // oxlint-disable-next-line no-await-in-loop -- polling
    const lines = seen === null ? [] : await log.fresh();
    for (const line of lines) {
      const found = readResultLine(line);
      if (found === null) tell(line);
      else result = found;
    }
    const state = podState(seen);
    if (result === null && state.phase === 'ended') throw runLost(state.exit.told?.message ?? endText(state.exit));
    if (result === null && state.phase === 'refused') throw runLost(state.reason.message);
    // oxlint-disable-next-line no-await-in-loop -- polling
    if (result === null) await pause(POLL_MS, NEVER);
  }
  if (result.bytes === 0) return { exitCode: result.exitCode, archive: null };
  const archive = await fetchArchive(
    result,
    async (from) =>
      cluster.execute(at.namespace, pod, ORCHESTRATOR, ['tail', '-c', `+${from + 1}`, `${WORK}/${ARCHIVE}`], FETCH_MS),
    NEVER,
  );
  await cluster.execute(at.namespace, pod, ORCHESTRATOR, ['touch', `${WORK}/${FETCHED}`]).catch(() => undefined);
  return { exitCode: result.exitCode, archive };
}

const NEVER = new AbortController().signal;

async function untilRunning(
  cluster: Cluster,
  at: RunAt,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const begun = performance.now();
  let told = '';
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- polling
    const pod = await orchestratorPod(cluster, at);
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
    await pause(POLL_MS, signal);
  }
}

async function orchestratorPod(cluster: Cluster, { namespace, runId }: RunAt): Promise<V1Pod | null> {
  const labelSelector = `${RUN_LABEL}=${runId},${ROLE_OF_POD}=${ORCHESTRATOR}`;
  const { items } = await cluster.call(
    'look at the run',
    async (options) => cluster.core.listNamespacedPod({ namespace, labelSelector }, options),
    { patienceMs: AWAY_MS },
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
    message: `The orchestrator of the run is gone, and its result with it: ${why}`,
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

  /** Lines that are new. By how long ago, and not since when: the clocks of this machine and of the node need not agree. */
  async fresh(): Promise<string[]> {
    const now = performance.now();
    const sinceSeconds = this.#hadAt === null ? undefined : Math.ceil((now - this.#hadAt) / 1000) + OVERLAP_S;
    const where = { namespace: this.#namespace, name: this.#pod, container: ORCHESTRATOR, timestamps: true };
    const text = await this.#cluster.call(
      'read the log of the run',
      async (options) =>
        this.#cluster.core.readNamespacedPodLog(
          sinceSeconds === undefined ? where : { ...where, sinceSeconds },
          options,
        ),
      { patienceMs: AWAY_MS },
    );
    this.#hadAt = now;
    return this.#tail.take(text ?? '');
  }
}
