import type { StoredResponse } from '../control/messages.js';
import { filled } from '../wire/answer-id.js';
import type { Answer } from '../wire/reply.js';

/** Bytes that the responses of one store keep in memory at most, roughly. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What a response takes beside its texts. */
const ENTRY_BYTES = 512;

interface Entry {
  readonly answer: Answer;
  readonly number: number;
  /** Its input as a JSON array, with that of the responses before it. */
  readonly input: string;
}

/** The responses that one worker has given for one provider: the newest, as many as it has room for. */
export class ResponseStore {
  readonly #room: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** @param room how many responses are kept at most */
  constructor(room: number) {
    this.#room = room;
  }

  /** Keeps an answer and what it answers; what is no response is not kept. The oldest make room. */
  keep(answer: Answer, number: number, input: string): void {
    const id = idOf(answer, number);
    if (id === undefined) return;
    const entry = { answer, number, input };
    this.#entries.set(id, entry);
    this.#bytes += weight(entry);
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.#room && this.#bytes <= MAX_BYTES) break;
      this.delete(oldest);
    }
  }

  /** The response with this id. */
  find(id: string): StoredResponse | undefined {
    const entry = this.#entries.get(id);
    const response = entry && responseText(entry.answer, entry.number);
    return entry && response === undefined ? undefined : entry && { response: response ?? '', input: entry.input };
  }

  /** Forgets a response. */
  delete(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#bytes -= weight(entry);
  }
}

function weight({ answer, input }: Entry): number {
  return ENTRY_BYTES + 2 * input.length + (answer.kind === 'reply' ? answer.body.length : answer.frames.chunkedBytes);
}

/** The id that an answer has, undefined when it is no response. */
function idOf(answer: Answer, number: number): string | undefined {
  const text = answer.status === 200 ? responseText(answer, number) : undefined;
  return text === undefined ? undefined : /^\{"id":"(resp_[0-9a-z]+)"/.exec(text)?.[1];
}

/** The JSON of the response: the whole answer, or what the last event of a stream tells. */
function responseText(answer: Answer, number: number): string | undefined {
  if (answer.kind === 'reply') return filled(answer.body, number).toString();
  const last = answer.frames.runs.at(-1)?.frame.data;
  const told = last && /^data: (\{.*\})$/m.exec(filled(last, number).toString())?.[1];
  if (told === undefined) return undefined;
  const { response } = JSON.parse(told) as { response?: unknown };
  return response === undefined ? undefined : JSON.stringify(response);
}
