import { addressingOf } from '../catalogue/addressing.js';
import { type Catalogue, selectGateways, variantsOf } from '../catalogue/catalogue.js';
import { configurationDigest } from '../catalogue/configuration-digest.js';
import { ownProgramName, withOwnProgram } from '../catalogue/own-program.js';
import { FEATURES } from '../catalogue/feature.js';
import { limitsTogether, type Service } from '../catalogue/service.js';
import { configurationOf } from '../catalogue/service-configuration.js';
import { BARE, parseTargetName, targetName } from '../catalogue/target-name.js';
import { variantDifferences } from '../catalogue/variant-differences.js';
import { usageError } from '../errors.js';
import { nearest } from '../nearest.js';
import type { StageTarget } from '../execute/stage.js';
import type { PlannedTarget } from '../plan/plan.js';
import type { HelperRecord, TargetRecord } from '../record/manifest.js';
import type { Reason } from '../record/reason.js';
import type { SurfacePlace } from '../record/surface.js';
import type { Availability, Runtime } from '../runtime/runtime.js';
import { scaled, type Scaling } from './replicas.js';
import { portOf } from './resolve-targets.js';
import type { ExternalTarget, MeasureRequest } from './request.js';

/** A target with what became of preparing it. */
export interface Contestant {
  readonly target: StageTarget;
  readonly availability: Availability;
  /** Asked for by name, so that its absence is a failure of the run. */
  readonly named: boolean;
  /** Left out: it is no point of a surface. */
  readonly place?: SurfacePlace;
  /** The gateway's own configuration, of a target that is another one. */
  readonly bare?: Service;
  /** What runs beside it. Left out: nothing. */
  readonly helpers?: readonly HelperRecord[];
}

/** A target that was asked for and is not prepared yet. */
export interface Candidate extends Omit<Contestant, 'availability' | 'helpers'> {
  /** Why it need not even be tried. */
  readonly notOffered?: Reason;
}

/**
 * Who is asked for: `direct`, gateways, then what already runs elsewhere.
 * @throws BenchError `unknown-gateway`, `unknown-variant`, `name-taken`
 */
export function chooseCandidates(
  request: Pick<
    MeasureRequest,
    'gateways' | 'variants' | 'withVariantsOnly' | 'externals' | 'programs' | keyof Scaling
  >,
  catalogue: Catalogue,
  runtime: Runtime,
  external: Runtime,
): Candidate[] {
  // All that can be had is no list of names, of which each one would have to be there.
  const named = request.gateways !== null && !request.gateways.includes('all');
  const beside = request.programs.filter(({ label }) => label !== null);
  const onlyOwn = request.gateways === null && request.externals.length + beside.length > 0;
  // `direct` takes part anyway; where it alone is named, it alone is measured. Builds of one's own take part too, named here or not.
  const own = beside.map(ownProgramName);
  const isWanted = (name: string): boolean =>
    request.withVariantsOnly !== true ||
    variantsOf(catalogue, name).some((variant) => request.variants?.includes(variant));
  const names = request.gateways?.filter((name) => name !== 'direct' && !own.includes(name)) ?? [];
  const chosen =
    request.gateways !== null
      ? selectGateways(catalogue, everyName(names, catalogue))
      : onlyOwn
        ? []
        : catalogue.gateways.filter(({ name, isActive }) => isActive && isWanted(name));
  const programs = request.programs.map((program) =>
    withOwnProgram(selectGateways(catalogue, [program.gateway])[0] as Service, program),
  );
  const withVariants = addVariants(
    [...chosen, ...programs.filter(({ name }) => !chosen.some((service) => service.name === name))],
    request.variants ?? [],
    catalogue,
  );
  // A build in a gateway's place takes it in each of its variants.
  const inPlace = request.programs.filter(({ label }) => label === null);
  const built = withVariants.gateways.map((service) => {
    const build = programs.find(({ name }) => name === service.name);
    if (build !== undefined || parseTargetName(service.name).version !== null) return build ?? service;
    const ofGateway = inPlace.find(({ gateway }) => gateway === service.variant?.of);
    return ofGateway === undefined ? service : withOwnProgram(service, { ...ofGateway, gateway: service.name });
  });
  const gateways = scaled(built, request);
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
      ...bareOf(service, catalogue),
    })),
    ...withVariants.lacking.map(({ service, reason }) => ({
      target: { name: service.name, kind: 'gateway' as const, service, runtime },
      // Not having a feature is no failure of the run.
      named: false,
      notOffered: reason,
    })),
    ...request.externals.map((asked) => ({
      target: { name: asked.name, kind: 'external' as const, service: externalService(asked), runtime: external },
      named: true,
    })),
  ];
}

/** `all` among the names is every gateway that there is, those too that do not take part by themselves. */
function everyName(names: readonly string[], { gateways }: Catalogue): string[] {
  const all = gateways.flatMap(({ name, variant }) => (variant === undefined ? name : []));
  return names.flatMap((name) => (name === 'all' ? all : name));
}

/** A variant that was asked for of a gateway that has none of that name: in the place of its service the gateway's own. */
interface Lacking {
  readonly service: Service;
  readonly reason: Reason;
}

