import type { ComposeFaults } from './compose-faults.js';

/** As much of a service as its relations to others need. */
export interface RelatedService {
  readonly name: string;
  readonly isActive: boolean;
  /** The names of `depends_on`, each with the index or name by which the file holds it. */
  /** A service without x-bench. */
  readonly isHelper: boolean;
  readonly isGateway: boolean;
  /** The gateway that it is a variant of; null: of none. */
  readonly variantOf: string | null;
  readonly dependsOn: readonly { readonly name: string; readonly key: string | number; readonly isRequired: boolean }[];
}

/**
 * Adds faults for services that wait for one that is not there, or for each other in a circle, for variants of what is no gateway, and for
 * services that nobody would ever start.
 * @param elsewhere services that are known from other files
 */
export function checkRelations(
  faults: ComposeFaults,
  services: readonly RelatedService[],
  elsewhere: readonly string[],
): void {
  for (const service of services) {
    checkVariantOf(faults, service, services, elsewhere);
    if (!service.isHelper || services.some(({ dependsOn }) => dependsOn.some(({ name }) => name === service.name)))
      continue;
    faults.add(
      ['services', service.name],
      `services.${service.name} has no x-bench, and no service depends on it`,
      'Of a gateway, add x-bench: {port: …}; of what a gateway needs beside it, name it in the depends_on of that one.',
    );
  }
  const active = new Map(services.filter(({ isActive }) => isActive).map((service) => [service.name, service]));
  for (const { name, dependsOn } of active.values()) {
    for (const other of dependsOn) {
      if (active.has(other.name) || elsewhere.includes(other.name)) continue;
      const isOff = services.some((service) => service.name === other.name);
      if (isOff && !other.isRequired) continue;
      faults.add(
        ['services', name, 'depends_on', other.key],
        `${name} depends on ${other.name}, ${isOff ? 'whose profile is not active' : 'which is no service'}`,
        isOff ? 'Name its profile in COMPOSE_PROFILES.' : 'Remove it: the mock runs before any gateway anyway.',
      );
    }
    const circle = circleThrough(name, active);
    if (circle !== null && circle.toSorted()[0] === name) {
      faults.add(
        ['services', name, 'depends_on'],
        `services wait for each other: ${circle.join(' -> ')} -> ${name}`,
        'Remove one of them.',
      );
    }
  }
}

function checkVariantOf(
  faults: ComposeFaults,
  { name, variantOf }: RelatedService,
  services: readonly RelatedService[],
  elsewhere: readonly string[],
): void {
  if (variantOf === null || elsewhere.includes(variantOf)) return;
  const gateway = services.find((service) => service.name === variantOf);
  if (gateway?.isGateway === true && gateway.variantOf === null) return;
  faults.add(
    ['services', name, 'x-bench', 'variant-of'],
    `${name} is a variant of ${variantOf}, which is ${gateway === undefined ? 'no service' : gateway.variantOf === null ? 'no gateway' : 'a variant itself'}`,
    'Name the gateway whose configuration it changes.',
  );
}

function circleThrough(start: string, services: ReadonlyMap<string, RelatedService>): string[] | null {
  const seen = new Set<string>();
  const walk = (name: string, way: readonly string[]): string[] | null => {
    for (const { name: next } of services.get(name)?.dependsOn ?? []) {
      if (next === start) return [...way];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = walk(next, [...way, next]);
      if (circle !== null) return circle;
    }
    return null;
  };
  return walk(start, [start]);
}
