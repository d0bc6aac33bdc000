import type { Attempt, ConductPhase, ConductRequest } from '#src/analyse/conduct/fate.js';

/** Ten seconds in all: the fault lasts from the second to the sixth second. */
export const PHASES: readonly ConductPhase[] = [
  { name: 'before', fromUs: 0, untilUs: 2e6 },
  { name: 'fault', fromUs: 2e6, untilUs: 6e6 },
  { name: 'after', fromUs: 6e6, untilUs: 10e6 },
];

/** A request that was served within a millisecond. */
export function request(id: string, dueUs: number, more: Partial<ConductRequest> = {}): ConductRequest {
  return { id, outcome: 'ok', dueUs, lastByteUs: dueUs + 1000, endUs: dueUs + 1000, status: 200, ...more };
}

/** An attempt that went well, half a millisecond long. */
export function attempt(id: string, arrivedUs: number, more: Partial<Attempt> = {}): Attempt {
  return {
    id,
    provider: 'a',
    phase: PHASES.find(({ fromUs, untilUs }) => arrivedUs >= fromUs && arrivedUs < untilUs)?.name ?? null,
    arrivedUs,
    lastByteUs: arrivedUs + 500,
    endUs: arrivedUs + 500,
    status: 200,
    end: 'complete',
    fault: null,
    ...more,
  };
}

/** One that was answered 503. */
export function failed(id: string, arrivedUs: number, more: Partial<Attempt> = {}): Attempt {
  return attempt(id, arrivedUs, { status: 503, end: 'fault', fault: 'error', ...more });
}
