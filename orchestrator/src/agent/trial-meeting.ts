import { pause } from '../pause.js';
import { BenchError, EXIT } from '../errors.js';
import type { RoundTrip } from '../clock/clock-offset.js';
import type { Reason } from '../record/reason.js';
import type { AgentReport } from './report.js';

/** How long agents may take. */
export interface MeetingTimes {
  /** To open their connections and to look at the clock. */
  readonly readyMs: number;
  /** Behind the last moment at which a request may be under way. */
  readonly finishMs: number;
  /** From the last of them that became ready to the common start, so that every one hears of it in time. */
  readonly leadMs: number;
  /** Without another byte of rows of anybody. */
  readonly deliverMs: number;
}

export const MEETING_TIMES: MeetingTimes = { readyMs: 60_000, leadMs: 2000, finishMs: 30_000, deliverMs: 60_000 };

/** What an agent brought. */
export interface Delivered {
  readonly before: readonly RoundTrip[];
  readonly report: AgentReport;
  /** The file of its requests. */
  readonly rows: string;
}

interface Guest {
  before: readonly RoundTrip[] | null;
  finished: boolean;
  report: AgentReport | null;
  rows: string | null;
  /** How often its rows came and were not what was sent. */
  spoilt: number;
}

/** A delivery is tried so often. */
const MOST_SPOILT = 3;

/**
 * The agents of one trial: they become ready, start together, finish, deliver. The first that goes, is late or fails makes the trial void for all of
 * them, by its name; nothing is shifted and nobody is replaced.
 */
export class TrialMeeting {
  readonly id: string;
  readonly #names: readonly string[];
  readonly #guests: Guest[];
  readonly #nowUs: () => number;
  readonly #times: MeetingTimes;
  readonly #ended = new AbortController();
  #startAtUs: number | null = null;
  #looks = new Set<() => void>();
  #progress = 0;

  /** @param names of the agents, the n-th of which has the n-th share */
  constructor(id: string, names: readonly string[], nowUs: () => number, times: MeetingTimes = MEETING_TIMES) {
    this.id = id;
    this.#names = names;
    this.#nowUs = nowUs;
    this.#times = times;
    this.#guests = names.map(() => ({ before: null, finished: false, report: null, rows: null, spoilt: 0 }));
  }

  /** The share of an agent; -1: it has none. */
  shareOf(name: string): number {
    return this.#names.indexOf(name);
  }

  /** Why it is void; null: it is not. */
  get void(): BenchError | null {
    return this.#ended.signal.aborted ? (this.#ended.signal.reason as BenchError) : null;
  }

  /** The common start, by the orchestrator's clock; null: somebody is not ready. */
  get startAtUs(): number | null {
    return this.#startAtUs;
  }

  get allFinished(): boolean {
    return this.#guests.every(({ finished }) => finished);
  }

  ready(nth: number, before: readonly RoundTrip[]): void {
    this.#guest(nth).before ??= before;
    this.#changed();
  }

  finished(nth: number): void {
    this.#guest(nth).finished = true;
    this.#changed();
  }

  report(nth: number, report: AgentReport): void {
    this.#guest(nth).report = report;
    this.#changed();
  }

  rows(nth: number, path: string): void {
    this.#guest(nth).rows = path;
    this.#changed();
  }

  /** Rows came that are not what was sent. They may come again, but not for ever. */
  corrupt(nth: number, fault: string): void {
    const guest = this.#guest(nth);
    guest.spoilt += 1;
    if (guest.spoilt < MOST_SPOILT) return;
    const name = this.#names[nth] ?? '';
    this.callOff({
      code: 'rows-corrupt',
      message: `agent ${name}: its rows came spoilt ${guest.spoilt} times: ${fault}`,
    });
  }

  /** A piece of rows has come. */
  progress(): void {
    this.#progress += 1;
  }

  /** Makes it void; the first reason stays. */
  callOff({ code, message }: Reason): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort(
      new BenchError({
        code,
        message,
        hint: 'The trial is void: what the other agents saw is a part of its load only.',
        exitCode: EXIT.environment,
      }),
    );
    this.#changed();
  }

  /** Resolves as soon as it holds; false when it did not within that time. @throws why the trial is void */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const over = new AbortController();
    const waited = new Promise<boolean>((resolve) => {
      const look = (): void => {
        if (holds() || this.void !== null) resolve(true);
      };
      this.#looks.add(look);
      over.signal.addEventListener('abort', () => this.#looks.delete(look), { once: true });
      look();
    });
    const timer = new AbortController();
    try {
      const late = pause(ms, timer.signal).then(
        () => false,
        () => false,
      );
      const answer = await Promise.race([waited, late]);
      if (this.void !== null) throw this.void;
      return answer;
    } finally {
      over.abort();
      timer.abort();
    }
  }

  /**
   * Holds it.
   * @param lengthMs from the start until the last request is decided
   * @param onStart told the common start, by the orchestrator's clock
   * @returns what each brought
   * @throws BenchError why it is void
   */
  async hold(lengthMs: number, onStart: (startAtUs: number) => void): Promise<Delivered[]> {
    const { readyMs, leadMs, finishMs, deliverMs } = this.#times;
    if (!(await this.until(() => this.#guests.every(({ before }) => before !== null), readyMs)))
      this.#miss('agent-late', ({ before }) => before === null, `not ready within ${readyMs / 1000} s`);
    this.#startAtUs = this.#nowUs() + leadMs * 1000;
    onStart(this.#startAtUs);
    this.#changed();
    const finishWithinMs = leadMs + lengthMs + finishMs;
    if (!(await this.until(() => this.allFinished, finishWithinMs)))
      this.#miss('agent-silent', ({ finished }) => !finished, `not done ${finishMs / 1000} s behind the end`);
    const isHere = ({ report, rows }: Guest): boolean => report !== null && rows !== null;
    for (let before = -1; !this.#guests.every(isHere); ) {
      if (await this.until(() => this.#guests.every(isHere), deliverMs)) break;
      if (before === this.#progress)
        this.#miss('agent-silent', (guest) => !isHere(guest), `no byte of their rows for ${deliverMs / 1000} s`);
      before = this.#progress;
    }
    return this.#guests.map(({ before, report, rows }) => ({ before, report, rows }) as Delivered);
  }

  #miss(code: string, isMissing: (guest: Guest) => boolean, what: string): never {
    const names = this.#names.filter((_name, nth) => isMissing(this.#guest(nth)));
    this.callOff({ code, message: `agent ${names.join(', ')} of ${this.#names.length}: ${what}` });
    throw this.void as BenchError;
  }

  #guest(nth: number): Guest {
    return this.#guests[nth] as Guest;
  }

  #changed(): void {
    for (const look of this.#looks) look();
  }
}
