import { type Catalogue, selectGateways } from '../catalogue/catalogue.js';
import { ownProgramName, withOwnProgram } from '../catalogue/own-program.js';
import type { Service } from '../catalogue/service.js';
import { usageError } from '../errors.js';
import type { StageTarget } from '../execute/stage.js';
import type { PlannedTarget } from '../plan/plan.js';
import type { TargetRecord } from '../record/manifest.js';
import type { Availability, Runtime } from '../runtime/runtime.js';
import type { MeasureRequest } from './request.js';

/** A target with what became of preparing it. */
export interface Contestant {
  readonly target: StageTarget;
  readonly availability: Availability;
  /** Asked for by name, so that its absence is a failure of the run. */
  readonly named: boolean;
}

/** A target that was asked for and is not prepared yet. */
export type Candidate = Omit<Contestant, 'availability'>;

/**
 * Who is asked for: `direct`, gateways, then what already runs elsewhere.
 * @throws BenchError `unknown-gateway`, `name-taken`
 */
export function chooseCandidates(
  request: Pick<MeasureRequest, 'gateways' | 'externals' | 'programs'>,
  catalogue: Catalogue,
  runtime: Runtime,
  external: Runtime,
): Candidate[] {
  const named = request.gateways !== null;
  const beside = request.programs.filter(({ label }) => label !== null);
  const onlyOwn = !named && request.externals.length + beside.length > 0;
  // `direct` takes part anyway; where it alone is named, it alone is measured. Builds of one's own take part too, named here or not.
  const own = beside.map(ownProgramName);
  const names = request.gateways?.filter((name) => name !== 'direct' && !own.includes(name)) ?? [];
  const chosen = named
    ? selectGateways(catalogue, names)
    : onlyOwn
      ? []
      : catalogue.gateways.filter(({ isActive }) => isActive);
  const programs = request.programs.map((program) =>
    withOwnProgram(selectGateways(catalogue, [program.gateway])[0] as Service, program),
  );
  const gateways = [
    ...chosen.map((service) => programs.find(({ name }) => name === service.name) ?? service),
    ...programs.filter(({ name }) => !chosen.some((service) => service.name === name)),
  ];
  const taken = gateways.map(({ name }) => name);
  const twice = programs.map(({ name }) => name).find((name, at, all) => all.indexOf(name) < at);
  if (twice !== undefined)
    throw usageError('name-taken', `--binary ${twice}=… is given twice.`, `Name one of them: ${twice}:NAME=PATH.`);
  for (const { name } of request.externals) {
    if (taken.includes(name))
      throw usageError(
        'name-taken',
        `--target ${name}=… has the name of another target.`,
        'Give it a name of its own.',
      );
    taken.push(name);
  }
  return [
    { target: { name: 'direct', kind: 'direct', service: catalogue.mock, runtime }, named: true },
    ...gateways.map((service) => ({
      target: { name: service.name, kind: 'gateway' as const, service, runtime },
      named: named || service.program !== undefined,
    })),
    ...request.externals.map(({ name, url, headers = {} }) => ({
      target: { name, kind: 'external' as const, service: externalService(name, url, headers), runtime: external },
      named: true,
    })),
  ];
}

/** The part of a target that the plan needs. */
export function plannedTarget({ target, availability }: Contestant): PlannedTarget {
  const { service } = target;
  const ran = availability.state === 'available' ? (availability.digest ?? availability.version) : null;
  return {
    name: target.name,
    kind: target.kind,
    identity:
      target.kind === 'external'
        ? externalUrl(service)
        : `${service.image ?? service.name} ${ran ?? ''} ${service.cpus ?? '-'} ${service.memoryBytes ?? '-'}`,
    startMs: target.kind === 'gateway' ? 4000 : 500,
  };
}

/** The part of a target that `run.json` keeps. */
export function targetRecord({ target, availability }: Contestant): TargetRecord {
  const { service } = target;
  const available = availability.state === 'available' ? availability : null;
  return {
    name: target.name,
    kind: target.kind,
    url: target.kind === 'external' ? externalUrl(service) : `http://127.0.0.1:${service.port}`,
    version: available?.version ?? null,
    digest: available?.digest ?? null,
    ...(service.program === undefined ? {} : { program: service.program }),
    limits: {
      cpus: service.cpus,
      memoryBytes: service.memoryBytes,
      enforced: available?.limitsEnforced ?? false,
      ...(available?.limitsLeftOut === undefined || available.limitsLeftOut.length === 0
        ? {}
        : { leftOut: [...available.limitsLeftOut] }),
    },
    absent: availability.state === 'absent' ? availability.reason : null,
  };
}

function externalUrl(service: Service): string {
  return service.image ?? '';
}

/** Something that already runs: its URL stands where others have an image. */
function externalService(name: string, url: string, headers: Readonly<Record<string, string>>): Service {
  return {
    name,
    role: 'gateway',
    isActive: true,
    image: url,
    build: null,
    entrypoint: null,
    command: [],
    environment: {},
    mounts: [],
    cpus: null,
    memoryBytes: null,
    cpuset: null,
    user: null,
    port: Number(new URL(url).port || 80),
    // Nothing is known of it but where it answers.
    healthPath: null,
    readyTimeoutMs: 5000,
    modelPrefix: '',
    headers,
    accept: [],
    version: null,
    process: null,
  };
}
