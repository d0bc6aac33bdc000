import { once } from 'node:events';
import { rulerLineHere } from '../certificate/with-run.js';
import type { Onlooker } from '../execute/onlooker.js';
import type { Interrupt } from '../measure/interrupt.js';
import { formatDuration } from '../measure/pace.js';
import type { Progress } from '../measure/progress.js';
import type { Plan } from '../plan/plan.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import type { AnyModel, LiveEvents, LivePhase, RestsBehind } from '../report/live-model.js';
import { renderLivePage } from '../report/live-page.js';
import { pageModel } from '../report/page-model.js';
import { LiveStory } from './live-story.js';
import { type PageRequest, type PageServer, sendPage, sendText, startPageServer } from './page-server.js';
import { peerProgram } from './peer-program.js';
import { Stillness } from './stillness.js';
import { Viewers } from './viewers.js';

/** How long the report waits at the end for those who looked on to fetch it. */
const FAREWELL_MS = 5000;
/** They carry a viewer who sits elsewhere. */
const TUNNELS = /^(?:sshd|ssh|socat|kubectl|docker-proxy|dropbear)/;

/**
 * A run as others see it while it goes on: what is told to the terminal is told to them as well. Within a measured window nothing is sent
 * and nothing answered: events wait for its end, and so do those who ask.
 */
export class LiveView implements Progress, Onlooker {
  readonly #terminal: Progress;
  readonly #interrupt: Interrupt;
  readonly #story: LiveStory;
  readonly #stillness: Stillness;
  readonly #viewers: Viewers;
  readonly #toldOf = new Set<string>();
  #server: PageServer | null = null;
  #report: string | null = null;
  #ending: LiveEvents['end'] | null = null;
  #resume: (() => void) | null = null;
  #fetched: (() => void) | null = null;

