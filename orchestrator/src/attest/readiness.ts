import { questionUrl } from '../catalogue/addressing.js';
import { request } from 'undici';
import { AnswerFault } from '../answers/answer-fault.js';
import type { WireFormat } from '../answers/frame.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS, scenarioBody } from '../catalogue/scenarios.js';
import { notServed, type Served } from '../catalogue/served.js';
import { limitsTogether } from '../catalogue/service.js';
import { messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';
import { pause } from '../pause.js';
import { usedUpMemory } from '../record/memory-limit.js';
import type { Reason } from '../record/reason.js';
import type { MockAddress } from '../resources/mock-address.js';
import { type MockTally, mockTally } from '../resources/mock-health.js';
import type { RunningService, ServiceExit } from '../runtime/runtime.js';
import { ask, StatusFault } from './ask.js';
import type { AskedTarget } from './asker.js';
import { formatOf } from '../catalogue/format-of.js';
import { lastWords } from './last-words.js';
import { NoAnswer } from './no-answer.js';
import { askedInVain } from './upstream.js';

const POLL_MS = 100;
const PROBE_TIMEOUT_MS = 5000;
/** A refusal that stays for so long is the target's answer, and no longer that of something that is still starting. */
const SETTLED_MS = 3000;
const COMMON_FORMATS: readonly WireFormat[] = ['chat', 'embeddings'];
const TOO_MANY = 429;
/** Refusals by which a service asks for patience. */
const PATIENCE = [408, 425, TOO_MANY];

/** What is waited for. */
export interface Awaited extends AskedTarget {
  readonly healthPath: string | null;
  readonly readyTimeoutMs: number;
  /** What its entry says it serves; left out: it says nothing. */
  readonly serves?: readonly Served[];
  /** A limit of it may be what refuses, so that to be told of too many requests is an answer. Left out: it asks for patience. */
  readonly refusesMany?: boolean;
  /** What it may use of memory, each of its replicas; null: not limited. Left out: nobody knows. */
  readonly memoryBytes?: number | null;
  readonly replicas?: number;
  /** It was not started by us: where nothing listens nothing will. */
  readonly alreadyRuns: boolean;
  /** The mock that it asks, to tell what it asked for in vain; null: it is the mock. */
  readonly mock: MockAddress | null;
}

/**
 * Waits from outside until a service listens and answers: its health path first, then a real request, because many answer the one
 * long before they can do the other. Whether the answer is right, or the scenario offered at all, is the attestation's to say: a refusal
 * that stays is an answer too. Probes inside the container would be charged to it.
 * @returns null when it is ready, else why not: `exited`, `not-ready`, or `not-running`
 * @throws the signal's reason
 */
export async function waitReady(
  service: RunningService,
  awaited: Awaited,
  probe: Scenario,
  signal: AbortSignal,
): Promise<Reason | null> {
  const ended: { exit?: ServiceExit } = {};
  void service.exited.then((exit) => {
    ended.exit = exit;
  });
  const { mock, readyTimeoutMs } = awaited;
  let before: MockTally | null | undefined;
  const vain = async (): Promise<string> => {
    const asked = mock === null ? '' : askedInVain(before ?? null, await mockTally(mock));
    return asked === '' ? '' : `; it asked the mock in vain: ${asked}`;
  };
  const deadline = performance.now() + readyTimeoutMs;
  let last = 'nothing answered';
  let refusedSince: number | null = null;
  while (performance.now() < deadline) {
    // While somebody else is up, as one who is being stopped, it may be their doing what the mock is asked.
    if (before === undefined && mock !== null && (awaited.isAlone?.() ?? true)) before = await mockTally(mock);
    if (ended.exit !== undefined) {
      const reason = exitedReason(ended.exit, await service.logs());
      return { ...reason, message: `${reason.message}${await vain()}` };
    }
    try {
      if (awaited.healthPath !== null) await checkHealth(service.url + awaited.healthPath, signal);
      await ask(question(awaited, probe), signal);
      // What stands before several sends a request to one of them.
      for (const url of awaited.memberUrls ?? []) await ask(question({ ...awaited, url }, probe), signal);
      return null;
    } catch (thrown) {
      signal.throwIfAborted();
      last = messageOf(thrown);
      if (awaited.alreadyRuns && thrown instanceof NoAnswer && thrown.silence === 'refused') return notRunning(awaited);
      refusedSince = isAnswer(thrown, awaited.refusesMany) ? (refusedSince ?? performance.now()) : null;
      if (refusedSince !== null && performance.now() - refusedSince >= SETTLED_MS) return null;
    }
    await pause(POLL_MS, signal);
  }
  const message = `not ready after ${readyTimeoutMs / 1000} s: ${last}${await wantOfMemory(service, awaited)}${await vain()}${tail(await service.logs())}`;
  return { code: 'not-ready', message };
}

/** One that does not fit into its limit may start for ever, and say nothing of it. */
async function wantOfMemory(service: RunningService, { memoryBytes = null, replicas = 1 }: Awaited): Promise<string> {
  if (memoryBytes === null) return '';
  const sample = await service.sample('whole');
  const used = sample?.memoryPeakBytes ?? sample?.memoryBytes ?? null;
  const { memoryBytes: limit } = limitsTogether({ cpus: null, memoryBytes, replicas });
  // More than the limit is a limit that is not enforced.
  const words = used !== null && limit !== null && used > limit ? null : usedUpMemory(used, limit);
  return words === null ? '' : `; it ${words}`;
}

/** Why a service that ended is of no more use. */
export function exitedReason(exit: ServiceExit, logs: string): Reason {
  if (exit.told !== undefined) return exit.told;
  if (exit.outOfMemory)
    return { code: 'out-of-memory', message: 'killed by the kernel: it used more memory than its limit' };
  const how = exit.signal === null ? `exited with code ${exit.exitCode ?? 'unknown'}` : `was ended by ${exit.signal}`;
  return { code: 'exited', message: `it ${how}${tail(logs)}` };
}

function notRunning({ url }: AskedTarget): Reason {
  return { code: 'not-running', message: `nothing listens at ${url}, where it is taken to run already` };
}

/** Whether a probe shows something that is up and answers, if not as it should. */
function isAnswer(thrown: unknown, refusesMany = false): boolean {
  if (thrown instanceof StatusFault)
    return (
      (refusesMany && thrown.status === TOO_MANY) ||
      (thrown.status < 500 && !PATIENCE.includes(thrown.status)) ||
      thrown.status === 501
    );
  return thrown instanceof AnswerFault;
}

async function checkHealth(url: string, signal: AbortSignal): Promise<void> {
  try {
    const { statusCode, body } = await request(url, {
      headersTimeout: PROBE_TIMEOUT_MS,
      bodyTimeout: PROBE_TIMEOUT_MS,
      signal,
      dispatcher: ownRequests,
    });
    await body.dump();
    if (statusCode < 200 || statusCode > 299) throw new Error(`GET ${new URL(url).pathname} answered ${statusCode}`);
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof Error && 'code' in thrown ? new NoAnswer(thrown, false, PROBE_TIMEOUT_MS) : thrown;
  }
}

/**
 * What it is asked to see whether it answers: the probe, unless its entry does not list that; and where it lists nothing, what everybody
 * serves, because some say 500 to a format that they do not have.
 */
function question(awaited: Awaited, given: Scenario) {
  const isSafe = (one: Scenario) => awaited.serves !== undefined || COMMON_FORMATS.includes(formatOf(one));
  const probe = [given, ...SCENARIOS].find((one) => notServed(one, awaited.serves) === null && isSafe(one)) ?? given;
  return {
    url: questionUrl(awaited, probe),
    headers: { ...probe.headers, ...awaited.headers },
    body: scenarioBody(probe, awaited, ''),
    streaming: probe.streaming,
    timeoutMs: PROBE_TIMEOUT_MS,
    mayLackEnd: awaited.accept?.includes('no-done') ?? false,
  };
}

function tail(logs: string): string {
  const words = lastWords(logs);
  return words === '' ? '' : `; its log says: ${words}`;
}
