import { isIP } from 'node:net';
import type { TrialLoad } from '../driver.js';
import { wireFormatOf } from '../../answers/frame.js';
import { LOAD_DEFAULTS } from '../../record/load-defaults.js';
import type { KeepAwake } from './keep-awake.js';
import { createLaneBuffers } from './lane-memory.js';
import type { Leaving } from './leaving.js';
import { mulberry32 } from './mulberry32.js';
import type { Pacing, ReaderTask } from './lane-task.js';
import { requestTemplate, trialPrefix, writePrefix } from './request-template.js';
import { drawKinds, kindsOf, partsOf } from './request-kinds.js';
import { type Arrivals, intendedTimes, type ScheduleSpec, type Shape } from './schedule.js';
import { everyNthSession, type SessionPlan, sessionPlan } from './session-schedule.js';
import { replaySchedule } from './trace-schedule.js';

const MAX_CONNECTIONS = 8192;

/** What the native driver can be told. */
export interface NativeOptions {
  /** @default 'wait' */
  readonly pacing?: Pacing;
  /** @default 'constant' */
  readonly arrivals?: Arrivals;
  /** `new`: each request opens a connection of its own, and closes it. @default 'keep-alive' */
  readonly connections?: 'keep-alive' | 'new';
  /** @default flat */
  readonly shape?: Shape;
  /** Clients that leave before their answer is whole. @default nobody does */
  readonly abort?: Leaving;
  /** Most connections of a trial; requests beyond wait, and are dropped when they wait too long. @default 8192 */
  readonly maxConnections?: number;
  /** Told when a trial's schedule begins, microseconds of the monotonic clock, a little before it does. @default nobody is told */
  readonly onStart?: (startedAtUs: number) => void;
  /** Keeps cores awake while there is load. @default nobody does */
  readonly awake?: KeepAwake;
  /** CPUs that its threads run on, as the kernel lists them. @default any */
  readonly cpuset?: string;
}

/** Requests a second for one lane: what a thread sends and reads with most of its core to spare. */
const LANE_RPS = 8000;

/** Lanes of a trial, each of two threads. */
export const MAX_LANES = 2;

/** File descriptors of this program for everything but a trial's connections: files, threads, services and what they print. */
export const OWN_DESCRIPTORS = 150;

/** Connections beyond what Little's law asks for, so that the pool is not the queue. */
const SPARE_CONNECTIONS = 16;

/**
 * Connections that a trial may open a second under load: a quarter of its rate, which doubles its pool within a fraction of a second
 * whatever the target takes, and is work for none of the sides.
 */
const OPENING = { share: 0.25, leastPerSecond: 100 } as const;

/** What a lane is given, in the order in which lanes take requests. */
export interface LanePlan {
  readonly task: Omit<ReaderTask, 'conductor' | 'handover'>;
  readonly direct: boolean;
  /** Of every id of the trial. */
  readonly prefix: string;
}

/** Which trial of the `of` that share a schedule it is, from 0: whose requests are whose says {@link drawTurns}. */
export interface Turn {
  readonly of: number;
  readonly nth: number;
}

/** When each request is due, and of which kind it is. */
interface Schedule {
  readonly intendedUs: Float64Array;
  readonly kindOf: Uint16Array;
}

/** A schedule of one's own. */
const ALL: Turn = { of: 1, nth: 0 };

/** Keeps the lot that falls between sides apart from the draws of arrival times and kinds, which have the same seed. */
const SIDE_STREAM = 0x73696465;

/** Keeps the arrivals of kinds with a rate of their own apart from those at the level. */
const RATE_STREAM = 0x72617465;

/** Kinds that are drawn for a closed loop before they are taken anew. */
const CLOSED_DRAWS = 64 * 1024;

/**
 * The same options with no more connections than there are file descriptors for: a request that waits for a connection is the target's to
 * answer for, one for which this side has no descriptor is nobody's.
 * @param descriptors that this process may have; null: any number
 */
export function withinLimit(options: NativeOptions, descriptors: number | null): NativeOptions {
  const { maxConnections = MAX_CONNECTIONS } = options;
  const room = descriptors === null ? maxConnections : Math.max(1, descriptors - OWN_DESCRIPTORS);
  return { ...options, maxConnections: Math.min(maxConnections, room) };
}

/**
 * Cuts a trial into lanes that send in turn, so that the trial's schedule is the same however many there are.
 * @param turn where several trials share a schedule, each at its level; never in a closed loop, which has none
 */
