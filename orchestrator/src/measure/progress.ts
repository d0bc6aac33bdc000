import type { RunProgress } from '../execute/stage.js';
import type { Plan } from '../plan/plan.js';
import { formatLevel } from '../record/cell.js';
import type { TrialRecord } from '../record/trial.js';

/** What a person sees while waiting. */
export interface Progress extends RunProgress {
  /** The plan is known: counting begins. @param finishedTrials of an interrupted run */
  begin(plan: Plan, finishedTrials: number): void;
  /** Shows the table so far, above what is going on. */
  table(text: string): void;
  /** Takes the live lines away; what was told stays. */
  end(): void;
}

/** The part of a terminal that is needed. */
export interface Screen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

const REDRAW_MS = 200;
const MAX_REASON = 100;

/** Live lines on a terminal, one plain line a trial elsewhere. Always on standard error: standard output belongs to results. */
export function createProgress(stream: NodeJS.WriteStream): Progress {
  const screen: Screen = {
    get isTTY() {
      return stream.isTTY && process.env['TERM'] !== 'dumb';
    },
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
    write: (text) => {
      stream.write(text);
    },
  };
  return screen.isTTY ? new LiveProgress(screen) : new PlainProgress(screen);
}

/** Counts trials and says how long the rest may take, from the pace so far. */
class Pace {
  #planned = 0;
  #atStart = 0;
  #done = 0;
  #doneBehind = 0;
  #behind = { trials: 0, estimatedMs: 0 };
  #lastPlannedBlock = 0;
  #estimatedMs = 0;
  #startedAt = performance.now();
  /** What the plan takes over what it was thought to take. */
  #slowness = 1;

  /** Whether anybody knows how many trials there will be: the windows of a search are found as it goes. */
  get known(): boolean {
    return this.#planned > 0;
  }

  begin(plan: Plan, finishedTrials: number): void {
    this.#planned = plan.trialCount;
    this.#atStart = Math.min(finishedTrials, plan.trialCount);
    this.#done = this.#atStart;
    this.#lastPlannedBlock = plan.blocks.length;
    this.#estimatedMs = plan.estimatedMs;
    this.#startedAt = performance.now();
  }

  count({ block }: TrialRecord): void {
    if (block <= this.#lastPlannedBlock || !this.known) {
      this.#done += 1;
      if (this.#estimatedMs > 0) this.#slowness = this.#plan().totalMs / this.#estimatedMs;
      return;
    }
    this.#doneBehind += 1;
    const { trials, estimatedMs } = this.#behind;
    const left = Math.max(0, trials - 1);
    this.#behind = { trials: left, estimatedMs: trials === 0 ? 0 : (estimatedMs * left) / trials };
  }

  secondChances(trials: number, estimatedMs: number): void {
    this.#behind = { trials, estimatedMs };
  }

  toString(): string {
    const { share, totalMs } = this.#plan();
    // What is behind the plan is as much slower or faster than its estimate as the plan is.
    const leftMs = totalMs * (1 - share) + this.#behind.estimatedMs * this.#slowness;
    const done = this.#done + this.#doneBehind;
    const total = Math.max(done, this.#planned + this.#doneBehind + this.#behind.trials);
    return `${done}/${total}, about ${formatDuration(leftMs)} left`;
  }

  /** How much of the plan is done, and what all of it is going to take. */
  #plan(): { readonly share: number; readonly totalMs: number } {
    const measured = this.#done - this.#atStart;
    const share = Math.min(1, measured / Math.max(1, this.#planned - this.#atStart));
    const elapsedMs = performance.now() - this.#startedAt;
    // The plan's estimate knows the start-up times, the pace knows the machine; trust moves from the one to the other.
    const byPaceMs = share === 0 ? 0 : elapsedMs / share;
    return { share, totalMs: share * byPaceMs + (1 - share) * this.#estimatedMs };
  }
}

class PlainProgress implements Progress {
  readonly #screen: Screen;
  readonly #pace = new Pace();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  begin(plan: Plan, finishedTrials: number): void {
    this.#pace.begin(plan, finishedTrials);
  }

  tell(line: string): void {
    this.#screen.write(`${line}\n`);
  }

  doing(): void {}

  secondChances(trials: number, estimatedMs: number): void {
    this.#pace.secondChances(trials, estimatedMs);
  }

  trialDone(trial: TrialRecord): void {
    this.#pace.count(trial);
    this.#screen.write(`[${String(this.#pace)}] ${describeTrial(trial)}\n`);
  }

  blockDone(block: number): void {
    this.#screen.write(`block ${block} done\n`);
  }

  table(): void {}

  end(): void {}
}

class LiveProgress implements Progress {
  readonly #screen: Screen;
  readonly #pace = new Pace();
  readonly #timer: NodeJS.Timeout;
  #doing = '';
  #last = '';
  #table = '';
  #drawnLines = 0;
  #block = 1;
  #blocks = 1;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref();
  }

  begin(plan: Plan, finishedTrials: number): void {
    this.#pace.begin(plan, finishedTrials);
    this.#blocks = plan.blocks.length;
  }

  tell(line: string): void {
    this.#erase();
    this.#screen.write(`${line}\n`);
    this.#draw();
  }

  doing(what: string): void {
    this.#doing = what;
    this.#draw();
  }

  secondChances(trials: number, estimatedMs: number): void {
    this.#pace.secondChances(trials, estimatedMs);
  }

  trialDone(trial: TrialRecord): void {
    this.#pace.count(trial);
    this.#last = describeTrial(trial);
    this.#draw();
  }

  blockDone(block: number): void {
    this.#block = Math.min(block + 1, this.#blocks);
  }

  table(text: string): void {
    this.#table = text;
    this.#draw();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(): void {
    this.#erase();
    const status = [
      ...(this.#pace.known ? [`block ${this.#block} of ${this.#blocks} · trial ${String(this.#pace)}`] : []),
      `  now   ${this.#doing}`,
      ...(this.#last === '' ? [] : [`  last  ${this.#last}`]),
    ];
    const lines = status.map((line) => line.slice(0, this.#screen.columns - 1));
    const table = this.#table === '' ? [] : this.#table.split('\n');
    // A block taller than the screen cannot be erased again: then the table waits for the end.
    const shown = table.length + lines.length + 1 < this.#screen.rows ? [...table, ...lines] : lines;
    this.#screen.write(`${shown.join('\n')}\n`);
    this.#drawnLines = shown.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001B[${this.#drawnLines}A\u001B[J`);
    this.#drawnLines = 0;
  }
}

/** `crabllm chat-minimal 500 rps: p50 0.31 ms, p99 1.2 ms`, or why not. */
function describeTrial(trial: TrialRecord): string {
  const cell = `${trial.target} ${trial.scenario} ${formatLevel(trial.level)}`;
  if (trial.state !== 'valid' || trial.load === null)
    return `${cell}: ${shorten(trial.reason?.message ?? trial.state)}`;
  const { p50, p99 } = trial.load.latencyUs.quantiles;
  const warnings = trial.warnings.map(({ code }) => ` (${code})`).join('');
  return `${cell}: p50 ${formatMs(p50)}, p99 ${formatMs(p99)}${warnings}`;
}

/** The whole reason stands in the table. */
function shorten(reason: string): string {
  return reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON - 1)}…` : reason;
}

function formatMs(valueUs: number | null): string {
  return valueUs === null ? '–' : `${(valueUs / 1000).toPrecision(3)} ms`;
}

/** `45 s`, `12 min`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