/**
 * The gateways, and behind each of them its own configuration once more and those of its variants that were asked for.
 * @throws BenchError `unknown-variant` for one that no gateway has
 */
function addVariants(
  chosen: readonly Service[],
  asked: readonly string[],
  catalogue: Catalogue,
): { readonly gateways: Service[]; readonly lacking: Lacking[] } {
  const known = catalogue.gateways.flatMap(({ variant }) => variant?.name ?? []);
  const all = [...new Set([...known, ...FEATURES.map(({ name }) => name)])];
  const unknown = asked.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw usageError(
      'unknown-variant',
      `--variants ${asked.join(',')}: no gateway has a variant "${unknown}".${nearest(unknown, all)}`,
      `There are ${all.join(', ')}; each gateway's own configuration is added by itself.`,
    );
  const gateways = new Map<string, Service>();
  const lacking: Lacking[] = [];
  for (const service of chosen) {
    if (!gateways.has(service.name)) gateways.set(service.name, service);
    // Builds of one's own under names of their own stand beside the variants of none.
    if (asked.length === 0 || service.variant !== undefined || service.name.includes(':')) continue;
    const { gateway, version } = parseTargetName(service.name);
    for (const variant of [BARE, ...asked]) {
      const name = targetName({ gateway, variant, version });
      if (variant !== BARE && !variantsOf(catalogue, gateway).includes(variant)) {
        const why = service.lacks?.[variant];
        const message =
          why === undefined
            ? `${gateway} has no variant ${variant} in its compose file`
            : `${gateway} does not offer ${variant}: ${why}`;
        lacking.push({
          service: { ...service, name, variant: { of: gateway, name: variant } },
          reason: { code: 'not-offered', message },
        });
        continue;
      }
      if (!gateways.has(name)) gateways.set(name, selectGateways(catalogue, [name])[0] as Service);
    }
  }
  return { gateways: [...gateways.values()], lacking };
}

function bareOf({ name, variant }: Service, catalogue: Catalogue): { readonly bare?: Service } {
  if (variant === undefined) return {};
  const { version } = parseTargetName(name.split(':', 1)[0] ?? name);
  return {
    bare: selectGateways(catalogue, [targetName({ gateway: variant.of, variant: null, version })])[0] as Service,
  };
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
        ? `${externalUrl(service)} ${JSON.stringify(addressingOf(service))}`
        : `${service.image ?? service.name} ${ran ?? ''} ${service.cpus ?? '-'} ${service.memoryBytes ?? '-'}${service.replicas === undefined ? '' : ` ×${service.replicas}`}`,
    startMs: target.kind === 'gateway' ? 4000 : 500,
    ...(service.isUntried === true ? { isUntried: true } : {}),
  };
}

/** The part of a target that `run.json` keeps. */
export function targetRecord({ target, availability, bare, helpers, place }: Contestant): TargetRecord {
  const { service } = target;
  const available = availability.state === 'available' ? availability : null;
  return {
    name: target.name,
    kind: target.kind,
    ...playsOf(service.about),
    url:
      target.kind === 'external' ? externalUrl(service) : `http://127.0.0.1:${service.port}${service.basePath ?? ''}`,
    version: available?.version ?? null,
    digest: available?.digest ?? null,
    ...(service.program === undefined ? {} : { program: service.program }),
    ...(service.variant === undefined
      ? {}
      : {
          variant: {
            ...service.variant,
            // A build of one's own is named by `program` already, and is not what its variant changes.
            differs: bare === undefined || service.program !== undefined ? [] : variantDifferences(bare, service),
          },
        }),
    ...(place === undefined ? {} : { place }),
    ...(service.isUntried === true ? { untried: true as const } : {}),
    ...(target.kind === 'gateway' ? { configuration: configurationDigest(service) } : {}),
    ...(helpers === undefined || helpers.length === 0 ? {} : { helpers: [...helpers] }),
    limits: {
      ...limitsTogether(service),
      enforced: available?.limitsEnforced ?? false,
      ...(available?.limitsLeftOut === undefined || available.limitsLeftOut.length === 0
        ? {}
        : { leftOut: [...available.limitsLeftOut] }),
    },
    ...(available === null ? {} : { resolvedConfiguration: configurationOf(service, startedAs(target)) }),
    absent: availability.state === 'absent' ? availability.reason : null,
  };
}

function playsOf(about: Service['about']): Pick<TargetRecord, 'plays'> {
  const kind = about?.kind ?? null;
  return kind === null || kind === 'llm-gateway' ? {} : { plays: kind };
}

function startedAs({ runtime: { kind } }: StageTarget): 'container' | 'process' | 'external' {
  return kind === 'process' || kind === 'external' ? kind : 'container';
}

function externalUrl({ image, basePath = '' }: Service): string {
  return (image ?? '') + basePath;
}

/** Something that already runs: its URL stands where others have an image. */
function externalService({ name, url, healthPath, headers = {}, accept = [], ...asked }: ExternalTarget): Service {
  return {
    ...asked,
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
    port: portOf(new URL(url)),
    healthPath: healthPath ?? null,
    readyTimeoutMs: 5000,
    modelPrefix: asked.modelPrefix ?? '',
    headers,
    accept,
    version: null,
    process: null,
  };
}
