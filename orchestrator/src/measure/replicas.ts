import type { Catalogue } from '../catalogue/catalogue.js';
import type { Service } from '../catalogue/service.js';

/** How gateways are scaled; left out: they are as their compose file says. */
export interface Scaling {
  /** Numbers of replicas, of each of which every gateway becomes a target. */
  readonly replicas?: readonly number[];
  /** CPUs of each replica. */
  readonly gatewayCpus?: number;
  /** Mocks behind one address. Left out: one, with nothing before it. */
  readonly mocks?: number;
}

/** The gateways with the CPUs that were asked for, each once for every number of replicas: `crabllm:x2` is two of it behind one address. */
export function scaled(gateways: readonly Service[], { replicas, gatewayCpus }: Scaling): Service[] {
  const sized = gateways.map((service) => (gatewayCpus === undefined ? service : { ...service, cpus: gatewayCpus }));
  if (replicas === undefined) return sized;
  return sized.flatMap((service) =>
    replicas.map((count) => ({ ...service, name: `${service.name}:x${count}`, replicas: count })),
  );
}

/** The catalogue with as many mocks as were asked for. */
export function withMocks(catalogue: Catalogue, { mocks }: Scaling): Catalogue {
  return mocks === undefined ? catalogue : { ...catalogue, mock: { ...catalogue.mock, replicas: mocks } };
}
