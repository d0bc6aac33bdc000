import type { Service, WorkersSpec } from '../catalogue/service.js';
import type { Reason } from '../record/reason.js';
import type { SurfaceLimits, SurfacePlace } from '../record/surface.js';
import type { Candidate, Contestant } from './targets.js';

const WORKERS = '{workers}';

/**
 * Each gateway at each of some limits, as a target of its own; `direct` once. A gateway whose number of workers cannot be set is
 * not offered where one is asked for, and what runs already has limits that are not ours to set.
 */
export function overLimits(candidates: readonly Candidate[], limits: readonly SurfaceLimits[]): Candidate[] {
  if (limits.length === 0) return [...candidates];
  return candidates.flatMap((candidate) => {
    if (candidate.target.kind === 'direct') return candidate;
    return limits.map((at) => placed(candidate, at));
  });
}

function placed(candidate: Candidate, at: SurfaceLimits): Candidate {
  const { target, notOffered } = candidate;
  const why = notOffered ?? whyNot(candidate, at);
  const place: SurfacePlace = { of: target.name, ...at };
  return {
    ...candidate,
    target: { ...target, name: `${target.name}:${labelOf(at)}`, service: atLimits(target.service, at) },
    place,
    // What it does not offer is no failure of the run.
    ...(why === null ? {} : { notOffered: why, named: false }),
  };
}

function whyNot({ target }: Candidate, { workers }: SurfaceLimits): Reason | null {
  if (target.kind === 'external')
    return { code: 'not-offered', message: 'it runs already, and its limits are set by whoever started it' };
  if (workers === null || target.service.workers !== undefined) return null;
  const lacks = target.service.lacks?.['workers'];
  return {
    code: 'not-offered',
    message: `its number of workers cannot be set${lacks === undefined ? ' (x-bench.workers in its entry)' : `: ${lacks}`}`,
  };
}

/** Such as `0.5cpu-256m-2workers`; for names of targets and files. */
function labelOf({ cpus, memoryBytes, workers }: SurfaceLimits): string {
  return [
    ...(cpus === null ? [] : [`${cpus}cpu`]),
    ...(memoryBytes === null ? [] : [`${Number((memoryBytes / 1024 ** 2).toFixed(3))}m`]),
    ...(workers === null ? [] : [`${workers}workers`]),
  ].join('-');
}

function atLimits(service: Service, { cpus, memoryBytes, workers }: SurfaceLimits): Service {
  const limited = {
    ...service,
    cpus: cpus ?? service.cpus,
    memoryBytes: memoryBytes ?? service.memoryBytes,
  };
  return workers === null || service.workers === undefined ? limited : withWorkers(limited, service.workers, workers);
}

/** The words and variables that its entry names; a number that is not told by processes is taken at its word. */
function withWorkers(service: Service, { command, environment, match }: WorkersSpec, workers: number): Service {
  const fill = (text: string): string => text.replaceAll(WORKERS, String(workers));
  const words = command.map(fill);
  const variables = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fill(value)]));
  return {
    ...service,
    command: service.command === null && words.length === 0 ? null : [...(service.command ?? []), ...words],
    environment: { ...service.environment, ...variables },
    process:
      service.process === null
        ? null
        : {
            ...service.process,
            command: [...service.process.command, ...words],
            environment: { ...service.process.environment, ...variables },
          },
    // One worker is the program itself.
    ...(match === null || workers === 1 ? {} : { attest: { by: 'processes' as const, match, count: workers } }),
  };
}

/** What a limit is worth that nobody enforces: a point of a surface without its own is absent. */
export function withLimitsInForce(contestants: readonly Contestant[]): Contestant[] {
  return contestants.map((contestant) => {
    const { place, availability } = contestant;
    if (place === undefined || availability.state !== 'available' || availability.limitsEnforced) return contestant;
    const leftOut = availability.limitsLeftOut?.map(({ limit }) => limit) ?? ['cpus', 'memory'];
    const missing = [
      ...(place.cpus !== null && leftOut.includes('cpus') ? ['CPUs'] : []),
      ...(place.memoryBytes !== null && leftOut.includes('memory') ? ['memory'] : []),
    ];
    if (missing.length === 0) return contestant;
    const message = `limits of ${missing.join(' and ')} cannot be enforced here, so that this point would be another`;
    return { ...contestant, availability: { state: 'absent', reason: { code: 'limits-not-enforced', message } } };
  });
}
