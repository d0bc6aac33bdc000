import { monotonicUs } from '#src/clock/clock.js';
import { clockDomain, type ClockDomain } from '#src/clock/clock-domain.js';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { writeColumnFile } from '#src/load/native/column-file.js';
import { COLUMN_TYPES, type ColumnName, createColumns, outcomeCode } from '#src/load/native/columns.js';
import { openLaneMemory } from '#src/load/native/lane-memory.js';
import { type NativeOptions, planLanes } from '#src/load/native/plan-lanes.js';
import { toLoadRecord } from '#src/load/native/to-record.js';

/** How a made-up driver behaves. */
export interface MadeUp {
  /** What it takes for the clock of its rows, microseconds ahead of the monotonic one. */
  readonly aheadUs?: number | (() => number);
  readonly domain?: ClockDomain | null;
  /** The latency of each request by its number in the trial, microseconds. @default 1000 + number % 97 */
  readonly latencyUs?: (counter: number) => number;
  /** Done before it asks for the start, and before the load is over. */
  readonly beforeReady?: () => Promise<void>;
  readonly beforeEnd?: () => Promise<void>;
  /** What is delivered in place of its rows. */
  readonly spoil?: (columns: Uint8Array) => Uint8Array;
}

const LANE_FACTS = {
  version: '0',
  connections: 3,
  errorExamples: {},
  driverCpuUs: 1000,
  stalls: [],
  runQueueWaitUs: 5,
};

/** A driver that sends nothing and says of each request of its share what is known beforehand; it takes no time behind the start. */
export function madeUpDriver(made: MadeUp = {}): (options: NativeOptions) => Driver {
  const { domain = clockDomain(), latencyUs = (n) => 1000 + (n % 97) } = made;
  return (options) => ({
    name: 'native',
    prepare: async () => ({ state: 'available', version: '0', digest: null, limitsEnforced: false }),
    run: async (load, signal) => {
      await orAborted(made.beforeReady?.(), signal);
      const startedAtUs = ((await load.share?.startAt()) ?? 0) + aheadOf(made);
      await arrived(startedAtUs, made);
      await orAborted(made.beforeEnd?.(), signal);
      const { lanes, prefix } = rowsOf(options, load, latencyUs);
      const columns = await writeColumnFile(lanes, {
        startedAtUs,
        clockDomain: domain,
        warmupUs: load.warmupMs * 1000,
        measureUs: load.measureMs * 1000,
        uneven: false,
        idPrefix: prefix,
        kinds: [{ name: '', part: '' }],
      });
      const record = toLoadRecord(lanes, {
        ...LANE_FACTS,
        warmupMs: load.warmupMs,
        measureMs: load.measureMs,
        parts: [{ name: '', streaming: false, gaps: null }],
        partOf: [0],
        open: load.level.kind === 'rps',
        uneven: false,
      });
      const now = performance.now();
      return {
        record,
        span: { fromMs: now, windowFromMs: now, windowUntilMs: now },
        raw: Buffer.from(JSON.stringify({ driver: 'native', startedAtUs, lanes: lanes.length, record })),
        columns: made.spoil?.(columns) ?? columns,
      };
    },
    close: async () => {},
  });
}

function rowsOf(options: NativeOptions, load: TrialLoad, latencyUs: (counter: number) => number) {
  const plans = planLanes(options, load);
  const names = (Object.keys(COLUMN_TYPES) as ColumnName[]).filter((name) => name !== 'intendedUs' && name !== 'kind');
  const lanes = plans.map(({ task }) => {
    const due = openLaneMemory(task.buffers).columns;
    const columns = createColumns(task.buffers.rows, false);
    for (let row = 0; row < task.buffers.rows; row++) {
      const counter = task.counterStart + row * task.counterStep;
      for (const name of names) columns[name][row] = 0;
      columns.intendedUs[row] = due.intendedUs[row] as number;
      columns.kind[row] = due.kind[row] as number;
      columns.lastByteUs[row] = columns.endUs[row] = columns.firstByteUs[row] = latencyUs(counter);
      columns.status[row] = 200;
      columns.bytes[row] = 10;
      columns.outcome[row] = outcomeCode('ok');
    }
    return { columns, rows: task.buffers.rows, counterStart: task.counterStart, counterStep: task.counterStep };
  });
  return { lanes, prefix: plans[0]?.prefix ?? '' };
}

function aheadOf({ aheadUs = 0 }: MadeUp): number {
  return typeof aheadUs === 'function' ? aheadUs() : aheadUs;
}

/** Waits for the start, whatever the clock of the rows does meanwhile. */
async function arrived(startedAtUs: number, made: MadeUp): Promise<void> {
  const aheadMs = (startedAtUs - aheadOf(made) - monotonicUs()) / 1000;
  if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
}

/** As a driver does: whatever it is at, it ends with the signal. */
async function orAborted(work: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (work === undefined) return;
  let stop = (): void => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
