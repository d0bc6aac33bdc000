import type { AddressInfo, ListenOptions } from 'node:net';
import { benchControl } from './control/endpoints.js';
import { EndpointTable, providerEndpoints } from './api/table.js';
import { behaviourOf } from './faults/behaviour.js';
import { Capacity } from './faults/capacity.js';
import { FaultPlan } from './faults/plan.js';
import { Counters } from './health/counters.js';
import { connectionLimit } from './health/descriptors.js';
import { Ledger } from './ledger/ledger.js';
import type { CurrentSettings, FromPrimary, Question, WorkerReport, WorkerStart } from './control/messages.js';
import { Inquiries, say } from './control/inquiries.js';
import { type Crowd, MockServer } from './request/server.js';
import { Service, type Conduct } from './request/service.js';
import { Wheel } from './stream/wheel.js';
import { toLocalMs } from './timing/clock.js';
import { seedAnswerIds } from './wire/answer-id.js';

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 16_384;

/** Runs one worker: listens, says that it is ready, answers, and drains when it is told to stop. */
export function runWorker(start: WorkerStart): void {
  const { config } = start;
  const inquiries = new Inquiries();
  const counters = new Counters();
  const ledger = new Ledger(config.ledgerRecords, start.worker, seedAnswerIds(start.worker));
  const conductOf = (current: CurrentSettings): Conduct => conduct(current, config.workers, start.worker, inquiries);
  const service = new Service(conductOf(start.current), {
    table: new EndpointTable(providerEndpoints({ ...config, createdSeconds: start.startedSeconds }), config.cors),
    wheel: new Wheel(),
    counters,
    ledger,
    control: benchControl((question) => inquiries.ask(question), config.controlAnywhere, config.workers),
    worker: start.worker,
    workers: config.workers,
  });
  const server = new MockServer(service, config.maxBodyBytes, undefined, undefined, crowdOf(counters));

  const obey = (question: Question): WorkerReport => {
    if (question.about === 'mark') counters.mark();
    else if (question.about === 'clear-ledger') ledger.clear();
    else if (question.about === 'settings' && question.current !== undefined)
      service.conduct = conductOf(question.current);
    const records = question.about === 'ledger' ? { records: ledger.records() } : {};
    const health = counters.health(server.connections);
    return { worker: start.worker, pid: process.pid, health, dropped: ledger.dropped, ...records };
  };

  // Signals reach the whole process group; only the primary decides when a worker ends.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: FromPrimary) => {
    switch (message.type) {
      case 'tell':
        say({ type: 'told', ask: message.ask, report: obey(message.question) });
        break;
      case 'stop':
        void server.drain().then(() => process.exit(0));
        setTimeout(() => process.exit(0), config.drainMs);
        break;
      case 'answer':
      case 'counted':
        inquiries.answered(message);
    }
  });
  listen(server, config.host, start);
}

/** As many connections as there are file descriptors for; the first that is turned away is told to the person who started the mock. */
function crowdOf(counters: Counters): Crowd | undefined {
  const limit = connectionLimit();
  if (limit === null) return undefined;
  let told = false;
  return {
    connections: limit.connections,
    turnedAway() {
      counters.turnedAway += 1;
      if (!told) say({ type: 'crowded', ...limit });
      told = true;
    },
  };
}

/** What the settings in force mean for this worker. */
function conduct(
  { settings, madeUs, version }: CurrentSettings,
  workers: number,
  worker: number,
  inquiries: Inquiries,
): Conduct {
  const capacity = settings.capacity ?? undefined;
  return {
    behaviour: behaviourOf(settings),
    plan: new FaultPlan(toLocalMs(madeUs), (rule) => inquiries.count(`${version}:${rule}`)),
    capacity: capacity === undefined ? undefined : Capacity.share(capacity, worker, workers),
  };
}

function listen({ listener }: MockServer, host: string, start: WorkerStart): void {
  listener.once('error', (error: NodeJS.ErrnoException) => {
    say({ type: 'failed', code: error.code ?? '', message: error.message });
  });
  // `reusePort` is missing in the types of Node 20, where it is never set.
  const options: ListenOptions & { reusePort?: boolean } = { host, port: start.port, backlog: BACKLOG };
  // Otherwise the first process accepts and sends each connection over, which costs more CPU than the requests of a short one.
  if (start.listening !== 'shared') options.exclusive = true;
  if (start.listening === 'reusePort') options.reusePort = true;
  listener.listen(options, () => say({ type: 'ready', port: (listener.address() as AddressInfo).port }));
}