export function planLanes(options: NativeOptions, load: TrialLoad, turn: Turn = ALL): LanePlan[] {
  const url = new URL(load.url);
  const { of: agents, nth: agent, idPrefix } = load.share ?? { of: 1, nth: 0, idPrefix: trialPrefix() };
  const value = shareOf(load.level, agents, agent);
  const closed = load.level.kind === 'streams';
  const pacing = options.pacing ?? LOAD_DEFAULTS.pacing;
  const sessions = sessionsOf(load, agents, agent);
  const grows = closed || sessions !== null;
  const count = grows || pacing === 'spin' ? 1 : Math.min(MAX_LANES, Math.ceil(value / LANE_RPS));
  const schedule = grows
    ? { intendedUs: new Float64Array(), kindOf: new Uint16Array() }
    : everyNth(scheduleOf(options, load, turn), agents, agent);
  const reuse = options.connections !== 'new';
  const prefix = idPrefix;
  const connections = connectionsOf(options, { ...load, level: { ...load.level, value } }, count, turn.of);
  const shared = {
    ...addressOf(url),
    ...connections,
    ...requestsOf(load, prefix, reuse),
    counterStep: count * agents,
    warmupUs: load.warmupMs * 1000,
    measureUs: load.measureMs * 1000,
    mode: modeOf(closed, sessions !== null, pacing),
    sessions,
    streams: closed ? value : 0,
    reuse,
    timeoutUs: load.timeoutMs * 1000,
    leaving: options.abort === undefined ? null : { ...options.abort, seed: load.seed },
    cpuset: options.cpuset ?? null,
    draws: closed ? drawKinds({ ...load, seed: load.seed + agent }, CLOSED_DRAWS) : new Uint16Array(),
  };
  return Array.from({ length: count }, (_, lane) => ({
    prefix,
    direct: reuse && url.protocol === 'http:' && process.platform !== 'win32',
    task: {
      ...shared,
      buffers: createLaneBuffers(
        schedule.intendedUs.filter((_time, k) => k % count === lane),
        schedule.kindOf.filter((_kind, k) => k % count === lane),
        connections.maxConnections,
      ),
      counterStart: lane * agents + agent,
    },
  }));
}

/** One lane holds all sessions of an agent: its thread sends and reads what a session's next turn depends on. */
function sessionsOf(
  { table, level, warmupMs, measureMs, seed }: TrialLoad,
  agents: number,
  agent: number,
): SessionPlan | null {
  if (table === undefined || !('sessions' in table.draw)) return null;
  const lengthUs = (warmupMs + measureMs) * 1000;
  const all = sessionPlan({ ...table.draw.sessions, ratePerSecond: level.value, lengthUs, seed });
  return everyNthSession(all, agents, agent);
}

function modeOf(closed: boolean, holdsSessions: boolean, pacing: Pacing): ReaderTask['mode'] {
  if (closed) return 'closed';
  if (holdsSessions) return 'sessions';
  return pacing === 'spin' ? 'spin' : 'paced';
}

/** An agent's share of the level: of a rate the same for all, of streams whole ones. */
function shareOf({ kind, value }: TrialLoad['level'], agents: number, agent: number): number {
  if (kind === 'rps') return value / agents;
  if (value < agents) throw new RangeError(`${value} streams cannot be divided among ${agents} agents`);
  return Math.floor((value + agents - 1 - agent) / agents);
}

/** The requests of one agent: every n-th of the trial's. */
function everyNth({ intendedUs, kindOf }: Schedule, agents: number, agent: number): Schedule {
  if (agents === 1) return { intendedUs, kindOf };
  const isOwn = (_value: number, k: number) => k % agents === agent;
  return { intendedUs: intendedUs.filter(isOwn), kindOf: kindOf.filter(isOwn) };
}

function addressOf(url: URL): Pick<ReaderTask, 'host' | 'port' | 'tlsName'> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const secure = url.protocol === 'https:';
  return {
    host,
    port: Number(url.port) || (secure ? 443 : 80),
    // An address is no server name.
    tlsName: secure ? (isIP(host) === 0 ? host : '') : null,
  };
}

