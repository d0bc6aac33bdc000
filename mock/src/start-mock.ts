import { bracketed } from './cluster.js';
import { configOf, ONLY_PROVIDER, type MockConfig, type ProviderAddress } from './config.js';
import { changed, firstSettings, type Change, type CurrentSettings } from './control/current.js';
import type { Answered, Question, TimelineEvent } from './control/messages.js';
import { SharedCounts } from './control/shared-counts.js';
import { FAULT_KINDS } from './faults/fault.js';
import {
  checkStory,
  mergeStories,
  requirePlayable,
  type Story,
  type WrittenSettings,
  type WrittenStory,
} from './faults/settings.js';
import { checkTimeline, requirePhase, requirePlayableTimeline, type WrittenTimeline } from './faults/timeline.js';
import { Member } from './fleet/member.js';
import { ledgerRecords, type LedgerRecord } from './ledger/export.js';
import { toHostUs } from './timing/clock.js';

export type { LedgerRecord, ProviderAddress, TimelineEvent, WrittenSettings, WrittenStory, WrittenTimeline };

/** How a mock of this process is to be. All of it may be left out. */
export interface StartOptions {
  /** TCP port; 0, the default, lets the kernel choose. Not beside `providers`. */
  readonly port?: number;
  /** Several providers, each on a port of its own, instead of one. */
  readonly providers?: readonly ProviderAddress[];
  /** Address to bind, 127.0.0.1 by default. */
  readonly host?: string;
  /** What a scenario file has: latency, tokens, faults, limits and so on; under `providers` those of some of a fleet. */
  readonly settings?: WrittenStory;
  /** What a timeline file has; `startTimeline` starts it. */
  readonly timeline?: WrittenTimeline;
  /** Content chunks of a stream that does not ask for a length, 20 by default. */
  readonly chunks?: number;
  /** Tokens that a stream sends in one chunk, 1 by default. */
  readonly chunkTokens?: number;
  /** The only key that is accepted; any, and none, by default. */
  readonly apiKey?: string;
  /** Models beside bench-chat and bench-embed. */
  readonly models?: readonly string[];
  /** Takes every model's name; the answer names the one that was asked for. */
  readonly anyModel?: boolean;
  /** Lets pages of every origin read the answers. */
  readonly cors?: boolean;
  /** Largest request body in bytes, 64 MiB by default. */
  readonly maxBodyBytes?: number;
  /** Requests with an id that are remembered, 65 536 by default. */
  readonly ledgerRecords?: number;
  /** Responses of the Responses API that are kept to be fetched and gone on from, none by default. */
  readonly store?: number;
}

