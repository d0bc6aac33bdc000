import { isIP } from 'node:net';
import type { TrialLoad } from '../driver.js';
import { wireFormatOf } from '../../answers/frame.js';
import { createLaneBuffers } from './lane-memory.js';
import type { Pacing, ReaderTask } from './lane-task.js';
import { requestTemplate, trialPrefix, writePrefix } from './request-template.js';
import { drawKinds, kindsOf, partsOf } from './request-kinds.js';
import { type Arrivals, intendedTimes, type Shape } from './schedule.js';
import { replaySchedule } from './trace-schedule.js';

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
  /** Most connections of a trial; requests beyond wait, and are dropped when they wait too long. @default 8192 */
  readonly maxConnections?: number;
}

/** Requests a second for one lane: what a thread sends and reads with most of its core to spare. */
const LANE_RPS = 8000;

/** Lanes of a trial, each of two threads. */
export const MAX_LANES = 2;

/** Connections beyond what Little's law asks for, so that the pool is not the queue. */
const SPARE_CONNECTIONS = 16;

/** What a lane is given, in the order in which lanes take requests. */
export interface LanePlan {
  readonly task: Omit<ReaderTask, 'conductor' | 'handover'>;
  readonly direct: boolean;
  /** Of every id of the trial. */
  readonly prefix: string;
}

/** Kinds that are drawn for a closed loop before they are taken anew. */
const CLOSED_DRAWS = 64 * 1024;

/** Cuts a trial into lanes that send in turn, so that the trial's schedule is the same however many there are. */
export function planLanes(options: NativeOptions, load: TrialLoad): LanePlan[] {
  const url = new URL(load.url);
  const closed = load.level.kind === 'streams';
  const pacing = options.pacing ?? 'wait';
  const count = closed || pacing === 'spin' ? 1 : Math.min(MAX_LANES, Math.ceil(load.level.value / LANE_RPS));
  const schedule = closed ? { intendedUs: new Float64Array(), kindOf: new Uint16Array() } : scheduleOf(options, load);
  const reuse = options.connections !== 'new';
  const prefix = trialPrefix();
  const kinds = kindsOf(load);
  const templates = kinds.map((kind) => requestTemplate(new URL(kind.url), load.headers, kind.body, reuse));
  for (const template of templates) writePrefix(template, prefix);
  const { partOf } = partsOf(kinds);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const maxConnections = Math.max(closed ? load.level.value : 1, Math.floor((options.maxConnections ?? 8192) / count));
  const littles = closed
    ? load.level.value
    : (load.level.value * load.expectedLatencyMs * 2) / 1000 + SPARE_CONNECTIONS;
  const needed = reuse ? littles : 0;
  return Array.from({ length: count }, (_, lane) => ({
    prefix,
    direct: reuse && url.protocol === 'http:' && process.platform !== 'win32',
    task: {
      buffers: createLaneBuffers(
        schedule.intendedUs.filter((_time, k) => k % count === lane),
        schedule.kindOf.filter((_kind, k) => k % count === lane),
        maxConnections,
      ),
      templates,
      counterStart: lane,
      counterStep: count,
      warmupUs: load.warmupMs * 1000,
      measureUs: load.measureMs * 1000,
      host,
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      tlsName: url.protocol === 'https:' ? (isIP(host) === 0 ? host : '') : null,
      mode: closed ? 'closed' : pacing === 'spin' ? 'spin' : 'paced',
      streams: closed ? load.level.value : 0,
      connections: Math.min(maxConnections, Math.ceil(needed / count)),
      maxConnections,
      reuse,
      timeoutUs: load.timeoutMs * 1000,
      kinds: kinds.map((kind, index) => ({
        format: wireFormatOf(kind.url),
        streaming: kind.streaming,
        expected: kind.expected ?? null,
        part: partOf[index] as number,
      })),
      draws: closed ? drawKinds(load, CLOSED_DRAWS) : new Uint16Array(),
    },
  }));
}

/** When each request of an open loop is due, and of which kind it is. */
function scheduleOf(options: NativeOptions, load: TrialLoad): { intendedUs: Float64Array; kindOf: Uint16Array } {
  const { level, warmupMs, measureMs, seed, table } = load;
  if (table !== undefined && 'trace' in table.draw)
    return replaySchedule(table.draw.trace, warmupMs * 1000, measureMs * 1000);
  const intendedUs = intendedTimes({
    ratePerSecond: level.value,
    warmupMs,
    measureMs,
    arrivals: options.arrivals ?? 'constant',
    shape: options.shape ?? { kind: 'flat' },
    seed,
  });
  return { intendedUs, kindOf: drawKinds(load, intendedUs.length) };
}