/** Of each lane: the most it may have, and those that it opens before the load begins, by Little's law with room to spare. */
function connectionsOf(
  { connections, maxConnections = MAX_CONNECTIONS }: NativeOptions,
  { level, expectedLatencyMs }: TrialLoad,
  lanes: number,
  sides: number,
): Pick<ReaderTask, 'connections' | 'maxConnections' | 'openPerSecond'> {
  const closed = level.kind === 'streams';
  const most = Math.max(closed ? level.value : 1, Math.floor(maxConnections / lanes / sides));
  const littles = closed ? level.value : (level.value * expectedLatencyMs * 2) / 1000 + SPARE_CONNECTIONS;
  const needed = connections === 'new' ? 0 : littles;
  const perSecond = Math.max(OPENING.leastPerSecond, OPENING.share * level.value) / lanes;
  return {
    connections: Math.min(most, Math.ceil(needed / lanes)),
    maxConnections: most,
    openPerSecond: connections === 'new' ? null : perSecond,
  };
}

/** How each kind of request is sent, and its answers are read. */
function requestsOf(load: TrialLoad, prefix: string, reuse: boolean): Pick<ReaderTask, 'templates' | 'kinds'> {
  const kinds = kindsOf(load);
  const templates = kinds.map((kind) =>
    requestTemplate(new URL(kind.url), kind.headers ?? load.headers, kind.body, reuse),
  );
  for (const template of templates) writePrefix(template, prefix);
  const { partOf } = partsOf(kinds);
  return {
    templates,
    kinds: kinds.map((kind, index) => ({
      format: wireFormatOf(kind.url),
      streaming: kind.streaming,
      expected: kind.expected ?? null,
      part: partOf[index] as number,
    })),
  };
}

/**
 * When each request of an open loop is due, and of which kind it is. Trials that share a schedule share its seed as well, so that the n-th
 * requests of each are of one kind.
 */
function scheduleOf(options: NativeOptions, load: TrialLoad, turn: Turn): Schedule {
  const { warmupMs, measureMs, seed, table } = load;
  if (table !== undefined && 'trace' in table.draw)
    return replaySchedule(table.draw.trace, warmupMs * 1000, measureMs * 1000);
  if (table !== undefined && 'rates' in table.draw) return ratesSchedule(options, load, table.draw.rates);
  const spec = scheduleSpec(options, load, turn.of);
  const all = intendedTimes(spec);
  const isOwn = drawTurns(turn, spec.arrivals, seed);
  const intendedUs = turn.of === 1 ? all : all.filter((_time, k) => isOwn(k));
  return { intendedUs, kindOf: drawKinds(load, intendedUs.length) };
}

/** Kinds that each have a schedule of their own, in one: the same requests of a kind at the same times, whatever comes beside it. */
function ratesSchedule(options: NativeOptions, load: TrialLoad, rates: readonly (number | null)[]): Schedule {
  const own = scheduleSpec(options, load, 1);
  const due = rates.flatMap((rate, kind) => {
    const spec: ScheduleSpec =
      rate === null
        ? own
        : {
            ...own,
            ratePerSecond: rate,
            arrivals: 'poisson',
            shape: { kind: 'flat' },
            seed: own.seed ^ (RATE_STREAM + kind),
          };
    return Array.from(intendedTimes(spec), (atUs) => ({ atUs, kind }));
  });
  due.sort((a, b) => a.atUs - b.atUs || a.kind - b.kind);
  return {
    intendedUs: Float64Array.from(due, ({ atUs }) => atUs),
    kindOf: Uint16Array.from(due, ({ kind }) => kind),
  };
}

/**
 * What the schedule of a trial is made of, or of those that share it. Of an open loop whose times are no trace's.
 * @param sides trials that share it
 */
export function scheduleSpec(
  { arrivals = LOAD_DEFAULTS.arrivals, shape = { kind: 'flat' } }: NativeOptions,
  { level, warmupMs, measureMs, seed }: Pick<TrialLoad, 'level' | 'warmupMs' | 'measureMs' | 'seed'>,
  sides: number,
): ScheduleSpec {
  return { ratePerSecond: level.value * sides, warmupMs, measureMs, arrivals, shape, seed };
}

/**
 * Says of each request of a shared schedule, asked in turn, whether it is a trial's own. Of even arrivals every `of`-th is, from the `nth` on. Of
 * Poisson arrivals each falls to one side by lot, which every side draws alike: Poisson arrivals that are divided independently of their
 * times are Poisson arrivals on each side (the colouring theorem; Kingman 1993, Poisson Processes, section 5.1), where every second one of
 * them would come at Erlang-2 gaps, which are more even than was asked for.
 */
function drawTurns({ of, nth }: Turn, arrivals: Arrivals, seed: number): (k: number) => boolean {
  if (arrivals === 'constant') return (k) => k % of === nth;
  const lot = mulberry32(seed ^ SIDE_STREAM);
  return () => Math.floor(lot() * of) === nth;
}
