import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClockDomain, isOneClock } from '../clock/clock-domain.js';
import { monotonicUs } from '../clock/clock.js';
import { clockOffset, driftPpm, onAskersClock, seenFromOtherSide } from '../clock/clock-offset.js';
import { BenchError, EXIT } from '../errors.js';
import type { Driver, LoadResult, TrialLoad } from '../load/driver.js';
import { mergeColumnFiles } from '../load/native/merge-columns.js';
import type { NativeOptions } from '../load/native/plan-lanes.js';
import { trialPrefix } from '../load/native/request-template.js';
import type { AgentRecord, Distribution, LoadRecord } from '../record/trial.js';
import { mergedRecord } from './merged-record.js';
import type { AgentRoom } from './room.js';
import type { Member } from './roster.js';
import type { Delivered } from './trial-meeting.js';
import { encodeLoad, encodeOptions } from './wire-load.js';

/** A little before a trial starts, whoever waits for that is told. */
const TOLD_BEFORE_MS = 20;

/** Where the agents of a run are, and who starts them. */
export interface AgentHouse {
  /** Opened, and the agents on their way, by the time this resolves; called before each trial, and starts again those that have ended. */
  open(signal: AbortSignal): Promise<AgentRoom>;
  /**
   * Has the agents come before anything is measured, where that is done early.
   * @throws BenchError why they cannot
   */
  prepare?(signal: AbortSignal): Promise<void>;
  /**
   * What whoever runs the agents knows of why one is missed.
   * @returns the fault in its words, or as it was
   */
  explained?(fault: unknown): Promise<unknown>;
  /** How long an agent may take from being started until it says hello. */
  readonly comingMs: number;
  /** Whether their hosts are none that is watched otherwise. */
  readonly watchHosts: boolean;
  /** Ends the agents and the room. */
  close(): Promise<void>;
}

/**
 * The native driver in several places: each trial's schedule is divided among agents, their rows are merged into the file that one driver would have
 * written, and the record is counted from that.
 * @param count of agents; of fewer streams than that as many take part as there are streams
 * @param joiner a native driver, for what is done with rows behind a trial; closed with this one
 */
