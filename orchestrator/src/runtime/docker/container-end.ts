import type Docker from 'dockerode';
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { json } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { ServiceExit } from '../runtime.js';
import type { Engine } from './engine.js';
import { isRefusal, refusalOf } from './engine-error.js';

/** An engine that is removing a container already says 409 until it is done. */
const REMOVAL_MS = 20_000;
const REMOVAL_POLL_MS = 100;
const STOP_MS = 30_000;

/** Waits for a container's end. */
export interface ExitWatch {
  /** The exit code; null when the engine could not tell it (any more). Never rejects. */
  readonly exitCode: Promise<number | null>;
  /** Waits no longer than a moment: the container has ended, and an engine that has not said so by then will not. */
  settle(): Promise<void>;
}

/** From a container's end, as the engine itself reported it, to its answer to who waits for that. */
const END_HEARD_MS = 5000;

/**
 * Begins to wait for the end of a container that is about to be started. `next-exit`, because the default condition
 * holds at once for a container that never ran. The answer's headers come when the engine has begun to watch, so after
 * this the start cannot be missed; dockerode's own wait() hides that moment, and never settles when the engine dies.
 * @throws BenchError `engine-gone`; the engine's refusal.
 */
export async function watchExit(engine: Engine, containerId: string): Promise<ExitWatch> {
  const answer = await engine.call(
    'watch a container',
    async (abortSignal) =>
      new Promise<Readable>((resolve, reject) => {
        engine.docker.modem.dial(
          {
            path: `/containers/${containerId}/wait?`,
            method: 'POST',
            isStream: true,
            options: { condition: 'next-exit' },
            statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
            abortSignal,
          },
          (error, stream) => (error === null ? resolve(stream as Readable) : reject(error)),
        );
      }),
  );
  const exitCode = readExitCode(answer);
  return {
    exitCode,
    async settle() {
      const timer = setTimeout(() => answer.destroy(), END_HEARD_MS);
      await exitCode;
      clearTimeout(timer);
    },
  };
}

async function readExitCode(answer: Readable): Promise<number | null> {
  try {
    const end = await json(answer);
    const code = (end as { StatusCode?: unknown }).StatusCode;
    return typeof code === 'number' ? code : null;
  } catch {
    return null;
  }
}

/** How a container ended, asked of the engine after its end. Never rejects: what is not known is null or false. */
export async function describeExit(engine: Engine, containerId: string, watch: ExitWatch): Promise<ServiceExit> {
  const exitCode = await watch.exitCode;
  const state = await inspectState(engine, containerId);
  const code = exitCode ?? (state?.Running === false ? state.ExitCode : null);
  return { exitCode: code, signal: signalOf(code), outOfMemory: state?.OOMKilled ?? false };
}

async function inspectState(
  engine: Engine,
  containerId: string,
): Promise<Docker.ContainerInspectInfo['State'] | undefined> {
  try {
    const seen = await engine.call('inspect a container', (abortSignal) =>
      engine.docker.getContainer(containerId).inspect({ abortSignal }),
    );
    return seen.State;
  } catch {
    return undefined;
  }
}

/** The signal behind an exit code: 128 + its number, by the convention of shells and container engines. */
function signalOf(exitCode: number | null): string | null {
  if (exitCode === null || exitCode <= 128) return null;
  return Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0] ?? null;
}

/** Asks a container to end, and kills it after the grace time. One that has ended or is gone is fine. */
export async function stopContainer(engine: Engine, containerId: string, graceSeconds: number): Promise<void> {
  try {
    await engine.call(
      'stop a container',
      (abortSignal) => engine.docker.getContainer(containerId).stop({ t: graceSeconds, abortSignal }),
      STOP_MS,
    );
  } catch (error) {
    if (!isRefusal(error, 304, 404)) throw error;
  }
}

/** Kills a container; one that has ended or is gone is fine. */
export async function killContainer(engine: Engine, containerId: string): Promise<void> {
  try {
    await engine.call('kill a container', (abortSignal) =>
      engine.docker.getContainer(containerId).kill({ signal: 'SIGKILL', abortSignal }),
    );
  } catch (error) {
    if (!isRefusal(error, 304, 404, 409)) throw error;
  }
}

/**
 * Removes a container, running or not, with its anonymous volumes, and returns when it is gone.
 * @throws BenchError `engine-gone`; the engine's refusal when it cannot.
 */
export async function removeContainer(engine: Engine, containerId: string): Promise<void> {
  const giveUpAt = Date.now() + REMOVAL_MS;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- each try waits for the answer to the one before
      await engine.call('remove a container', (abortSignal) =>
        engine.docker.getContainer(containerId).remove({ force: true, v: true, abortSignal }),
      );
      return;
    } catch (error) {
      const status = refusalOf(error)?.statusCode;
      if (status === 404) return;
      if (status !== 409 || Date.now() > giveUpAt) throw error;
      // oxlint-disable-next-line no-await-in-loop -- polling
      await delay(REMOVAL_POLL_MS);
    }
  }
}
