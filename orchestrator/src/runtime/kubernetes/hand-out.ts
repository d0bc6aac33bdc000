import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARCHIVE, marksOf, type Result, resultLine } from './result.js';
import type { RunArchive } from './run-archive.js';

/** How often a run rests for it. */
const EVERY_MS = 10_000;
/** And where nobody came the last time: whoever was cut off comes back. */
const UNHEARD_EVERY_MS = 120_000;
/** Whoever follows looks once a second, and takes another to come. */
const WAIT_MS = 4000;
/** For as long as whoever has begun to fetch takes. */
const MOST_MS = 60_000;
const POLL_MS = 50;

/** The word by which the benchmark asks, and is answered, whether it may go on. */
const REST = 'rest';
const GO_ON = 'go-on';

/**
 * Hands out what a run has measured while it goes on, so that little is lost when its Pod is. Only between two visits, when nothing is
 * measured: at any other time there is nothing to be fetched under the archive's name.
 */
export class HandOut {
  readonly #archive: RunArchive;
  readonly #work: string;
  readonly #say: (line: string) => void;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #nextAt = 0;
  #resting: Promise<void> = Promise.resolve();
  /** Whether whoever follows came the last time. */
  isHeard = false;

  /** @param work where it lies. @param say prints a line of the log */
  constructor(archive: RunArchive, work: string, say: (line: string) => void) {
    this.#archive = archive;
    this.#work = work;
    this.#say = say;
  }

  /** Offers what there is, where it is time to, until whoever follows has it or does not come. */
  async rest(): Promise<void> {
    if (performance.now() < this.#nextAt) return;
    this.#resting = this.#offer();
    await this.#resting;
    this.#nextAt = performance.now() + (this.isHeard ? EVERY_MS : UNHEARD_EVERY_MS);
  }

  /** Offers all of it, for good. @param exitCode of the run */
  async conclude(exitCode: number): Promise<void> {
    await this.#resting;
    await this.#add();
    if (this.#bytes > 0) renameSync(this.#held, this.#open);
    this.#say(resultLine(this.#result(exitCode)));
  }

  async #offer(): Promise<void> {
    await this.#add();
    if (this.#bytes === 0) return;
    const { begun, had } = marksOf(this.#bytes);
    renameSync(this.#held, this.#open);
    this.#say(resultLine(this.#result(null)));
    const since = performance.now();
    const lasts = (): number => (existsSync(join(this.#work, begun)) ? MOST_MS : WAIT_MS);
    // oxlint-disable-next-line no-await-in-loop -- polling
    while (!existsSync(join(this.#work, had)) && performance.now() - since < lasts()) await sleep(POLL_MS);
    this.isHeard = existsSync(join(this.#work, had));
    renameSync(this.#open, this.#held);
  }

  async #add(): Promise<void> {
    const fresh = await this.#archive.next();
    if (fresh.length === 0) return;
    appendFileSync(this.#held, fresh);
    this.#hash.update(fresh);
    this.#bytes += fresh.length;
  }

  #result(exitCode: number | null): Result {
    return { exitCode, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  get #open(): string {
    return join(this.#work, ARCHIVE);
  }

  get #held(): string {
    return join(this.#work, `${ARCHIVE}.held`);
  }
}

/** A benchmark that is a process of its own, as far as it is answered. */
interface Asking {
  on(event: 'message', listener: (message: unknown) => void): unknown;
  send(message: string, callback: (error: Error | null) => void): boolean;
}

/** Answers the benchmark when it asks whether it may go on. */
export function answerRests(benchmark: Asking, rest: () => Promise<void>): void {
  benchmark.on('message', (message) => {
    if (message !== REST) return;
    // One that has ended meanwhile needs no answer.
    void rest().finally(() => benchmark.send(GO_ON, () => undefined));
  });
}

/** In the benchmark: rests until what it has measured is handed out, where somebody does that. */
export async function restForHandOut(self: NodeJS.Process = process): Promise<void> {
  if (self.send === undefined || !self.connected) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      self.off('message', end);
      self.off('disconnect', end);
      resolve();
    };
    self.on('message', end);
    self.on('disconnect', end);
    self.send?.(REST, (error: Error | null) => {
      if (error !== null) end();
    });
  });
}
