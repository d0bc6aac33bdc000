import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request as open } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, EXIT, messageOf } from '../errors.js';
import type { RoundTrip } from '../clock/clock-offset.js';
import { AGENT_HEADER, HOLD_MS, refusalSchema, SESSION_HEADER, SHA256_HEADER, toldSchema } from './wire.js';

/** Who asks, and whom. */
export interface LineEnds {
  readonly orchestrator: URL;
  readonly token: string;
  /** `load/0`. */
  readonly agent: string;
  readonly session: string;
  /** Without a word from the orchestrator for so long the agent gives up. */
  readonly patienceMs: number;
  readonly nowUs: () => number;
}

/** An answer to a held question takes no longer than this, with room for a slow network. */
const ANSWER_MS = HOLD_MS + 10_000;
const BACK_OFF_MS = { first: 100, most: 5000 } as const;
/** Bytes of the rows that are handed to the socket at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Of an order: a trace of a million requests is some 15 MB. */
const MOST_BYTES = 256 * 1024 * 1024;

/** An answer. */
interface Heard {
  readonly status: number;
  /** Undefined where there was none. */
  readonly body: unknown;
}

/** What the orchestrator said no to; code and message are its own. */
export class RefusedError extends BenchError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super({ code, message, exitCode: EXIT.usage });
    this.status = status;
  }
}

/**
 * Asks the orchestrator. What fails on the way, or is not answered in time, is asked again after a pause that doubles each time and is drawn at
 * random within it, so that agents that were cut off together do not come back together.
 */
export class OrchestratorLine {
  readonly #ends: LineEnds;
  /** One connection for what is asked in turn, so that a round trip never opens one; the held question for orders has its own. */
  readonly #turns = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #held = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(ends: LineEnds) {
    this.#ends = ends;
  }

  /**
   * @returns the answer's body; null for 204
   * @throws RefusedError for 4xx, BenchError `orchestrator-gone`, the signal's reason
   */
  async ask(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const connections = method === 'GET' ? this.#held : this.#turns;
    const payload = body === undefined ? null : Buffer.from(JSON.stringify(body));
    for (;;) {
      const heard = await this.#patiently(signal, () => this.#once(method, path, payload, connections, signal));
      if (heard.status === 204) return null;
      // Not yet: others are waited for.
      if (heard.status !== 202) return heard.body;
    }
  }

  /**
   * Sends a body that may be large, a piece at a time, with its checksum.
   * @throws as {@link ask}
   */
  async deliver(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#patiently(signal, () => this.#once('PUT', path, bytes, this.#turns, signal, sha256));
  }

  /** Asks for the time so many times in turn. The first questions warm the connection, and are no worse than others for being kept. */
  async roundTrips(count: number, signal: AbortSignal): Promise<RoundTrip[]> {
    const trips: RoundTrip[] = [];
    while (trips.length < count) {
      const trip = await this.#patiently(signal, () => this.#trip(signal));
      trips.push(trip);
    }
    return trips;
  }

  close(): void {
    this.#turns.destroy();
    this.#held.destroy();
  }

  async #trip(signal: AbortSignal): Promise<RoundTrip> {
    let returnedUs = 0;
    const askedUs = this.#ends.nowUs();
    const heard = await this.#once('GET', '/v1/time', null, this.#turns, signal, undefined, () => {
      returnedUs = this.#ends.nowUs();
    });
    return { askedUs, returnedUs, ...toldSchema.parse(heard.body) };
  }

  async #patiently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    const until = performance.now() + this.#ends.patienceMs;
    let pauseMs: number = BACK_OFF_MS.first;
    for (;;) {
      try {
        return await attempt();
      } catch (thrown) {
        signal.throwIfAborted();
        if (thrown instanceof RefusedError) throw thrown;
        if (performance.now() + pauseMs > until) throw this.#gone(thrown);
        // oxlint-disable-next-line no-await-in-loop -- the pause between attempts
        await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => signal.throwIfAborted());
        pauseMs = Math.min(BACK_OFF_MS.most, 2 * pauseMs);
      }
    }
  }

  #gone(cause: unknown): BenchError {
    const { orchestrator, patienceMs } = this.#ends;
    return new BenchError({
      code: 'orchestrator-gone',
      message: `the orchestrator at ${orchestrator.origin} has not answered for ${Math.round(patienceMs / 1000)} s: ${messageOf(cause)}`,
      hint: 'Does it run, and may this host reach it?',
      exitCode: EXIT.environment,
      cause,
    });
  }

  /** One question. Rejects for what may be asked again, and with a RefusedError for what may not. */
  async #once(
    method: string,
    path: string,
    body: Uint8Array | null,
    connections: Agent,
    signal: AbortSignal,
    sha256?: string,
    onHeard: () => void = () => {},
  ): Promise<Heard> {
    const { orchestrator, token, agent, session } = this.#ends;
    const asked = open(new URL(path, orchestrator), {
      method,
      agent: connections,
      // Of silence, not of the whole: rows may take as long as they take.
      timeout: ANSWER_MS,
      signal,
      headers: {
        authorization: `Bearer ${token}`,
        [AGENT_HEADER]: agent,
        [SESSION_HEADER]: session,
        ...(body === null ? {} : { 'content-length': body.length }),
        ...(sha256 === undefined ? {} : { [SHA256_HEADER]: sha256 }),
      },
    });
    const answered = new Promise<Heard>((resolve, reject) => {
      asked.on('response', (answer) => {
        onHeard();
        readAnswer(answer).then(resolve, reject);
      });
      asked.on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error(`no answer to ${method} ${path} in ${ANSWER_MS / 1000} s`)));
    });
    // A refusal may come before all of the body has gone; the answer tells, not the pipe.
    answered.catch(() => {});
    if (body === null) asked.end();
    else await Promise.race([pipeline(Readable.from(piecesOf(body)), asked), answered]);
    return answered;
  }
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

async function readAnswer(answer: IncomingMessage): Promise<Heard> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  const status = answer.statusCode ?? 0;
  const text = Buffer.concat(parts).toString('utf8');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  if (status >= 200 && status < 300) return { status, body };
  const said = refusalSchema.safeParse(body);
  // 422: what arrived is not what was sent. 5xx, or words that are not the orchestrator's: somebody on the way.
  if (!said.success || status === 422 || status >= 500 || status < 400) throw new Error(`status ${status}`);
  throw new RefusedError(status, said.data.code, said.data.message);
}
