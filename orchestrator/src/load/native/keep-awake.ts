import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { wordsOn } from '../../clock/affinity.js';
import { usageError } from '../../errors.js';
import type { AwakeRecord } from '../../record/awake.js';
import { parseCpuList } from '../../record/cpu-list.js';
import type { ScheduleSpec } from './schedule.js';

/** The kernel heeds what is written there for as long as the file is open (Documentation/power/pm_qos_interface.rst). */
const LATENCY_DEVICE = '/dev/cpu_dma_latency';

/** Spans that cover more of the time than this are not spun: cores do not sleep at such rates, and a host takes a busy core away. */
const MOST_SPUN = 0.6;

/** On a machine that is busy all the time nobody in the idle class gets to say anything. */
const SAID_WITHIN_MS = 2000;

/** What a spinner is told of a trial. */
export interface AwakeOrder {
  /** Microseconds of the monotonic clock. */
  readonly startedAtUs: number;
  readonly schedule: ScheduleSpec;
  readonly beforeUs: number;
  readonly afterUs: number;
}

const reportSchema = z.strictObject({ cpuUs: z.number() });
/** What a spinner says behind it. */
export type AwakeReport = z.infer<typeof reportSchema>;

/** A schedule while which cores are kept awake. */
export interface AwakeSpan {
  /**
   * To be asked when the schedule has ended.
   * @returns the CPU time that keeping them awake took, microseconds; 0 where nothing was spun, null where that was not said in time
   */
  used(): Promise<number | null>;
}

/**
 * Keeps cores from sleeping between two requests while there is load: what wakes up at its leisure is most of the difference between starts
 * and of the median at low rates on virtual machines. The span is fixed and the same for every target: one that lasted until the answer
 * would treat slow targets otherwise.
 */
export class KeepAwake {
  readonly #how: AwakeRecord;
  readonly #spinners: Spinner[] = [];
  #device: number | null = null;

  /** @throws BenchError `awake-unfit` where this machine has no such way */
  constructor(how: AwakeRecord) {
    this.#how = how;
    const why = whyNotAwake(how);
    if (why !== null)
      throw usageError(
        'awake-unfit',
        `--awake ${how.way}: ${why}.`,
        'Leave --awake out: figures are then as they are by themselves.',
      );
  }

  /** Starts what is needed, which takes a moment: before a trial's threads are told when to begin. */
  async ready(): Promise<void> {
    if (this.#how.way === 'latency') {
      this.#device ??= holdLatency();
      return;
    }
    // One that has ended is of no use any more.
    if (this.#spinners.some(({ hasEnded }) => hasEnded)) this.stop();
    if (this.#spinners.length > 0) return;
    for (const cpu of parseCpuList(this.#how.cpus) ?? []) this.#spinners.push(new Spinner(cpu));
    await Promise.all(this.#spinners.map(async (spinner) => spinner.started()));
  }

  /**
   * Follows a schedule that is about to begin.
   * @param schedule null where nobody can say when requests are due: a closed loop, a trace
   */
  follow(startedAtUs: number, schedule: ScheduleSpec | null): AwakeSpan {
    if (this.#how.way === 'latency' || schedule === null) return NOTHING_SPUN;
    const { beforeUs, afterUs } = this.#how;
    if (schedule.ratePerSecond * (beforeUs + afterUs) > MOST_SPUN * 1e6) return NOTHING_SPUN;
    const spun = this.#spinners.map(async (spinner) => spinner.follow({ startedAtUs, schedule, beforeUs, afterUs }));
    const sum = Promise.all(spun).then((each) => each.reduce((total, us) => total + us, 0));
    return {
      used: async () => {
        const said = await Promise.race([sum, sleep(SAID_WITHIN_MS, null, { ref: false })]);
        // It would take up the next schedule in the middle.
        if (said === null) this.stop();
        return said;
      },
    };
  }

  /** Ends all of it at once; it can be made ready again. */
  stop(): void {
    for (const spinner of this.#spinners.splice(0)) spinner.end();
    if (this.#device !== null) closeSync(this.#device);
    this.#device = null;
  }
}

const NOTHING_SPUN: AwakeSpan = { used: async () => 0 };

/** A program that keeps one CPU awake, and puts itself in the class of those that run when nobody else wants to (sched(7), SCHED_IDLE). */
class Spinner {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #begun: Promise<unknown>;
  #saysNoMore = false;

  constructor(cpu: number) {
    const program = fileURLToPath(new URL('./awake-worker.js', import.meta.url));
    const [command, ...words] = wordsOn(String(cpu), [process.execPath, program]);
    this.#child = spawn(command, words, { stdio: ['pipe', 'pipe', 'ignore'] });
    // An order to one that has just ended: what it would have spun is not there, and that is told.
    this.#child.stdin?.on('error', () => {});
    this.#begun = once(this.#child, 'spawn');
    this.#lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  get hasEnded(): boolean {
    return this.#saysNoMore || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async started(): Promise<void> {
    await this.#begun;
    // An empty schedule is followed at once: who has answered has loaded its program.
    const schedule = {
      ratePerSecond: 1,
      warmupMs: 0,
      measureMs: 0,
      arrivals: 'constant',
      shape: { kind: 'flat' },
      seed: 0,
    } as const;
    await this.follow({ startedAtUs: 0, schedule, beforeUs: 0, afterUs: 0 });
  }

  /** @returns the CPU time that it took, microseconds; 0 where it ended before it could say */
  async follow(order: AwakeOrder): Promise<number> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await this.#lines.next();
    // Its output may be closed before its end is heard of.
    if (done === true) this.#saysNoMore = true;
    return done === true ? 0 : reportSchema.parse(JSON.parse(value)).cpuUs;
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Why cores cannot be kept awake in this way here; null: they can. */
export function whyNotAwake({ way }: Pick<AwakeRecord, 'way'>): string | null {
  if (way === 'latency') {
    try {
      closeSync(holdLatency());
      return null;
    } catch (thrown) {
      return `${LATENCY_DEVICE} cannot be written to (${(thrown as NodeJS.ErrnoException).code})`;
    }
  }
  const [command, ...words] = wordsOn('0', ['chrt', '--idle', '0', 'true']);
  const works = process.platform === 'linux' && spawnSync(command, words, { stdio: 'ignore' }).status === 0;
  return works ? null : 'chrt and taskset of util-linux are not on PATH, or do nothing here';
}

/** @returns the open file; nothing that takes longer than 0 µs to leave */
function holdLatency(): number {
  const device = openSync(LATENCY_DEVICE, 'w');
  writeSync(device, Buffer.alloc(4));
  return device;
}
