import type Docker from 'dockerode';
import type { Engine } from './engine.js';
import { isRefusal } from './engine-error.js';
import { ownerFrom, RUN_LABEL } from './labels.js';
import { type Owner, ownerState } from './owner.js';
import { removeContainer } from './container-end.js';

/** No live run keeps a container that long without running it. */
const FORGOTTEN_MS = 3_600_000;

/** Removes containers of runs whose process is gone; says how many. Containers of a live run are never touched. */
export async function sweepLeftovers(engine: Engine, self: Owner): Promise<number> {
  const found = await listContainers(engine, RUN_LABEL);
  const verdicts = await Promise.all(found.map(async (container) => isLeftover(engine, container, self)));
  const leftovers = found.filter((_, index) => verdicts[index]);
  await Promise.all(leftovers.map(async ({ Id }) => removeContainer(engine, Id)));
  return leftovers.length;
}

/** All containers, also ended ones, with this label (`key` or `key=value`). */
export async function listContainers(
  engine: Engine,
  label: string,
  timeoutMs?: number,
): Promise<Docker.ContainerInfo[]> {
  return engine.call(
    'list containers',
    (abortSignal) => engine.docker.listContainers({ all: true, filters: { label: [label] }, abortSignal }),
    timeoutMs,
  );
}

/** Whether a container of this project was left behind by a run that is over. */
export async function isLeftover(
  engine: Engine,
  container: Pick<Docker.ContainerInfo, 'Labels' | 'State' | 'Created'>,
  self: Owner,
): Promise<boolean> {
  const state = await ownerState(ownerFrom(container.Labels), self, async (id) => containerRuns(engine, id));
  if (state !== 'unknown') return state === 'gone';
  // The owner ran on another machine or before a reboot; nobody here can tell whether it lives, but its containers can.
  return container.State !== 'running' && Date.now() - container.Created * 1e3 > FORGOTTEN_MS;
}

async function containerRuns(engine: Engine, id: string): Promise<boolean> {
  try {
    const seen = await engine.call('inspect a container', (abortSignal) =>
      engine.docker.getContainer(id).inspect({ abortSignal }),
    );
    return seen.State.Running;
  } catch (error) {
    if (isRefusal(error, 404)) return false;
    throw error;
  }
}
