import { Inquiries, say } from './control/inquiries.js';
import type { FromPrimary, WorkerStart } from './control/messages.js';
import { DoorError } from './fleet/door.js';
import { Member } from './fleet/member.js';
import type { Counters } from './health/counters.js';
import { connectionLimit } from './health/descriptors.js';
import type { Crowd } from './request/server.js';

/** Runs one worker: listens, says that it is ready, answers, and drains when it is told to stop. */
export function runWorker(start: WorkerStart): void {
  const { config, worker } = start;
  const inquiries = new Inquiries();
  const member = new Member({
    ...start,
    place: { worker, workers: config.workers },
    ask: (question) => inquiries.ask(question),
    count: (what, by) => inquiries.count(what, by),
    crowdOf: crowds(config.providers.length),
  });

  // Signals reach the whole process group; only the primary decides when a worker ends.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: FromPrimary) => {
    switch (message.type) {
      case 'tell':
        say({ type: 'told', ask: message.ask, report: member.obey(message.question) });
        break;
      case 'stop':
        void member.drain().then(() => process.exit(0));
        setTimeout(() => process.exit(0), config.drainMs);
        break;
      case 'answer':
      case 'counted':
        inquiries.answered(message);
    }
  });
  member.open().then(
    (ports) => say({ type: 'ready', ports }),
    (error: unknown) => {
      if (!(error instanceof DoorError)) throw error;
      say({ type: 'failed', port: error.port, code: error.code, message: error.message });
    },
  );
}

/**
 * As many connections as there are file descriptors for, divided among the providers; the first that is turned away is told to the
 * person who started the mock.
 */
function crowds(providers: number): (counters: Counters) => Crowd | undefined {
  const limit = connectionLimit();
  if (limit === null) return () => undefined;
  const connections = Math.floor(limit.connections / providers);
  let told = false;
  return (counters) => ({
    connections,
    turnedAway() {
      counters.turnedAway += 1;
      if (!told) say({ type: 'crowded', connections, descriptors: limit.descriptors });
      told = true;
    },
  });
}
