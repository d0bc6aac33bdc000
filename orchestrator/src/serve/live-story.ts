import { formatDuration, Pace } from '../measure/pace.js';
import { describeTrial } from '../measure/progress.js';
import type { Plan } from '../plan/plan.js';
import type { TrialRecord } from '../record/trial.js';
import type { AnyModel, LiveLine, LivePhase, LiveState, RestsBehind } from '../report/live-model.js';
import { LONG_WINDOW_MS } from './stillness.js';

/** The newest lines that a viewer gets who comes late. */
const KEPT_LINES = 300;

/** How far a run has come, as the page tells it. */
export class LiveStory {
  readonly pace = new Pace();
  state: LivePhase['state'] = 'preparing';
  doing = '';
  /** Made when somebody looks: drawing is no load on a run that nobody follows. */
  model: (() => AnyModel) | null = null;
  #block = 0;
  #blocks = 0;
  #lines: LiveLine[] = [];
  readonly rests: RestsBehind;

  constructor(rests: RestsBehind) {
    this.rests = rests;
  }

  begin(plan: Plan, finishedTrials: number): void {
    this.pace.begin(plan, finishedTrials);
    this.#block = 1;
    this.#blocks = plan.blocks.length;
    this.measures();
  }

  /** Something is loaded, or about to be. */
  measures(): void {
    if (this.state === 'preparing') this.state = 'measuring';
  }

  blockDone(block: number): void {
    this.#block = Math.min(block + 1, this.#blocks);
  }

  trialDone(trial: TrialRecord): LiveLine {
    this.pace.count(trial);
    return this.line({ kind: 'trial', text: describeTrial(trial), bad: trial.state !== 'valid' });
  }

  line(line: LiveLine): LiveLine {
    this.#lines.push(line);
    if (this.#lines.length > KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
    return line;
  }

  /** @param leftMs of the window that is measured; 0 between windows */
  phase(leftMs: number): LivePhase {
    const { pace } = this;
    return {
      state: this.state,
      rests: this.rests,
      doing: leftMs >= LONG_WINDOW_MS / 2 ? `${this.doing}, ${formatDuration(leftMs)} of it left` : this.doing,
      progress: pace.known ? `block ${this.#block} of ${this.#blocks} · trial ${String(pace)}` : '',
      done: pace.known ? pace.done : 0,
      total: pace.known ? pace.total : 0,
    };
  }

  whole(leftMs: number): LiveState {
    return { phase: this.phase(leftMs), lines: this.#lines, model: this.model?.() ?? null };
  }
}