  private constructor(terminal: Progress, interrupt: Interrupt, rests: RestsBehind) {
    this.#story = new LiveStory(rests);
    this.#terminal = terminal;
    this.#interrupt = interrupt;
    this.#viewers = new Viewers(
      () => this.#story.whole(this.#stillness.leftMs),
      () => !this.#stillness.isMeasuring,
    );
    this.#stillness = new Stillness(() => this.#viewers.flush());
  }

  /**
   * Serves on the loopback from here on.
   * @param port 0: any that is free
   * @throws BenchError `port-taken`, `page-not-built`
   */
  static async open(
    port: number,
    { progress, interrupt }: { readonly progress: Progress; readonly interrupt: Interrupt },
    { runId, rests }: { readonly runId: string; readonly rests: RestsBehind },
  ): Promise<LiveView> {
    const view = new LiveView(progress, interrupt, rests);
    const page = renderLivePage(runId);
    view.#server = await startPageServer(port, async (request) => view.#respond(request, page));
    interrupt.signal.addEventListener('abort', () => view.#change('stopping'), { once: true });
    progress.tell(`watch it at ${view.address}`);
    return view;
  }

  /** Where it can be seen. */
  get address(): string {
    return this.#server?.address ?? '';
  }

  // What the terminal is told.

  begin(plan: Plan, finishedTrials: number): void {
    this.#terminal.begin(plan, finishedTrials);
    this.#story.begin(plan, finishedTrials);
    this.#publishPhase();
  }

  tell(line: string): void {
    this.#terminal.tell(line);
    this.#publish('line', this.#story.line({ kind: 'note', text: line, bad: false }));
  }

  doing(what: string): void {
    this.#terminal.doing(what);
    this.#story.doing = what;
    this.#publishPhase();
  }

  trialDone(trial: TrialRecord): void {
    this.#terminal.trialDone(trial);
    this.#publish('line', this.#story.trialDone(trial));
    this.#publishPhase();
  }

  secondChances(trials: number, estimatedMs: number): void {
    this.#terminal.secondChances(trials, estimatedMs);
    this.#story.pace.secondChances(trials, estimatedMs);
  }

  blockDone(block: number): void {
    this.#terminal.blockDone(block);
    this.#story.blockDone(block);
    this.#publishPhase();
  }

  standing(summary: Summary, run: StoredRun): void {
    this.#terminal.standing(summary, run);
    this.answer(() => pageModel(summary, rulerLineHere(summary), run));
  }

  answer(make: () => AnyModel): void {
    this.#terminal.answer(make);
    let made: AnyModel | null = null;
    const model = (): AnyModel => (made ??= make());
    this.#story.model = model;
    if (this.#viewers.count > 0) this.#publish('model', model());
  }

  rested(ms: number): void {
    this.#terminal.rested(ms);
    this.#story.pace.rested(ms);
  }

  end(): void {
    this.#terminal.end();
  }

  // When to keep still.

  windowBegins(lengthMs: number): void {
    this.#story.measures();
    this.#stillness.windowBegins(lengthMs, () =>
      this.#viewers.publish('phase', this.#story.phase(this.#stillness.leftMs)),
    );
  }

  windowEnds(): void {
    this.#stillness.windowEnds();
  }

  async rest(signal: AbortSignal): Promise<number> {
    if (this.#story.state !== 'pausing') return 0;
    const beganMs = performance.now();
    this.#change('paused');
    this.#terminal.doing('paused from the page');
    this.#terminal.tell(
      `paused behind a ${this.#story.rests}, from the page; it goes on from there, or ends by Ctrl-C`,
    );
    const resumed = new Promise<void>((resolve) => (this.#resume = resolve));
    await Promise.race([resumed, signal.aborted ? undefined : once(signal, 'abort')]);
    this.#resume = null;
    signal.throwIfAborted();
    const ms = performance.now() - beganMs;
    this.rested(ms);
    this.#terminal.tell(`went on after ${formatDuration(ms)}`);
    return ms;
  }

  // How it ends.

  /**
   * The run has ended: from here on the address has its report, which those who look on are sent to.
   * @param report the page; null: there is none
   * @param message in a line, why
   * @param cpuShare what this whole program used of a core within windows; null where nobody counted
   */
  async conclude(report: string | null, message: string, cpuShare: number | null): Promise<void> {
    this.#report = report;
    this.#ending = { hasReport: report !== null, message };
    this.#change('ended');
    if (this.#viewers.count > 0) {
      const fetched = this.#viewers.count;
      const all = new Promise<void>((resolve) => (this.#fetched = afterCalls(fetched, resolve)));
      this.#publish('end', this.#ending);
      this.#viewers.end();
      if (report !== null) await Promise.race([all, waited(FAREWELL_MS)]);
    }
    if (this.#stillness.within.ofMs > 0) this.#terminal.tell(this.#cost(cpuShare));
  }

  /** Ends the server and every connection. */
  async close(): Promise<void> {
    this.#stillness.close();
    await this.#server?.close();
  }

  #cost(cpuShare: number | null): string {
    const { workedMs, ofMs } = this.#stillness.within;
    const looked =
      this.#viewers.mostAtOnce === 0 ? 'nobody looked on' : `${this.#viewers.mostAtOnce} looked on at most`;
    const own = `serving took ${workedMs.toFixed(1)} ms of ${formatDuration(ofMs)} of trials`;
    const all = cpuShare === null ? '' : `; all of this program ${(100 * cpuShare).toFixed(2)} % of a core in them`;
    return `${looked}; ${own}${all}`;
  }

  // What goes over the wire.

  async #respond({ method, path, message, response }: PageRequest, page: string): Promise<void> {
    if (method === 'POST') return this.#control(path, response);
    await this.#stillness.still();
    if (path === '/events' && this.#ending !== null) {
      // Who slept through the end hears of it when it asks again.
      this.#viewers.sendLast(response, 'end', this.#ending);
    } else if (path === '/events') {
      if (response.destroyed) return;
      this.#stillness.work(() => {
        const last = message.headers['last-event-id'];
        this.#viewers.add(response, typeof last === 'string' ? last : null);
        this.#tellOfBrowser(message.socket.remotePort ?? 0);
      });
    } else if (path === '/') {
      this.#stillness.work(() => sendPage(response, this.#report ?? page));
      if (this.#report !== null) response.on('finish', () => this.#fetched?.());
    } else sendText(response, 404, 'There is nothing here.');
  }

  /** What is asked for is done at once; that it was done is said when nothing is measured. */
  async #control(path: string, response: PageRequest['response']): Promise<void> {
    const done = { '/pause': this.#pause, '/resume': this.#goOn, '/stop': this.#stop }[path];
    done?.();
    await this.#stillness.still();
    if (done === undefined) sendText(response, 404, 'There is nothing here.');
    else sendText(response, 200, this.#story.state);
  }

  readonly #pause = (): void => {
    if (this.#story.state === 'measuring' || this.#story.state === 'preparing') this.#change('pausing');
  };

  readonly #goOn = (): void => {
    if (this.#story.state !== 'pausing' && this.#story.state !== 'paused') return;
    this.#change('measuring');
    this.#resume?.();
  };

  readonly #stop = (): void => {
    if (this.#story.state !== 'ended') this.#interrupt.stop('Stopped from the page.');
  };

  #publish<Name extends keyof LiveEvents>(name: Name, data: LiveEvents[Name]): void {
    this.#viewers.publish(name, data);
    if (!this.#stillness.isMeasuring) this.#viewers.flush();
  }

  #publishPhase(): void {
    this.#publish('phase', this.#story.phase(this.#stillness.leftMs));
  }

  #change(state: LivePhase['state']): void {
    this.#story.state = state;
    this.#publishPhase();
  }

  /** A browser beside what is measured is a load that nobody asked for; one behind a tunnel is not. */
  #tellOfBrowser(port: number): void {
    const program = peerProgram(port);
    if (program !== null && TUNNELS.test(program)) return;
    const who = program === null ? 'somebody' : program;
    if (this.#toldOf.has(who)) return;
    this.#toldOf.add(who);
    const where = program === null ? 'if its browser runs on this machine,' : 'a browser on this machine:';
    const { port: own } = new URL(this.address);
    this.tell(
      `${who} looks on; ${where} it takes processor time from what is measured. ` +
        `From another machine: ssh -L ${own}:127.0.0.1:${own} HOST, then the same address`,
    );
  }
}

function afterCalls(count: number, done: () => void): () => void {
  let left = count;
  return () => {
    left -= 1;
    if (left === 0) done();
  };
}

function waited(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
