import { BenchError, EXIT, usageError } from '../errors.js';
import { composeShell } from './compose-file.js';
import { readCompose } from './compose.js';
import { atVersion } from './at-version.js';
import { nearest } from '../nearest.js';
import type { Service } from './service.js';
import { BARE, composeServiceName, parseTargetName, targetName } from './target-name.js';

/** All services that a run may start. */
export interface Catalogue {
  readonly mock: Service;
  /** In the order of the files, with their variants. */
  readonly gateways: readonly Service[];
}

/**
 * Reads the project's compose file and, after it, those of the user; a gateway of the same name replaces the earlier one.
 * @throws BenchError `compose-missing`, `compose-invalid`, `mock-missing`.
 */
export function readCatalogue(paths: readonly string[]): Catalogue {
  const services = new Map<string, Service>();
  const shell = composeShell();
  for (const path of paths) {
    const known = [...services.keys()].map(composeServiceName);
    for (const service of readCompose(path, shell, known)) {
      // Made from the one that is replaced, they would be held against another.
      if (services.has(service.name))
        for (const other of services.values()) if (other.variant?.of === service.name) services.delete(other.name);
      services.set(service.name, service);
    }
  }
  const mocks = [...services.values()].filter((service) => service.role === 'mock');
  const [mock] = mocks;
  if (mock === undefined || mocks.length > 1) {
    throw new BenchError({
      code: 'mock-missing',
      message: `${mocks.length} services have the role mock in ${paths.join(', ')}; there must be one.`,
      hint: 'A file given with --compose only adds gateways (x-bench.role: gateway).',
      exitCode: EXIT.usage,
    });
  }
  const gateways = [...services.values()].filter((service) => service.role === 'gateway');
  return { mock, gateways: gateways.map((gateway) => onMockPort(withHelpers(gateway, services), mock.port)) };
}

/** A gateway, and what runs beside it, that knows where the mock listens. */
export function onMockPort(service: Service, mockPort: number): Service {
  const { helpers } = service;
  return {
    ...service,
    mockPort,
    ...(helpers === undefined ? {} : { helpers: helpers.map((helper) => onMockPort(helper, mockPort)) }),
  };
}

/** The gateway with all that has to be up before it, what others wait for first. */
function withHelpers(gateway: Service, services: ReadonlyMap<string, Service>): Service {
  const helpers = new Map<string, Service>();
  const seen = new Set<string>();
  const add = ({ needs = [] }: Service): void => {
    for (const name of needs) {
      const helper = services.get(name);
      if (helper === undefined || helper.role !== 'helper' || seen.has(name)) continue;
      seen.add(name);
      add(helper);
      helpers.set(name, helper);
    }
  };
  add(gateway);
  return helpers.size === 0 ? gateway : { ...gateway, helpers: [...helpers.values()] };
}

/**
 * The gateways with these names, in this order; `NAME+VARIANT` is a variant of it, `NAME+bare` its own configuration once more, and
 * `NAME@VERSION` that version of it.
 * @throws BenchError `unknown-gateway`, `unknown-variant`, with the nearest known name; `version-unavailable`
 */
export function selectGateways(catalogue: Catalogue, names: readonly string[]): Service[] {
  return [...new Set(names)].map((asked) => {
    const { gateway, variant, version } = parseTargetName(asked);
    const service = variant === null ? bareOf(catalogue, gateway) : variantNamed(catalogue, gateway, variant);
    return version === null ? service : atVersion(service, version);
  });
}

/** The names of a gateway's variants, without {@link BARE}. */
export function variantsOf({ gateways }: Catalogue, gateway: string): string[] {
  return gateways.flatMap(({ variant }) => (variant?.of === gateway ? [variant.name] : []));
}

function bareOf({ gateways }: Catalogue, name: string): Service {
  const bare = gateways.filter(({ variant }) => variant === undefined);
  const service = bare.find((gateway) => gateway.name === name);
  if (service !== undefined) return service;
  const known = gateways.map((gateway) => gateway.name);
  throw usageError(
    'unknown-gateway',
    `There is no gateway "${name}".${nearest(name, known)}`,
    `Known: ${bare.map((gateway) => gateway.name).join(', ')}. Add your own with --compose FILE or --target NAME=URL.`,
  );
}

function variantNamed(catalogue: Catalogue, gateway: string, name: string): Service {
  const bare = bareOf(catalogue, gateway);
  if (name === BARE)
    return {
      ...bare,
      name: targetName({ gateway, variant: BARE, version: null }),
      variant: { of: gateway, name: BARE },
    };
  const service = catalogue.gateways.find(({ variant }) => variant?.of === gateway && variant.name === name);
  if (service !== undefined) return service;
  const known = [...variantsOf(catalogue, gateway), BARE];
  throw usageError(
    'unknown-variant',
    `${gateway} has no variant "${name}".${nearest(name, known)}`,
    `It has ${known.join(', ')}. Describe another in a Compose file of your own: docs/compose-files.md.`,
  );
}
