import type { AddressInfo, ListenOptions } from 'node:net';
import { benchControl } from './api/bench.js';
import { EndpointTable, providerEndpoints } from './api/table.js';
import type { MockConfig } from './config.js';
import { Counters } from './counters.js';
import { configuredBehaviour } from './faults/behaviour.js';
import type { FromPrimary, FromWorker, Question, WorkerReport, WorkerStart } from './messages.js';
import { createMockServer } from './server.js';
import { Service } from './service.js';
import { Wheel } from './stream/wheel.js';
import { seedRequestIds } from './wire/prebuilt.js';

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 16_384;

/** Runs one worker: listens, says that it is ready, answers, and drains when it is told to stop. */
export function runWorker(config: MockConfig, start: WorkerStart): void {
  const counters = new Counters();
  const questions = new Questions();
  seedRequestIds(start.worker);
  const service = new Service(configuredBehaviour(config), {
    table: new EndpointTable(providerEndpoints(config)),
    wheel: new Wheel(),
    counters,
    control: benchControl((question) => questions.ask(question)),
    seed: config.seed,
    worker: start.worker,
    workers: config.workers,
  });
  const server = createMockServer(service, counters, config.maxBodyBytes);
  const report = (): WorkerReport => ({ worker: start.worker, pid: process.pid, counters: counters.totals() });

  // Signals reach the whole process group; only the primary decides when a worker ends.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: FromPrimary) => {
    if (message.type === 'answer') questions.answered(message.ask, message.reports);
    else if (message.type === 'tell') say({ type: 'told', ask: message.ask, report: report() });
    else {
      server.drain(() => process.exit(0));
      setTimeout(() => process.exit(0), config.drainMs);
    }
  });
  server.listener.once('error', (error: NodeJS.ErrnoException) => {
    say({ type: 'failed', code: error.code ?? '', message: error.message });
  });
  // `reusePort` is missing in the types of Node 20, where it is never set.
  const options: ListenOptions & { reusePort?: boolean } = { host: config.host, port: start.port, backlog: BACKLOG };
  if (start.reusePort) Object.assign(options, { reusePort: true, exclusive: true });
  server.listener.listen(options, () => say({ type: 'ready', port: (server.listener.address() as AddressInfo).port }));
}

function say(message: FromWorker): void {
  process.send?.(message);
}

/** What this worker has asked of all workers and has no answer to yet. */
class Questions {
  readonly #open = new Map<number, (reports: readonly WorkerReport[]) => void>();
  #next = 1;

  ask(question: Question): Promise<readonly WorkerReport[]> {
    return new Promise((resolve) => {
      const ask = this.#next++;
      this.#open.set(ask, resolve);
      say({ type: 'ask', ask, question });
    });
  }

  answered(ask: number, reports: readonly WorkerReport[]): void {
    this.#open.get(ask)?.(reports);
    this.#open.delete(ask);
  }
}
