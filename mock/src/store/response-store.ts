import { membersOf } from '../api/parameters.js';
import type { StoredResponse } from '../control/messages.js';
import { filled } from '../wire/answer-id.js';
import type { Answer } from '../wire/reply.js';

/** Bytes that the responses of one store keep in memory at most, roughly. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What a response takes beside its texts. */
const ENTRY_BYTES = 512;
const ID = /^resp_[0-9a-z]+$/;

/** The responses that one worker has given for one provider: the newest, as many as it has room for. */
export class ResponseStore {
  readonly #room: number;
  readonly #entries = new Map<string, StoredResponse>();
  #bytes = 0;

  /** @param room how many responses are kept at most */
  constructor(room: number) {
    this.#room = room;
  }

  /**
   * Keeps an answer and what it answers; what is no response is not kept, nor what has no room by itself. The oldest make room.
   * @param input of the answer as a JSON array, with that of the responses before it
   */
  keep(answer: Answer, number: number, input: string): void {
    const found = responseOf(answer, number);
    if (found === undefined) return;
    const { id, response } = found;
    // Its text alone: the answer holds its bytes more than once.
    const entry = { response, input };
    if (weight(entry) > MAX_BYTES) return;
    this.#entries.set(id, entry);
    this.#bytes += weight(entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#room && this.#bytes <= MAX_BYTES) break;
      this.delete(oldest);
    }
  }

  /** The response with this id. */
  find(id: string): StoredResponse | undefined {
    return this.#entries.get(id);
  }

  /** Forgets a response. */
  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#bytes -= weight(entry);
  }
}

/** At most, as a text has two bytes a character where it needs them. */
function weight({ response, input }: StoredResponse): number {
  return ENTRY_BYTES + 2 * (response.length + input.length);
}

/** A response's id and its JSON: the whole answer, or what the last event of a stream tells. Undefined for what is none. */
function responseOf(answer: Answer, number: number): { readonly id: string; readonly response: string } | undefined {
  const text = answer.status === 200 ? lastText(answer, number) : undefined;
  if (text === undefined) return undefined;
  try {
    const told: unknown = JSON.parse(text);
    const response = membersOf(answer.kind === 'reply' ? told : membersOf(told)['response']);
    const { id, output } = response;
    if (typeof id !== 'string' || !ID.test(id) || !Array.isArray(output)) return undefined;
    return { id, response: answer.kind === 'reply' ? text : JSON.stringify(response) };
  } catch {
    // Broken by a fault that is played, or nested deeper than can be written.
    return undefined;
  }
}

/** The text of the whole answer, or the data of a stream's last event. */
function lastText(answer: Answer, number: number): string | undefined {
  if (answer.kind === 'reply') return filled(answer.body, number).toString();
  const last = answer.frames.runs.at(-1)?.frame.data;
  return last && /^data: (.*)$/m.exec(filled(last, number).toString())?.[1];
}
