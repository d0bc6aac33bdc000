import type { RunProgress } from '../execute/stage.js';
import type { Plan } from '../plan/plan.js';
import { formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import type { AnyModel } from '../report/live-model.js';
import { styleOf } from '../report/terminal-style.js';
import { renderStanding } from '../report/terminal-table.js';
import { Pace } from './pace.js';

/** What a person sees while waiting. */
export interface Progress extends RunProgress {
  /** The plan is known: counting begins. @param finishedTrials of an interrupted run */
  begin(plan: Plan, finishedTrials: number): void;
  /** What the trials so far say, behind a block. @param run as its records stand */
  standing(summary: Summary, run: StoredRun): void;
  /** What a run says so far that has no table on the terminal. @param make the page's model; called when somebody looks */
  answer(make: () => AnyModel): void;
  /** So long, ms, it was not measured because somebody wanted a rest. */
  rested(ms: number): void;
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
/** What stands below the table: three lines of status, and the one that the cursor is in. */
const STATUS_ROWS = 5;
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

  standing(): void {}

  answer(): void {}

  rested(ms: number): void {
    this.#pace.rested(ms);
  }

  end(): void {}
}

class LiveProgress implements Progress {
  readonly #screen: Screen;
  readonly #pace = new Pace();
  readonly #timer: NodeJS.Timeout;
  #doing = '';
  #last = '';
  #standing: Summary | null = null;
  /** Of the standing, as drawn for a screen of this size. */
  #table: { readonly size: string; readonly lines: readonly string[] } | null = null;
  #drawnLines = 0;
  #block = 1;
  #blocks = 1;
  /** What is told behind the end stays, and nothing is drawn below it. */
  #ended = false;

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

  standing(summary: Summary): void {
    this.#standing = summary;
    this.#table = null;
    this.#draw();
  }

  answer(): void {}

  rested(ms: number): void {
    this.#pace.rested(ms);
  }

  end(): void {
    clearInterval(this.#timer);
    this.#erase();
    this.#ended = true;
  }

  #draw(): void {
    if (this.#ended) return;
    this.#erase();
    const status = [
      ...(this.#pace.known ? [`block ${this.#block} of ${this.#blocks} · trial ${String(this.#pace)}`] : []),
      `  now   ${this.#doing}`,
      ...(this.#last === '' ? [] : [`  last  ${this.#last}`]),
    ];
    const lines = status.map((line) => line.slice(0, this.#screen.columns - 1));
    const shown = [...this.#tableLines(), ...lines];
    this.#screen.write(`${shown.join('\n')}\n`);
    this.#drawnLines = shown.length;
  }

  /** As much of the table as there is room for above the status: what is taller than the screen cannot be erased again. */
  #tableLines(): readonly string[] {
    if (this.#standing === null) return [];
    const { columns, rows } = this.#screen;
    const size = `${columns}×${rows}`;
    if (this.#table?.size !== size) {
      const lines = renderStanding(this.#standing, styleOf(this.#screen, process.env), rows - STATUS_ROWS);
      this.#table = { size, lines };
    }
    return this.#table.lines;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\u001B[${this.#drawnLines}A\u001B[J`);
    this.#drawnLines = 0;
  }
}

/** `crabllm chat-minimal 500 rps: p50 0.31 ms, p99 1.2 ms`, or why not. */
export function describeTrial(trial: TrialRecord): string {
  const cell = `${trial.target} ${trial.scenario} ${formatLevel(trial.level)}`;
  if (trial.state !== 'valid' || trial.load === null)
    return `${cell}: ${shorten(trial.reason?.message ?? trial.state)}`;
  const { p50, p99 } = trial.load.latencyUs.quantiles;
  const warnings = [...new Set(trial.warnings.map(({ code }) => ` (${code})`))].join('');
  return `${cell}: p50 ${formatMs(p50)}, p99 ${formatMs(p99)}${warnings}`;
}

/** The whole reason stands in the table. */
function shorten(reason: string): string {
  return reason.length > MAX_REASON ? `${reason.slice(0, MAX_REASON - 1)}…` : reason;
}

function formatMs(valueUs: number | null): string {
  return valueUs === null ? '–' : `${(valueUs / 1000).toPrecision(3)} ms`;
}
