import { BenchError } from '../../errors.js';
import type { Engine } from './engine.js';
import { refusalOf } from './engine-error.js';

/**
 * Starts something with the engine's helper as process 1, and without where the engine will not do it so: Podman needs a helper that is
 * often not installed (catatonit), says nothing of it beforehand, and refuses with a status of its own fault. Without the helper a program
 * that ignores SIGTERM takes the whole grace time of a stop; nothing else changes.
 * @param attempt leaves nothing behind when it fails, and says when the container has started: what goes wrong then has another reason
 */
export async function withInitOrWithout<T>(
  engine: Engine,
  attempt: (init: boolean, started: () => void) => Promise<T>,
): Promise<T> {
  let hasStarted = false;
  try {
    return await attempt(engine.hasInit, () => (hasStarted = true));
  } catch (error) {
    if (!engine.hasInit || hasStarted || !isEngineFault(error)) throw error;
  }
  return attempt(false, () => (engine.hasInit = false));
}

/** Whether the engine refused by a fault of its own rather than of what was asked. */
function isEngineFault(thrown: unknown): boolean {
  const refusal = refusalOf(thrown instanceof BenchError ? thrown.cause : thrown);
  return refusal !== null && refusal.statusCode >= 500;
}
