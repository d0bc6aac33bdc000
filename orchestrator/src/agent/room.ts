import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { pause } from '../pause.js';
import { monotonicUs } from '../clock/clock.js';
import { type ClockDomain, clockDomain } from '../clock/clock-domain.js';
import { BenchError, EXIT } from '../errors.js';
import type { Reason } from '../record/reason.js';
import { createRoomServer } from './room-server.js';
import { type Member, nameOf, Roster } from './roster.js';
import { type Delivered, MEETING_TIMES, type MeetingTimes, TrialMeeting } from './trial-meeting.js';
import { RemoteWatch } from './remote-watch.js';
import type { Duty, LoadOrder, WatchSubject } from './wire.js';

/** What a room is opened with. */
export interface RoomOptions {
  /** Address to listen at. @default loopback */
  readonly host?: string;
  /** @default one of the system's choice */
  readonly port?: number;
  /** What every agent has to bring. @default drawn at random */
  readonly token?: string;
  /** How far the clock by which trials start is ahead of this host's monotonic one, microseconds. @default nothing */
  readonly aheadUs?: () => number;
  /** Which clock that is. @default this host's */
  readonly clockDomain?: ClockDomain;
  readonly times?: MeetingTimes;
}

/** A trial's load for one agent after the other. */
export interface TrialOrder {
  readonly of: number;
  readonly idPrefix: string;
  readonly options: LoadOrder['options'];
  readonly load: LoadOrder['load'];
  readonly watchHost: boolean;
  /** From the start until the last request is decided. */
  readonly lengthMs: number;
  /** Where the agents' files go; `agent-N.requests.gz`. */
  readonly directory: string;
  /** Told the common start, by the room's clock. */
  readonly onStart: (startAtUs: number) => void;
}

/** Where agents and the orchestrator meet: who is there, the trial that they make together, what they watch. */
export class AgentRoom {
  readonly token: string;
  readonly aheadUs: () => number;
  readonly clockDomain: ClockDomain | null;
  readonly #roster = new Roster();
  readonly #times: MeetingTimes;
  readonly #server: Server;
  readonly #watches = new Map<string, RemoteWatch>();
  #meeting: { readonly trial: TrialMeeting; readonly directory: string } | null = null;
  #trials = 0;

