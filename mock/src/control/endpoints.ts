import { FAULT_KINDS } from '../faults/fault.js';
import { ClosedTimes } from '../faults/closed-times.js';
import {
  checkSettings,
  checkStory,
  mergeStories,
  requirePlayable,
  SettingsError,
  settingsOf,
  type Story,
} from '../faults/settings.js';
import { checkTimeline, requirePhase, requirePlayableTimeline, type Timeline } from '../faults/timeline.js';
import { total } from '../health/counters.js';
import { healthReport } from '../health/health.js';
import { binaryLedger, ledgerRecords } from '../ledger/export.js';
import { allPeers } from '../ledger/peers.js';
import { toHostUs } from '../timing/clock.js';
import { clockDomain } from '../timing/clock-domain.js';
import type { ControlReach } from '../config.js';
import type { Change, CurrentSettings } from './current.js';
import type { Answered, Question, TimelineEvent } from './messages.js';
import type { ControlHandler } from '../request/service.js';
import { reply, type Reply } from '../wire/reply.js';
import { requireReach } from './reach.js';
import { ApiFailure } from '../api/endpoint.js';

/** Asks every worker. */
export type AskAll = (question: Question) => Promise<Answered>;

/** What the control endpoint is to know of its mock. */
export interface ControlOptions {
  /** Which requests of other hosts are answered. */
  readonly reach: ControlReach;
  /** How many there are to divide a capacity among. */
  readonly workers: number;
  /** Of the providers, in their order. */
  readonly names: readonly string[];
  /** Has a port that stays open when those of the providers are closed. */
  readonly keepsPort: boolean;
}

/**
 * The mock's own endpoints: GET /__bench/health, POST /__bench/mark, GET and DELETE /__bench/ledger,
 * GET /__bench/peers and /__bench/received, GET, PUT and PATCH /__bench/settings, GET, PUT and DELETE /__bench/timeline, POST /__bench/timeline/start and /stop.
 */
export function benchControl(askAll: AskAll, options: ControlOptions): ControlHandler {
  const { reach, names } = options;
  return async (message, local) => {
    if (!local) requireReach(reach, message);
    const { method, path, query, body } = message;
    const parameters = new URLSearchParams(query);
    switch (`${method === 'HEAD' ? 'GET' : method} ${path}`) {
      case 'GET /__bench/health':
        return health(await askAll({ about: 'health' }), names);
      case 'POST /__bench/mark':
        return health(await askAll({ about: 'mark' }), names);
      case 'GET /__bench/ledger':
        return ledger(await askAll({ about: 'ledger' }), parameters, names);
      case 'GET /__bench/received': {
        const { reports } = await askAll({ about: 'received', id: parameters.get('id') ?? '' });
        return json({ received: reports.flatMap(({ received = [] }) => received) });
      }
      case 'GET /__bench/peers': {
        const { reports, workers } = await askAll({ about: 'peers' });
        if (reports.length < workers) throw new ApiFailure({ status: 503, message: incomplete(reports, workers) });
        return json({ peers: allPeers(reports.map(({ peers = {} }) => peers)) });
      }
      case 'DELETE /__bench/ledger':
        await askAll({ about: 'clear-ledger' });
        return json({ cleared: true });
      case 'GET /__bench/settings':
        return json(settingsReport(await askAll({ about: 'health' }), providerOf(parameters, names)));
      case 'PUT /__bench/settings':
      case 'PATCH /__bench/settings': {
        const provider = providerOf(parameters, names);
        return changeSettings(readSettings(body, provider, options), method === 'PATCH', provider, askAll, options);
      }
      case 'GET /__bench/timeline':
        return json(timelineReport(await askAll({ about: 'events' })));
      case 'PUT /__bench/timeline':
        return changeTimeline({ what: 'timeline', timeline: readTimeline(body, options) }, askAll);
      case 'DELETE /__bench/timeline':
        return changeTimeline({ what: 'timeline', timeline: null }, askAll);
      case 'POST /__bench/timeline/start':
        return run({ what: 'start', phase: parameters.get('phase') ?? undefined }, askAll);
      case 'POST /__bench/timeline/stop':
        return run({ what: 'stop' }, askAll);
      default:
        throw new ApiFailure({ status: 404, message: `Invalid URL (${method} ${path})`, code: 'unknown_url' });
    }
  };
}

