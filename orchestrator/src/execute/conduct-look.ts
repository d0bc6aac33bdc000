import type { ConductLook } from '../record/conduct.js';
import type { RunningService } from '../runtime/runtime.js';

/** How a target stands now; what its runtime does not show is null, and all of it of one that cannot be looked at. */
export async function lookAt(service: RunningService): Promise<ConductLook> {
  const standing = (await service.standing?.()) ?? null;
  if (standing !== null) return { ...standing, processes: [...standing.processes] };
  const sample = await service.sample('whole');
  return { processes: null, descriptors: null, connections: null, memoryBytes: sample?.memoryBytes ?? null };
}