  private constructor({ token, aheadUs, times, clockDomain: domain = clockDomain() ?? undefined }: RoomOptions) {
    this.token = token ?? randomBytes(32).toString('hex');
    this.aheadUs = aheadUs ?? (() => 0);
    this.clockDomain = domain ?? null;
    this.#times = times ?? MEETING_TIMES;
    this.#server = createRoomServer({
      token: this.token,
      nowUs: () => this.#nowUs(),
      clockDomain: this.clockDomain,
      roster: this.#roster,
      meeting: (id) => (this.#meeting?.trial.id === id ? this.#meeting : null),
      watch: (id) => this.#watches.get(id) ?? null,
    });
    this.#roster.onLost((name, why) => this.#lost(name, why));
  }

  /** @throws BenchError `port-in-use` and the like where it cannot listen */
  static async open(options: RoomOptions = {}): Promise<AgentRoom> {
    const room = new AgentRoom(options);
    const { host = '127.0.0.1', port = 0 } = options;
    try {
      room.#server.listen(port, host);
      await once(room.#server, 'listening');
    } catch (cause) {
      throw new BenchError({
        code: (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'port-in-use' : 'start-failed',
        message: `the agents' room cannot listen at ${host}:${port}: ${(cause as Error).message}`,
        exitCode: EXIT.environment,
        cause,
      });
    }
    return room;
  }

  /** Where it listens; port 0 has become one. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  present(duty: Duty): Member[] {
    return this.#roster.present(duty);
  }

  /** Counts an agent as gone that whoever runs it knows to be: sooner than it is missed here, and in its words. */
  giveUp(duty: Duty, index: number, why: Reason): void {
    this.#roster.giveUp(nameOf(duty, index), why);
  }

  /** Why an agent is not there; null: it is. */
  whyLost(duty: Duty, index: number): Reason | null {
    return this.#roster.whyLost(nameOf(duty, index));
  }

  /**
   * Waits for agents 0 to `count` - 1 of a duty.
   * @throws BenchError `agents-missing` that names who has not come, the signal's reason
   */
  async gather(duty: Duty, count: number, withinMs: number, signal: AbortSignal): Promise<readonly Member[]> {
    const isWhole = (): boolean => this.#missing(duty, count).length === 0;
    const over = new AbortController();
    let ends = (): void => {};
    const come = new Promise<void>((resolve) => {
      ends = this.#roster.onJoined(() => {
        if (isWhole()) resolve();
      });
    });
    try {
      await Promise.race([come, pause(withinMs, AbortSignal.any([signal, over.signal]))]);
    } finally {
      ends();
      over.abort();
    }
    if (isWhole()) return this.present(duty).slice(0, count);
    const missing = this.#missing(duty, count);
    const why = missing.map((name) => this.#roster.whyLost(name)?.message).join('; ');
    throw new BenchError({
      code: 'agents-missing',
      message: `${missing.length} of ${count} agents did not come within ${Math.round(withinMs / 1000)} s: ${why}`,
      hint: 'Their own output says more. Go on with --resume when they can run.',
      exitCode: EXIT.environment,
    });
  }

  /**
   * Has the agents 0 to `of` - 1 make a trial's load together. They have to be there.
   * @returns what each brought, in their order
   * @throws BenchError why the trial is void (`agent-lost`, `agent-silent`, `agent-restarted`, `agent-late`, `agent-failed`, `rows-corrupt`, and what
   *   an agent's driver says); the signal's reason
   */
  async runTrial(order: TrialOrder, signal: AbortSignal): Promise<Delivered[]> {
    const names = Array.from({ length: order.of }, (_, nth) => nameOf('load', nth));
    const trial = new TrialMeeting(`${++this.#trials}`, names, () => this.#nowUs(), this.#times);
    mkdirSync(order.directory, { recursive: true });
    this.#meeting = { trial, directory: order.directory };
    const abort = (): void => trial.callOff({ code: 'interrupted', message: 'the trial was interrupted' });
    signal.addEventListener('abort', abort, { once: true });
    try {
      signal.throwIfAborted();
      for (const name of names) {
        const why = this.#roster.whyLost(name);
        if (why !== null) trial.callOff(why);
      }
      for (const [nth, name] of names.entries()) {
        const { of, idPrefix, options, load, watchHost } = order;
        this.#roster.order(name, {
          kind: 'load',
          trial: trial.id,
          share: { of, nth, idPrefix },
          options,
          load,
          watchHost,
        });
      }
      return await trial.hold(order.lengthMs, order.onStart);
    } catch (thrown) {
      for (const name of names) this.#roster.order(name, { kind: 'abort', trial: trial.id });
      signal.throwIfAborted();
      throw thrown;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#meeting = null;
    }
  }

  /**
   * Has a `watch` agent sample something until the watch is finished.
   * @throws BenchError `agent-lost` and the like where the agent is not there, or does not begin
   */
  async watch(index: number, subject: WatchSubject, intervalMs: number): Promise<RemoteWatch> {
    const name = nameOf('watch', index);
    const id = randomBytes(4).toString('hex');
    const watch = new RemoteWatch(name, this.aheadUs, () => {
      this.#roster.order(name, { kind: 'unwatch', watch: id });
    });
    this.#watches.set(id, watch);
    const why = this.#roster.whyLost(name);
    if (why !== null) watch.callOff(why);
    this.#roster.order(name, { kind: 'watch', watch: id, subject, intervalMs });
    await watch.begun();
    return watch;
  }

  /** Sends all agents home and stops listening; safe to call again. */
  async close(): Promise<void> {
    for (const duty of ['load', 'watch'] as const)
      for (const { name } of this.present(duty)) this.#roster.order(name, { kind: 'end' });
    this.#roster.close();
    this.#server.close();
    // Those that have their answer close by themselves; a moment for it to leave.
    this.#server.closeIdleConnections();
    await Promise.race([once(this.#server, 'close'), pause(1000, new AbortController().signal)]);
    this.#server.closeAllConnections();
  }

  #nowUs(): number {
    return monotonicUs() + this.aheadUs();
  }

  #missing(duty: Duty, count: number): string[] {
    const names = new Set(this.present(duty).map(({ name }) => name));
    return Array.from({ length: count }, (_, index) => nameOf(duty, index)).filter((name) => !names.has(name));
  }

  #lost(name: string, why: Reason): void {
    const meeting = this.#meeting?.trial;
    if (meeting !== undefined && meeting.shareOf(name) >= 0) meeting.callOff(why);
    for (const watch of this.#watches.values()) if (watch.agent === name) watch.callOff(why);
  }
}
