import { randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { ID_PLACEHOLDER } from '../catalogue/marker.js';
import { withoutSecrets } from '../catalogue/secrets.js';
import { monotonicUs } from '../clock/clock.js';
import { CONDUCT_PROVIDERS, type ConductPace } from '../plan/conduct-cases.js';
import { WITNESS_PREFIX, type WitnessedAnswer, writeWitnesses } from '../record/conduct-witness.js';

/** One of so many requests is asked once more beside the load, and what it is answered is kept; of a slow load one each so many milliseconds. */
const ONE_OF = 10;
const LONGEST_BETWEEN_MS = 500;
/** Digits of an id that are of this case alone. */
const OWN_DIGITS = 5;
/** Of an answer so much is kept; an answer of the mock's is a kilobyte. */
const KEPT_CHARACTERS = 16_384;
/** Moments of a phase, as shares of it, at which each provider is asked directly what it says itself. */
const REFERENCES = [0.3, 0.5, 0.7];

/** Whom the witnesses ask. */
export interface WitnessPlace {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where each provider answers the same, in their order, and with what body. */
  readonly providers: readonly { readonly url: string; readonly body: string }[];
  /** What of a provider is none of a client's business: its addresses, and its keys as far as they are known. */
  readonly addresses: readonly string[];
  readonly keys: readonly string[];
  readonly patienceMs: number;
}

/**
 * A few requests beside the load, of which everything that they are answered is kept: what clients are told, word for word. The load driver keeps
 * counts and moments of thousands, and would be slowed down by bodies.
 */
export class Witness {
  readonly #place: WitnessPlace;
  readonly #pace: ConductPace;
  readonly #agent = new Agent();
  readonly #asked: Promise<WitnessedAnswer>[] = [];
  readonly #timers: NodeJS.Timeout[] = [];
  /**
   * Begins all ids of this case: a gateway that goes on for clients of the case before brings their ids late, and they are not to be taken for
   * those of this one.
   */
  readonly #prefix = WITNESS_PREFIX + ownDigits();
  #count = 0;

  constructor(place: WitnessPlace, pace: ConductPace) {
    this.#place = place;
    this.#pace = pace;
  }

  /** Begins with the timeline. */
  begin(): void {
    const { beforeMs, faultMs, rps } = this.#pace;
    const { url, body, providers } = this.#place;
    this.#timers.push(
      setInterval(() => this.#ask(null, url, body), Math.min(LONGEST_BETWEEN_MS, (1000 * ONE_OF) / rps)),
    );
    for (const [fromMs, lengthMs] of [
      [0, beforeMs],
      [beforeMs, faultMs],
    ] as const)
      for (const share of REFERENCES)
        this.#timers.push(
          setTimeout(
            () => providers.forEach((each, i) => this.#ask(CONDUCT_PROVIDERS[i] ?? null, each.url, each.body)),
            fromMs + share * lengthMs,
          ),
        );
  }

  /** Begins nothing more, and waits for what is under way. @returns what was answered, as its file */
  async end(): Promise<Uint8Array> {
    for (const timer of this.#timers) clearTimeout(timer);
    const answers = await Promise.all(this.#asked);
    await this.#agent.destroy();
    return writeWitnesses(answers.toSorted((a, b) => a.dueUs - b.dueUs));
  }

  /** Ends without waiting for answers, which are nobody's any more where a case is broken off; nothing behind {@link end}. */
  async abandon(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#agent.destroy();
  }

  #ask(provider: string | null, url: string, body: string): void {
    const id = this.#prefix + (this.#count++).toString(36).padStart(ID_PLACEHOLDER.length - this.#prefix.length, '0');
    this.#asked.push(this.#answerOf(id, provider, url, body.replace(ID_PLACEHOLDER, id)));
  }

  async #answerOf(id: string, provider: string | null, url: string, body: string): Promise<WitnessedAnswer> {
    const { patienceMs, keys, addresses } = this.#place;
    const dueUs = monotonicUs();
    // Of the whole answer; a provider that is asked directly has no headers of the target's.
    const signal = AbortSignal.timeout(patienceMs);
    const headers = { 'content-type': 'application/json', ...(provider === null ? this.#place.headers : {}) };
    const none = { id, provider, dueUs, status: 0, retryAfter: null, body: '', shows: [] };
    try {
      const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher: this.#agent });
      const retryAfter = answer.headers['retry-after'] ?? null;
      const head = { ...none, status: answer.statusCode, retryAfter: retryAfter === null ? null : String(retryAfter) };
      try {
        const text = await answer.body.text();
        const whole = `${Object.values(answer.headers).join('\n')}\n${text}`;
        return {
          ...head,
          endUs: monotonicUs(),
          outcome: outcomeOf(answer.statusCode, text),
          body: withoutSecrets(text, keys).slice(0, KEPT_CHARACTERS),
          shows: [
            ...(addresses.some((address) => whole.includes(address)) ? (['address'] as const) : []),
            ...(keys.some((key) => whole.includes(key)) ? (['key'] as const) : []),
          ],
        };
      } catch {
        return { ...head, endUs: monotonicUs(), outcome: signal.aborted ? 'timeout' : 'broken' };
      }
    } catch {
      return { ...none, endUs: monotonicUs(), outcome: signal.aborted ? 'timeout' : 'broken' };
    }
  }
}

/** The driver judges the answers of the load; here it is enough to tell what is an answer at all. */
function outcomeOf(status: number, text: string): WitnessedAnswer['outcome'] {
  if (status >= 300) return 'status';
  if (text.trimEnd().endsWith('data: [DONE]')) return 'ok';
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !('error' in parsed) ? 'ok' : 'malformed';
  } catch {
    return 'malformed';
  }
}

function ownDigits(): string {
  return (randomBytes(4).readUInt32LE() % 36 ** OWN_DIGITS).toString(36).padStart(OWN_DIGITS, '0');
}
