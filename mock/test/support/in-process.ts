import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EndpointTable, providerEndpoints } from '#src/api/table.js';
import { parseConfig } from '#src/command-line.js';
import { behaviourOf } from '#src/faults/behaviour.js';
import { SharedCounts } from '#src/control/shared-counts.js';
import { RateLimits } from '#src/faults/limits.js';
import { FaultPlan, type CountShared } from '#src/faults/plan.js';
import { Counters } from '#src/health/counters.js';
import { NO_PHASE, placeOf } from '#src/ledger/layout.js';
import { Ledger } from '#src/ledger/ledger.js';
import { Received } from '#src/request/received.js';
import { createHttpServer, MockServer, type Patience } from '#src/request/server.js';
import { Service } from '#src/request/service.js';
import { Wheel } from '#src/stream/wheel.js';
import type { readInto } from '#src/wire/accept.js';

/** A server of this process. */
export interface InProcess {
  readonly port: number;
  readonly ledger: Ledger;
  readonly counters: Counters;
  stop(): void;
}

/** A service as a worker would have it. */
export function serviceOf(
  options: readonly string[] = [],
  mark = 0,
): { service: Service; ledger: Ledger; counters: Counters; maxBodyBytes: number } {
  const config = parseConfig(options);
  if (config === 'help') throw new Error('no options to run with');
  const ledger = new Ledger(config.ledgerRecords, 0, mark);
  const counters = new Counters();
  const counts = new SharedCounts();
  const count: CountShared = (what, by = 1) => Promise.resolve(counts.add(what, by));
  const { limits } = config.story.settings;
  const conduct = {
    behaviour: behaviourOf(config.story.settings),
    plan: new FaultPlan(performance.now(), count),
    limits: limits ? new RateLimits(limits, performance.now(), count) : undefined,
    capacity: undefined,
    place: placeOf(0, NO_PHASE),
  };
  const service = new Service(conduct, {
    table: new EndpointTable(providerEndpoints({ ...config, createdSeconds: 1_700_000_000 }), config.cors),
    wheel: new Wheel(),
    counters,
    ledger,
    received: new Received(),
    control: () => Promise.reject(new Error('no control here')),
    worker: 0,
    workers: 1,
  });
  return { service, ledger, counters, maxBodyBytes: config.maxBodyBytes };
}

/** The mock's listener, with the fast path. */
export async function startFast(
  options: readonly string[] = [],
  read?: typeof readInto,
  patience?: Patience,
  mark = 0,
): Promise<InProcess> {
  const { service, ledger, counters, maxBodyBytes } = serviceOf(options, mark);
  const server = new MockServer(service, maxBodyBytes, read, patience);
  server.listener.listen(0, '127.0.0.1');
  await once(server.listener, 'listening');
  return { port: (server.listener.address() as AddressInfo).port, ledger, counters, stop: () => void server.destroy() };
}

/** The same service behind node:http alone. */
export async function startSlow(options: readonly string[] = []): Promise<InProcess> {
  const { service, ledger, counters, maxBodyBytes } = serviceOf(options);
  const server: Server = createHttpServer(service, maxBodyBytes);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, ledger, counters, stop };
}
