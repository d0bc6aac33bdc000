import { EventEmitter, once } from 'node:events';
import type { Readable } from 'node:stream';
import type { ResourceSample, SampleDepth } from '../runtime.js';
import { type CgroupFiles, findCgroup, sampleCgroup } from './cgroup.js';
import type { Engine } from './engine.js';
import { sampleFromStats } from './engine-stats.js';
import { jsonLines } from './json-lines.js';

/** Takes samples of one container; every call answers quickly or with what is known. */
export interface Sampler {
  /** The newest sample; the same one again when nothing newer is known; null once the container has ended. */
  sample(depth: SampleDepth): Promise<ResourceSample | null>;
  close(): void;
}

/** How long the first sample of a stream may be waited for; later ones are there already. */
const FIRST_SAMPLE_MS = 2500;
const ONE_SHOT_MS = 3000;
/** Within a window the engine is asked no more often than its own stream would tell. */
const ENGINE_INTERVAL_MS = 1000;

/**
 * The best way to observe a running container: its cgroup's files where they can be read from here (well under a
 * millisecond), else the engine. The kernel's peak counts from before the program: runc sets the container up inside
 * its cgroup and takes some 20 MB for that, so for a small gateway only a peak that rises later is the gateway's.
 */
export async function openSampler(engine: Engine, containerId: string, pid: number): Promise<Sampler> {
  const files = await findCgroup({ version: engine.facts.cgroupVersion, containerId, pid });
  if (files !== null) return cgroupSampler(files);
  return canOneShot(engine) ? oneShotSampler(engine, containerId) : streamSampler(engine, containerId);
}

/** Reads the kernel's files; within a window memory is read once a second, as its series needs no more. */
function cgroupSampler(files: CgroupFiles): Sampler {
  let memoryAtMs = Number.NEGATIVE_INFINITY;
  return {
    sample: async (depth) => {
      const now = performance.now();
      const whole = depth === 'whole' || now - memoryAtMs >= ENGINE_INTERVAL_MS;
      if (whole) memoryAtMs = now;
      return sampleCgroup(files, whole ? 'whole' : 'light');
    },
    close: () => undefined,
  };
}

// Engine 25 answers one-shot at once; older ones take a second for it.
function canOneShot(engine: Engine): boolean {
  return Number(engine.facts.version.split('.')[0]) >= 25;
}

/** Asks the engine each time. Calls that overlap share one answer. */
function oneShotSampler(engine: Engine, containerId: string): Sampler {
  let pending: Promise<ResourceSample | null> | null = null;
  const ask = async (): Promise<ResourceSample | null> => {
    try {
      return sampleFromStats(
        await engine.call(
          'read stats',
          (abortSignal) =>
            engine.docker
              .getContainer(containerId)
              .stats({ stream: false, 'one-shot': true, abortSignal } as { stream: false }),
          ONE_SHOT_MS,
        ),
      );
    } catch {
      // Gone, or an engine that is: either way it cannot be observed any more. The next call that matters says which.
      return null;
    } finally {
      pending = null;
    }
  };
  let newest: ResourceSample | null = null;
  let askedAtMs = Number.NEGATIVE_INFINITY;
  return {
    sample: async (depth) => {
      if (depth === 'light' && performance.now() - askedAtMs < ENGINE_INTERVAL_MS) return newest;
      askedAtMs = performance.now();
      newest = await (pending ??= ask());
      return newest;
    },
    close: () => undefined,
  };
}

/** Listens to the engine's stream of about one sample a second and hands out the newest. */
function streamSampler(engine: Engine, containerId: string): Sampler {
  const abort = new AbortController();
  const first = new EventEmitter();
  // Undefined until the first answer; null once the engine has nothing to say of the container any more.
  let newest: ResourceSample | null | undefined;
  const listen = async (): Promise<void> => {
    try {
      const stream = await engine.docker
        .getContainer(containerId)
        .stats({ stream: true, abortSignal: abort.signal } as { stream: true });
      for await (const answer of jsonLines(stream as Readable)) {
        newest = sampleFromStats(answer);
        first.emit('heard');
      }
    } catch {
      // The connection ended; as with one-shot, only the observation is over.
    } finally {
      newest = null;
      first.emit('heard');
    }
  };
  void listen();
  return {
    sample: async () => {
      if (newest === undefined)
        await once(first, 'heard', { signal: AbortSignal.timeout(FIRST_SAMPLE_MS) }).catch(() => undefined);
      return newest ?? null;
    },
    close: () => abort.abort(),
  };
}
