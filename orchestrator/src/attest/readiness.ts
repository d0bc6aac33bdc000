import { request } from 'undici';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import { messageOf } from '../errors.js';
import { pause } from '../pause.js';
import type { Reason } from '../record/reason.js';
import type { RunningService, ServiceExit } from '../runtime/runtime.js';
import type { AskedTarget } from './attest.js';
import { ask } from './ask.js';

const POLL_MS = 100;
const PROBE_TIMEOUT_MS = 5000;

/** What is waited for. */
export interface Awaited extends AskedTarget {
  readonly healthPath: string | null;
  readonly readyTimeoutMs: number;
}

/**
 * Waits from outside until a service answers: its health path first, then a real request, because many answer the one
 * long before they can do the other. Probes inside the container would be charged to it.
 * @returns null when it is ready, else why not: `exited` or `not-ready`
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
  const deadline = performance.now() + awaited.readyTimeoutMs;
  let last = 'nothing answered';
  while (performance.now() < deadline) {
    if (ended.exit !== undefined) return exitedReason(ended.exit, await service.logs());
    try {
      if (awaited.healthPath !== null) await checkHealth(awaited.url + awaited.healthPath, signal);
      await ask({ ...question(awaited, probe), timeoutMs: PROBE_TIMEOUT_MS }, signal);
      return null;
    } catch (thrown) {
      signal.throwIfAborted();
      last = messageOf(thrown);
    }
    await pause(POLL_MS, signal);
  }
  return {
    code: 'not-ready',
    message: `not ready after ${awaited.readyTimeoutMs / 1000} s: ${last}${tail(await service.logs())}`,
  };
}

/** Why a service that ended is of no more use. */
export function exitedReason(exit: ServiceExit, logs: string): Reason {
  if (exit.outOfMemory)
    return { code: 'out-of-memory', message: 'killed by the kernel: it used more memory than its limit' };
  const how = exit.signal === null ? `exited with code ${exit.exitCode ?? 'unknown'}` : `was ended by ${exit.signal}`;
  return { code: 'exited', message: `it ${how}${tail(logs)}` };
}

async function checkHealth(url: string, signal: AbortSignal): Promise<void> {
  const { statusCode, body } = await request(url, {
    headersTimeout: PROBE_TIMEOUT_MS,
    bodyTimeout: PROBE_TIMEOUT_MS,
    signal,
  });
  await body.dump();
  if (statusCode < 200 || statusCode > 299) throw new Error(`GET ${new URL(url).pathname} answered ${statusCode}`);
}

function question(awaited: Awaited, probe: Scenario) {
  return {
    url: awaited.url + probe.path,
    headers: awaited.headers,
    body: scenarioBody(probe, awaited.modelPrefix, ''),
    streaming: probe.streaming,
  };
}

function tail(logs: string): string {
  const lines = logs.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? '' : `; its last words: ${lines.slice(-3).join(' | ').slice(-300)}`;
}