function health({ reports, workers, restarts }: Answered, names: readonly string[]): Reply {
  const report = healthReport(reports, workers, restarts);
  // Of the only provider of a mock all this is said already.
  return json(
    names.length === 1 ? report : { ...report, providers: names.map((name) => providerHealth(name, reports)) },
  );
}

/** What all workers can say of one provider. */
function providerHealth(name: string, reports: Answered['reports']): object {
  const own = reports.flatMap(({ providers }) => providers.filter((provider) => provider.name === name));
  return {
    name,
    listeningWorkers: own.filter(({ listening }) => listening).length,
    connections: own.reduce((sum, { connections }) => sum + connections, 0),
    totals: total(own.map(({ counts }) => counts)),
    window: total(own.map(({ window }) => window)),
  };
}

/**
 * `?format=binary` or JSON; `?id=` only one id, `?prefix=` only ids that begin with it, `?provider=` only what one was asked. The binary
 * form has no place to say that a worker's records are not among them, so it is refused then.
 */
function ledger({ reports, workers, current }: Answered, query: URLSearchParams, providers: readonly string[]): Reply {
  const parts = reports.flatMap(({ records }) => (records === undefined ? [] : [asBuffer(records)]));
  const dropped = reports.reduce((sum, report) => sum + report.dropped, 0);
  const names = { faults: FAULT_KINDS, providers, phases: current.phaseNames };
  const events = eventsOf(reports);
  if (query.get('format') === 'binary') {
    if (reports.length < workers) throw new ApiFailure({ status: 503, message: incomplete(reports, workers) });
    const body = binaryLedger(parts, dropped, { ...names, events, clockDomain: clockDomain() });
    return reply(200, [['Content-Type', 'application/octet-stream']], body);
  }
  const id = query.get('id');
  const prefix = query.get('prefix') ?? '';
  const provider = providerOf(query, providers);
  const records = ledgerRecords(parts, names).filter(
    (record) =>
      record.id.startsWith(prefix) &&
      (id === null || record.id === id) &&
      (provider === undefined || record.provider === provider),
  );
  // Whoever asks for some records is not told all that happened.
  const told = events.length === 0 || id !== null || prefix !== '' ? {} : { events };
  const missingWorkers = workers - reports.length;
  return json({ clock: 'CLOCK_MONOTONIC, microseconds', missingWorkers, dropped, ...told, records });
}

function eventsOf(reports: Answered['reports']): TimelineEvent[] {
  return reports.flatMap(({ events = [] }) => events).sort((a, b) => a.atUs - b.atUs);
}

function incomplete(reports: Answered['reports'], workers: number): string {
  const silent = Array.from({ length: workers }, (_, i) => i).filter((i) => !reports.some((r) => r.worker === i));
  const who = silent.length === 1 ? `worker ${silent[0]}` : `workers ${silent.join(', ')}`;
  return `The ledger is not complete: ${who} of ${workers} did not report in time. Ask again, or take the JSON form, which leaves out the records of those and says how many are missing.`;
}

/** What is in force: for all, or for one provider with everything laid over each other. */
function settingsReport({ current }: Answered, provider: string | undefined): object {
  const { version, settings, providers, madeUs } = current;
  if (provider !== undefined) return { version, provider, settings: settingsOf(current, provider), madeUs };
  return { version, settings, ...(Object.keys(providers).length === 0 ? {} : { providers }), madeUs };
}

async function changeSettings(
  story: Story,
  onTop: boolean,
  provider: string | undefined,
  askAll: AskAll,
  options: ControlOptions,
): Promise<Reply> {
  const { current: before } = await askAll({ about: 'health' });
  const next = onTop ? mergeStories(before, story) : provider === undefined ? story : replaced(before, story);
  refusing(() => requireReachable(next, options));
  const answered = await askAll({ about: 'change', change: { what: 'settings', story: next } });
  return json({ ...settingsReport(answered, provider), missingWorkers: missing(answered) });
}