/** A mock that runs in this process, until it is stopped. `await using` stops it as well. */
export interface StartedMock extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`; of a fleet, that of its first provider. */
  readonly url: string;
  /** The URLs of all providers by their names. */
  readonly urls: Readonly<Record<string, string>>;
  /**
   * Changes how requests are answered from now on. What is left out stays as it is; `faults` replaces the whole list.
   * @throws {SettingsError} that names the value and what is allowed
   */
  change(settings: WrittenStory): void;
  /** The same, and what is left out is as if it had never been said. */
  replace(settings: WrittenStory): void;
  /**
   * What was seen of the requests that carry an id, in the order of their arrival; of all, or of this id.
   * @param id as in `[[bench id=a-1]]` or the header `x-bench: id=a-1`
   */
  ledger(id?: string): LedgerRecord[];
  /** What really happened when: phases, ports closed and opened. */
  events(): readonly TimelineEvent[];
  /** Forgets all records and events. */
  clearLedger(): void;
  /** Loads a timeline in the place of the one before; it waits to be started. */
  loadTimeline(timeline: WrittenTimeline): void;
  /**
   * Starts the timeline: from its beginning, or as though the phase of this name began in this moment.
   * @throws {Error} when there is none
   * @throws {SettingsError} when it has no such phase
   */
  startTimeline(phase?: string): void;
  /** Ends the timeline: the settings are in force again. */
  stopTimeline(): void;
  /** Closes its ports and every connection. What is being answered is cut off. */
  stop(): Promise<void>;
}

/**
 * Starts a mock in this process: the same that `crabllm-bench mock` runs, with one worker, for the test suite of a client or a gateway.
 * Beside the methods its control endpoint (`/__bench/…`) answers as well.
 * @throws {SettingsError} for settings that cannot be used
 * @throws {UsageError} for another option that cannot
 * @throws {DoorError} when a port cannot be had; its `code` is that of the operating system
 */
export async function startMock(options: StartOptions = {}): Promise<StartedMock> {
  const mock = new InProcessMock(readOptions(options));
  await mock.open();
  return mock;
}

function readOptions(options: StartOptions): MockConfig {
  const { port = 0, providers = [{ name: ONLY_PROVIDER, port }], settings = {}, timeline, ...rest } = options;
  const names = providers.map(({ name }) => name);
  return configOf({
    ...rest,
    providers,
    story: requirePlayable(checkStory(settings), names, 1),
    timeline: timeline && requirePlayableTimeline(checkTimeline(timeline), names, 1),
  });
}

class InProcessMock implements StartedMock {
  url = '';
  urls: Readonly<Record<string, string>> = {};
  readonly #config: MockConfig;
  readonly #names: readonly string[];
  readonly #member: Member;
  readonly #counts = new SharedCounts();
  #current: CurrentSettings;

  constructor(config: MockConfig) {
    this.#config = config;
    this.#names = config.providers.map(({ name }) => name);
    this.#current = firstSettings(config.story, config.timeline, toHostUs(performance.now()));
    this.#member = new Member({
      config,
      place: { worker: 0, workers: 1 },
      ports: config.providers.map(({ port }) => port),
      listening: 'alone',
      startedSeconds: Math.floor(Date.now() / 1000),
      current: this.#current,
      ask: (question) => Promise.resolve(this.#ask(question)),
      count: (what, by) => Promise.resolve(this.#counts.add(what, by)),
    });
  }

  async open(): Promise<void> {
    try {
      const ports = await this.#member.open();
      const url = (i: number) => `http://${bracketed(this.#config.host)}:${ports[i]}`;
      this.url = url(0);
      this.urls = Object.fromEntries(this.#names.map((name, i) => [name, url(i)]));
    } catch (error) {
      await this.#member.destroy();
      throw error;
    }
  }

  change(settings: WrittenStory): void {
    this.#replace(mergeStories(this.#current, checkStory(settings)));
  }

  replace(settings: WrittenStory): void {
    this.#replace(checkStory(settings));
  }

  ledger(id?: string): LedgerRecord[] {
    const { records } = this.#member.obey({ about: 'ledger' });
    const parts = records === undefined ? [] : [Buffer.from(records.buffer, records.byteOffset, records.byteLength)];
    const names = { faults: FAULT_KINDS, providers: this.#names, phases: this.#current.phaseNames };
    return ledgerRecords(parts, names).filter((record) => id === undefined || record.id === id);
  }

  events(): readonly TimelineEvent[] {
    return [...(this.#member.obey({ about: 'events' }).events ?? [])];
  }

  clearLedger(): void {
    this.#member.obey({ about: 'clear-ledger' });
  }

  loadTimeline(timeline: WrittenTimeline): void {
    this.#change({ what: 'timeline', timeline: requirePlayableTimeline(checkTimeline(timeline), this.#names, 1) });
  }

  startTimeline(phase?: string): void {
    if (this.#current.timeline === null) throw new Error('there is no timeline; give one to startMock or loadTimeline');
    requirePhase(this.#current.timeline, phase);
    this.#change({ what: 'start', phase });
  }

  stopTimeline(): void {
    this.#change({ what: 'stop' });
  }

  async stop(): Promise<void> {
    await this.#member.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #replace(story: Story): void {
    this.#change({ what: 'settings', story: requirePlayable(story, this.#names, 1) });
  }

  #change(change: Change): void {
    this.#ask({ about: 'change', change });
  }

  #ask(asked: Question): Answered {
    let question = asked;
    if (asked.about === 'change') {
      this.#current = changed(this.#current, asked.change, toHostUs(performance.now()));
      this.#counts.clear();
      question = { ...asked, current: this.#current };
    }
    const reports = [this.#member.obey(question)];
    return { reports, workers: 1, restarts: { total: 0, window: 0 }, current: this.#current };
  }
}
