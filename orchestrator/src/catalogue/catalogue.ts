import { BenchError, EXIT, usageError } from '../errors.js';
import { composeShell } from './compose-file.js';
import { readCompose } from './compose.js';
import { atVersion } from './at-version.js';
import { nearest } from '../nearest.js';
import type { Service } from './service.js';

/** All services that a run may start. */
export interface Catalogue {
  readonly mock: Service;
  /** In the order of the files. */
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
    for (const service of readCompose(path, shell, [...services.keys()])) services.set(service.name, service);
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
  return { mock, gateways: [...services.values()].filter((service) => service.role === 'gateway') };
}

/**
 * The gateways with these names, in this order; `NAME@VERSION` is that version of it.
 * @throws BenchError `unknown-gateway`, with the nearest known name; `version-unavailable`
 */
export function selectGateways(catalogue: Catalogue, names: readonly string[]): Service[] {
  return [...new Set(names)].map((asked) => {
    const [name = '', version] = asked.split('@', 2);
    const service = catalogue.gateways.find((gateway) => gateway.name === name);
    if (service !== undefined) return version === undefined ? service : atVersion(service, version);
    const known = catalogue.gateways.map((gateway) => gateway.name);
    throw usageError(
      'unknown-gateway',
      `There is no gateway "${name}".${nearest(name, known)}`,
      `Known: ${known.join(', ')}. Add your own with --compose FILE or --target NAME=URL.`,
    );
  });
}