/** A story with those of some providers replaced by others. */
function replaced({ settings, providers }: Story, others: Story): Story {
  return { settings, providers: { ...providers, ...others.providers } };
}

/** The body is read before anything is waited for, because it is valid only until then. */
function readSettings(body: Buffer, provider: string | undefined, options: ControlOptions): Story {
  return refusing(() => {
    const value: unknown = JSON.parse(body.toString());
    const story =
      provider === undefined ? checkStory(value) : { settings: {}, providers: { [provider]: checkSettings(value) } };
    return requirePlayable(story, options.names, options.workers);
  });
}

/**
 * Whoever closes the last port, the control endpoint's with it, cannot open it again.
 * @throws {SettingsError}
 */
function requireReachable(story: Story, { names, keepsPort }: ControlOptions): Story {
  const endless = names.every((name) => new ClosedTimes(settingsOf(story, name)).endless);
  if (keepsPort || !endless) return story;
  throw new SettingsError(
    'faults: this closes every port of the mock for good, the control endpoint\'s with them; give a "to", or start the mock with --control-port N',
  );
}

function readTimeline(body: Buffer, options: ControlOptions): Timeline {
  return refusing(() => {
    const timeline = requirePlayableTimeline(
      checkTimeline(JSON.parse(body.toString())),
      options.names,
      options.workers,
    );
    for (const phase of timeline) if (phase.to === null) requireReachable(phase, options);
    return timeline;
  });
}

/** What cannot be used is answered 400. */
function refusing<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SettingsError || error instanceof SyntaxError) {
      throw new ApiFailure({ status: 400, message: error.message });
    }
    throw error;
  }
}

async function changeTimeline(change: Change, askAll: AskAll): Promise<Reply> {
  const answered = await askAll({ about: 'change', change });
  return json({ ...timelineReport(answered), missingWorkers: missing(answered) });
}

async function run(change: Extract<Change, { what: 'start' | 'stop' }>, askAll: AskAll): Promise<Reply> {
  const { current } = await askAll({ about: 'health' });
  if (current.timeline === null) {
    const message = 'There is no timeline; start the mock with --timeline FILE, or PUT one to /__bench/timeline.';
    throw new ApiFailure({ status: 409, message, code: 'no_timeline' });
  }
  if (change.what === 'start') refusing(() => requirePhase(current.timeline, change.phase));
  return changeTimeline(change, askAll);
}

/** Where the timeline stands, by the clock; and what really happened, when that was asked for. */
function timelineReport({ current, reports }: Answered): object {
  const { timeline, timelineStartedUs: startedUs } = current;
  const at = (seconds: number | null) => (startedUs === null || seconds === null ? null : startedUs + seconds * 1e6);
  const phases = (timeline ?? []).map(({ name, from, to }) => ({ name, from, to, fromUs: at(from), untilUs: at(to) }));
  const events = eventsOf(reports);
  return { state: stateOf(current), startedUs, phases, ...(events.length === 0 ? {} : { events }) };
}

function stateOf({ timeline, timelineStartedUs }: CurrentSettings): 'none' | 'waiting' | 'running' | 'over' {
  if (timeline === null) return 'none';
  if (timelineStartedUs === null) return 'waiting';
  const to = timeline.at(-1)?.to ?? null;
  return to !== null && toHostUs(performance.now()) >= timelineStartedUs + to * 1e6 ? 'over' : 'running';
}

function missing({ reports, workers }: Answered): number {
  return workers - reports.length;
}

/** The provider that is asked about; undefined when all are. */
function providerOf(query: URLSearchParams, names: readonly string[]): string | undefined {
  const provider = query.get('provider') ?? undefined;
  if (provider === undefined || names.includes(provider)) return provider;
  const message = `provider: no provider is named "${provider}" (${names.join(', ')})`;
  throw new ApiFailure({ status: 404, message, code: 'unknown_provider' });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function json(payload: unknown): Reply {
  return reply(200, [['Content-Type', 'application/json']], Buffer.from(`${JSON.stringify(payload)}\n`));
}
