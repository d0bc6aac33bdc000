import { request } from 'undici';
import type { z } from 'zod';
import type { ClockDomain } from '../../clock/clock-domain.js';
import type { RoundTrip } from '../../clock/clock-offset.js';
import { monotonicUs } from '../../clock/clock.js';
import { messageOf } from '../../errors.js';
import { ownRequests } from '../../own-requests.js';
import { pause } from '../../pause.js';
import type { Reason } from '../../record/reason.js';
import type { ResourceSample, SampleDepth } from '../runtime.js';
import { lookedSchema, timeSchema } from './side-watch-wire.js';

/** Its image is on most nodes already, and it comes up beside the service; a few seconds are its start with a tenth of a CPU. */
const COMING_MS = 20_000;
const RETRY_MS = 200;
const ANSWER_MS = 3000;
/** Within a window a watcher that does not answer is not waited for. */
const LIGHT_ANSWER_MS = 500;

/** The container that watches beside a service, as it is asked from the orchestrator. */
export class SideWatch {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #because: () => Promise<string | null>;
  readonly #comeBy: number;
  /** Whether it has ever answered. */
  #came = false;
  #unknown: readonly Reason[] = [];

  /**
   * @param signal aborts when the service is being stopped
   * @param because why its container does not run, as the cluster says it; null: it says nothing
   * @param comingMs how long it is waited for; other than the default in tests only
   */
  constructor(
    url: string,
    token: string,
    signal: AbortSignal,
    because: () => Promise<string | null>,
    comingMs = COMING_MS,
  ) {
    this.#comeBy = performance.now() + comingMs;
    this.#url = url;
    this.#headers = { authorization: `Bearer ${token}` };
    this.#signal = signal;
    this.#because = because;
  }

  /**
   * One look; null where it has none to give. The first waits until the container is up.
   * @param pods UIDs of those that one of a node is to look at
   */
  async look(depth: SampleDepth, pods: readonly string[] = []): Promise<ResourceSample | null> {
    if (!this.#came && depth === 'light') return null;
    try {
      const timeoutMs = depth === 'light' ? LIGHT_ANSWER_MS : ANSWER_MS;
      const { sample, observerCpuUs, unknown } = await this.#patiently(
        `/v1/look?depth=${depth}${pods.map((uid) => `&pod=${uid}`).join('')}`,
        lookedSchema,
        timeoutMs,
      );
      this.#unknown = unknown;
      return sample === null ? null : { ...sample, observerCpuUs };
    } catch (thrown) {
      await this.#noteSilence(thrown);
      return null;
    }
  }

  unknown(): readonly Reason[] {
    return this.#unknown;
  }

  /**
   * Asks for the time so often, in turn, on one connection.
   * @throws what went wrong with the way to it
   */
  async roundTrips(
    count: number,
  ): Promise<{ readonly trips: readonly RoundTrip[]; readonly clockDomain: ClockDomain | null }> {
    const trips: RoundTrip[] = [];
    let domain: ClockDomain | null = null;
    while (trips.length < count) {
      const askedUs = monotonicUs();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { heardUs, answeredUs, clockDomain } = await this.#patiently('/v1/time', timeSchema, ANSWER_MS);
      trips.push({ askedUs, heardUs, answeredUs, returnedUs: monotonicUs() });
      domain = clockDomain;
    }
    return { trips, clockDomain: domain };
  }

  /** Asks again until it is up for the first time; from then on once. */
  async #patiently<T>(path: string, schema: z.ZodType<T>, timeoutMs: number): Promise<T> {
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- each try waits for the answer to the one before
        const answer = await this.#once(path, schema, timeoutMs);
        this.#came = true;
        return answer;
      } catch (thrown) {
        if (this.#came || performance.now() > this.#comeBy || this.#signal.aborted) throw thrown;
        // oxlint-disable-next-line no-await-in-loop -- the pause between tries
        await pause(RETRY_MS, this.#signal);
      }
    }
  }

  async #once<T>(path: string, schema: z.ZodType<T>, timeoutMs: number): Promise<T> {
    const { statusCode, body } = await request(`${this.#url}${path}`, {
      headers: this.#headers,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      dispatcher: ownRequests,
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`status ${statusCode}: ${text.slice(0, 200)}`);
    return schema.parse(JSON.parse(text));
  }

  async #noteSilence(thrown: unknown): Promise<void> {
    if (this.#signal.aborted || this.#unknown.some(({ code }) => code === 'not-watched')) return;
    const said = this.#came ? null : await this.#because().catch(() => null);
    const message = `its CPU, memory and throttled time are not known: the container that watches beside it does not answer (${said ?? messageOf(thrown)})`;
    this.#unknown = [{ code: 'not-watched', message }];
  }
}