export function createAgentsDriver(house: AgentHouse, count: number, options: NativeOptions, joiner: Driver): Driver {
  return {
    name: 'native',
    agents: { count, on: house.watchHosts ? 'nodes' : 'own-host' },
    async prepare(tell, signal) {
      await house.prepare?.(signal);
      return joiner.prepare(tell, signal);
    },
    async run(load, signal) {
      const room = await house.open(signal);
      const directory = await mkdtemp(join(tmpdir(), 'crabllm-agents-'));
      try {
        const members = await room.gather('load', count, house.comingMs, signal);
        return await runTogether(room, members, directory, { load, options, watchHost: house.watchHosts }, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        throw (await house.explained?.(thrown)) ?? thrown;
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    ...(joiner.joinLedger === undefined ? {} : { joinLedger: joiner.joinLedger.bind(joiner) }),
    ...(joiner.settleStale === undefined ? {} : { settleStale: joiner.settleStale.bind(joiner) }),
    async close() {
      try {
        await house.close();
      } finally {
        await joiner.close();
      }
    },
  };
}

/** A trial's load, and how it is made. */
interface Wanted {
  readonly load: TrialLoad;
  readonly options: NativeOptions;
  readonly watchHost: boolean;
}

async function runTogether(
  room: AgentRoom,
  members: readonly Member[],
  directory: string,
  { load, options, watchHost }: Wanted,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { level, warmupMs, measureMs, timeoutMs } = load;
  const of = level.kind === 'streams' ? Math.min(members.length, level.value) : members.length;
  let startAtUs = 0;
  let telling: NodeJS.Timeout | undefined;
  const onStart = (atUs: number): void => {
    startAtUs = atUs - room.aheadUs();
    const aheadMs = (startAtUs - monotonicUs()) / 1000;
    telling = setTimeout(() => {
      options.onStart?.(startAtUs);
      load.onStart?.(startAtUs);
    }, aheadMs - TOLD_BEFORE_MS);
  };
  try {
    const order = {
      of,
      idPrefix: trialPrefix(),
      options: encodeOptions(options),
      load: encodeLoad(load),
      watchHost,
      lengthMs: warmupMs + measureMs + timeoutMs,
      directory,
    };
    let commonUs = 0;
    const brought = await room.runTrial(
      {
        ...order,
        onStart(atUs) {
          commonUs = atUs;
          onStart(atUs);
        },
      },
      signal,
    );
    const merged = join(directory, 'merged.requests.gz');
    const { rowsOf } = await mergeColumnFiles(
      brought.map(({ rows }) => rows),
      merged,
    );
    checkWhole(rowsOf, load);
    const columns = await readFile(merged);
    const record = mergedRecord(
      columns,
      brought.map(({ report }) => report.record),
    );
    const start = { commonUs, clockDomain: room.clockDomain };
    const agents = brought.map((each, nth) => agentRecord(each, members[nth] as Member, start));
    const fromMs = performance.now() + (startAtUs - monotonicUs()) / 1000;
    return {
      record,
      span: { fromMs, windowFromMs: fromMs + warmupMs, windowUntilMs: fromMs + warmupMs + measureMs },
      raw: Buffer.from(JSON.stringify({ driver: 'native', startedAtUs: startAtUs, agents: rawOf(brought), record })),
      columns,
      agents,
    };
  } finally {
    clearTimeout(telling);
  }
}

/**
 * Whether the agents brought every request of an open loop: each has its numbers without a gap (the merge sees to that), so a tail that is not there
 * shows in how many each has.
 * @throws BenchError `parts-differ`
 */
function checkWhole(rowsOf: readonly number[], { level, table }: TrialLoad): void {
  // How many turns sessions come to depends on their answers.
  if (level.kind !== 'rps' || (table !== undefined && 'sessions' in table.draw)) return;
  const rows = rowsOf.reduce((sum, own) => sum + own, 0);
  for (const [nth, came] of rowsOf.entries()) {
    const due = Math.floor((rows + rowsOf.length - 1 - nth) / rowsOf.length);
    if (came === due) continue;
    throw new BenchError({
      code: 'parts-differ',
      message: `agent ${nth} of ${rowsOf.length} brought ${came} requests, and ${due} of ${rows} are its share`,
      hint: 'The trial is void.',
      exitCode: EXIT.environment,
    });
  }
}

/** The drivers' own output, each with its number; what is merged of it stands beside. */
function rawOf(brought: readonly Delivered[]): Record<string, unknown>[] {
  return brought.map(({ report }, index) => {
    const { record: _record, ...raw } = report.raw;
    return { index, ...raw };
  });
}

/** @param start the common one, by the room's clock */
function agentRecord(
  { before, report }: Delivered,
  { hello }: Member,
  { commonUs, clockDomain }: { readonly commonUs: number; readonly clockDomain: ClockDomain | null },
): AgentRecord {
  const [first, last] = [clockOffset(before), clockOffset(report.trips)].map(seenFromOtherSide) as [
    ReturnType<typeof clockOffset>,
    ReturnType<typeof clockOffset>,
  ];
  const { startedAtUs } = report.raw;
  // Of one clock nothing is to be reckoned; its offset was asked for all the same, and has to be none.
  const began = isOneClock(hello.clockDomain, clockDomain)
    ? { us: startedAtUs, boundUs: 0 }
    : onAskersClock(first, last, startedAtUs);
  return {
    index: hello.index,
    cpus: hello.host.cpus,
    clockDomain: hello.clockDomain,
    before: { offsetUs: first.offsetUs, boundUs: first.boundUs },
    after: { offsetUs: last.offsetUs, boundUs: last.boundUs },
    drift: driftPpm(first, last),
    start: { skewUs: began.us - commonUs, boundUs: began.boundUs },
    load: slim(report.record),
    host: report.host,
  };
}

/** Without what is in the merged record second by second. */
function slim({ parts: _parts, ...record }: LoadRecord): LoadRecord {
  const entries = Object.entries(record).map(([name, value]) => [
    name,
    value !== null && typeof value === 'object' && 'quantiles' in value
      ? ({ ...value, seconds: null } as Distribution)
      : value,
  ]);
  return Object.fromEntries(entries) as LoadRecord;
}
