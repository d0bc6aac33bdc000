import type { Question, WorkerReport } from '../messages.js';
import type { ControlHandler } from '../service.js';
import { reply, type Reply } from '../wire/reply.js';
import { ApiFailure } from './endpoint.js';

/** Asks every worker. */
export type AskAll = (question: Question) => Promise<readonly WorkerReport[]>;

/** The mock's own endpoints under `/__bench/`. */
export function benchControl(askAll: AskAll): ControlHandler {
  return async ({ method, path }) => {
    if (method === 'GET' && path === '/__bench/health') return health(await askAll({ about: 'health' }));
    throw new ApiFailure({ status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' });
  };
}

function health(workers: readonly WorkerReport[]): Reply {
  const sum = (pick: (worker: WorkerReport) => number) => workers.reduce((total, worker) => total + pick(worker), 0);
  return json({
    status: 'ok',
    requests: sum((worker) => worker.counters.requests),
    frames: sum((worker) => worker.counters.frames),
    connections: sum((worker) => worker.counters.connections),
    workers: workers.map(({ worker, pid, counters }) => ({ worker, pid, ...counters })),
  });
}

function json(payload: unknown): Reply {
  return reply(200, [['Content-Type', 'application/json']], Buffer.from(JSON.stringify(payload)));
}
