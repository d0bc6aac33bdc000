import { FAULT_KINDS } from '../faults/fault.js';
import { checkSettings, mergeSettings, requireSlots, SettingsError, type Settings } from '../faults/settings.js';
import { healthReport } from '../health/health.js';
import { binaryLedger, ledgerRecords } from '../ledger/export.js';
import type { Answered, Question } from './messages.js';
import type { ControlHandler } from '../request/service.js';
import { reply, type Reply } from '../wire/reply.js';
import { ApiFailure } from '../api/endpoint.js';

/** Asks every worker. */
export type AskAll = (question: Question) => Promise<Answered>;

/**
 * The mock's own endpoints:
 * GET /__bench/health, POST /__bench/mark, GET and DELETE /__bench/ledger, GET, PUT and PATCH /__bench/settings.
 * @param anywhere answers other hosts too
 * @param workers how many there are to divide a capacity among
 */
export function benchControl(askAll: AskAll, anywhere: boolean, workers: number): ControlHandler {
  return async ({ method, path, query, body }, local) => {
    if (!local && !anywhere) {
      const message = 'The control endpoints answer on loopback only; start the mock with --control any to open them.';
      throw new ApiFailure({ status: 403, message });
    }
    switch (`${method === 'HEAD' ? 'GET' : method} ${path}`) {
      case 'GET /__bench/health':
        return health(await askAll({ about: 'health' }));
      case 'POST /__bench/mark':
        return health(await askAll({ about: 'mark' }));
      case 'GET /__bench/ledger':
        return ledger(await askAll({ about: 'ledger' }), new URLSearchParams(query));
      case 'DELETE /__bench/ledger':
        await askAll({ about: 'clear-ledger' });
        return json({ cleared: true });
      case 'GET /__bench/settings':
        return json((await askAll({ about: 'health' })).current);
      case 'PUT /__bench/settings':
      case 'PATCH /__bench/settings':
        return change(readSettings(body, workers), method === 'PATCH', askAll);
      default:
        throw new ApiFailure({ status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' });
    }
  };
}

function health({ reports, workers, restarts }: Answered): Reply {
  return json(healthReport(reports, workers, restarts));
}

/**
 * `?format=binary` or JSON; `?id=` only one id, `?prefix=` only ids that begin with it. The binary form has no place to say that a
 * worker's records are not among them, so it is refused then.
 */
function ledger({ reports, workers }: Answered, query: URLSearchParams): Reply {
  const parts = reports.flatMap(({ records }) => (records === undefined ? [] : [asBuffer(records)]));
  const dropped = reports.reduce((sum, report) => sum + report.dropped, 0);
  if (query.get('format') === 'binary') {
    if (reports.length < workers) throw new ApiFailure({ status: 503, message: incomplete(reports, workers) });
    return reply(200, [['Content-Type', 'application/octet-stream']], binaryLedger(parts, dropped));
  }
  const id = query.get('id');
  const prefix = query.get('prefix') ?? '';
  const records = ledgerRecords(parts, FAULT_KINDS).filter(
    (record) => record.id.startsWith(prefix) && (id === null || record.id === id),
  );
  return json({ clock: 'CLOCK_MONOTONIC, microseconds', missingWorkers: workers - reports.length, dropped, records });
}

function incomplete(reports: Answered['reports'], workers: number): string {
  const missing = Array.from({ length: workers }, (_, i) => i).filter((i) => !reports.some((r) => r.worker === i));
  const who = missing.length === 1 ? `worker ${missing[0]}` : `workers ${missing.join(', ')}`;
  return `The ledger is not complete: ${who} of ${workers} did not report in time. Ask again, or take the JSON form, which leaves out the records of those and says how many are missing.`;
}

async function change(settings: Settings, onTop: boolean, askAll: AskAll): Promise<Reply> {
  const base = onTop ? (await askAll({ about: 'health' })).current.settings : {};
  const { current, reports, workers } = await askAll({ about: 'settings', settings: mergeSettings(base, settings) });
  return json({ ...current, missingWorkers: workers - reports.length });
}

/** The body is read before anything is waited for, because it is valid only until then. */
function readSettings(body: Buffer, workers: number): Settings {
  try {
    return requireSlots(checkSettings(JSON.parse(body.toString())), workers);
  } catch (error) {
    if (error instanceof SettingsError || error instanceof SyntaxError) {
      throw new ApiFailure({ status: 400, message: error.message });
    }
    throw error;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function json(payload: unknown): Reply {
  return reply(200, [['Content-Type', 'application/json']], Buffer.from(`${JSON.stringify(payload)}\n`));
}
