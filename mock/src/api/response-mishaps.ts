import { itemId } from './ids.js';
import { Frames, jsonFrame, type Frame } from '../wire/frames.js';
import { reply, streamReply, type Reply, type StreamReply } from '../wire/reply.js';
import type { EarlyEnd, Mishaps } from './endpoint.js';
import { asRuns, firstHalf, framesOf, payloadOf, REFUSAL, SERVER_ERROR, tokensOfPart } from './mishaps.js';
import { isMembers, membersOf, type Members } from './parameters.js';

/** What goes wrong within answers of `/v1/responses`. */
export const RESPONSE_MISHAPS: Mishaps = {
  errorFrame(before) {
    const response = {
      ...membersOf(payloadOf(before[0])?.['response']),
      status: 'failed',
      error: { code: 'server_error', message: SERVER_ERROR },
    };
    const type = 'response.failed';
    return jsonFrame({ type, sequence_number: before.length, response }, type);
  },
  endedEarly: (answer, end, place) =>
    answer.kind === 'reply' ? endedReply(answer, end) : endedStream(answer, end, place),
  contextLength: {
    status: 400,
    message: 'Your input exceeds the context window of this model. Please adjust your input and try again.',
    param: 'input',
    code: 'context_length_exceeded',
  },
};

/** How the response object says that it ended so. A refusal is an answer like another: it is complete. */
function statusOf(end: EarlyEnd): Members {
  if (end === 'refusal') return { status: 'completed', incomplete_details: null };
  const reason = end === 'length' ? 'max_output_tokens' : 'content_filter';
  return { status: 'incomplete', incomplete_details: { reason }, completed_at: null };
}

function endedReply(answer: Reply, end: EarlyEnd): Reply | undefined {
  const payload = JSON.parse(answer.body.toString()) as Members;
  const { output } = payload;
  if (!Array.isArray(output)) return undefined;
  const items = output.map((item: Members) => (item['type'] === 'reasoning' ? item : endedItem(item, end)));
  const body = { ...payload, ...statusOf(end), output: items, usage: shorterUsage(payload, 1, 2) };
  return reply(answer.status, answer.headers, Buffer.from(JSON.stringify(body)));
}

function endedItem(item: Members, end: EarlyEnd): Members {
  const status = end === 'refusal' ? 'completed' : 'incomplete';
  const { content, arguments: input } = item;
  if (Array.isArray(content)) {
    const parts = content.map((part: Members) => ({ ...part, text: firstHalf(String(part['text'])) }));
    return { ...item, status, content: end === 'refusal' ? [refusalPart(REFUSAL)] : parts };
  }
  return typeof input === 'string' ? { ...item, status, arguments: input.slice(0, Math.ceil(input.length / 2)) } : item;
}

function endedStream(stream: StreamReply, end: EarlyEnd, place: number): StreamReply | undefined {
  const frames = framesOf(stream);
  const response = membersOf(payloadOf(frames.at(-1))?.['response']);
  // The last event tells the end, and the first that the response was created.
  const sent = frames.slice(0, Math.max(1, Math.min(place, frames.length - 1)));
  const closing = new Closing(sent);
  if (end === 'refusal' && !closing.refuse()) return undefined;
  closing.close(end === 'refusal' ? 'completed' : 'incomplete');
  const usage = shorterUsage(response, deltasIn(sent), deltasIn(frames));
  const ended = { ...response, ...statusOf(end), output: closing.output, usage };
  closing.add(`response.${String(statusOf(end)['status'])}`, { response: ended });
  return streamReply(stream.headers, new Frames(asRuns(closing.frames)));
}

/** Ends a stream of events behind some of them: whatever has begun is told to be done, with as much of it as was sent. */
class Closing {
  readonly frames: Frame[];
  /** The items that were begun, as the response object lists them. */
  readonly output: Members[] = [];
  #item: Members | undefined;
  #part: Members | undefined;
  #said = '';

  /** @param sent the frames that were sent */
  constructor(sent: readonly Frame[]) {
    this.frames = [...sent];
    for (const payload of sent.map(payloadOf).filter(isMembers)) this.#read(payload);
  }

  /**
   * Lets what follows be a refusal.
   * @returns false when a call has begun, which refuses nothing
   */
  refuse(): boolean {
    if (this.#item !== undefined && this.#item['type'] !== 'message') return false;
    if (this.#item === undefined) return this.output.every(({ type }) => type === 'reasoning') && this.#refuseAtOnce();
    const at = this.#at();
    if (this.#part !== undefined) this.#endPart();
    const place = { ...at, content_index: this.#parts().length };
    this.add('response.content_part.added', { ...place, part: refusalPart('') });
    this.add('response.refusal.delta', { ...place, delta: REFUSAL });
    this.add('response.refusal.done', { ...place, refusal: REFUSAL });
    this.add('response.content_part.done', { ...place, part: refusalPart(REFUSAL) });
    this.#item = { ...this.#item, content: [...this.#parts(), refusalPart(REFUSAL)] };
    return true;
  }

  /** Ends the item that is open. */
  close(status: 'completed' | 'incomplete'): void {
    if (this.#item === undefined) return;
    if (this.#part !== undefined) this.#endPart();
    else if (this.#item['type'] === 'function_call') {
      this.add('response.function_call_arguments.done', {
        ...this.#at(),
        name: this.#item['name'],
        arguments: this.#said,
      });
      this.#item = { ...this.#item, arguments: this.#said };
    }
    const item = { ...this.#item, status };
    this.add('response.output_item.done', { output_index: this.output.length, item });
    this.output.push(item);
    this.#item = undefined;
  }

  /** One more event. */
  add(type: string, members: object): void {
    this.frames.push(jsonFrame({ type, sequence_number: this.frames.length, ...members }, type));
  }

  #at(): Members {
    return { item_id: this.#item?.['id'], output_index: this.output.length };
  }

  /** Of the message that is open. */
  #parts(): readonly unknown[] {
    const content = this.#item?.['content'];
    return Array.isArray(content) ? content : [];
  }

  #endPart(): void {
    const part = { ...this.#part, text: this.#said };
    const place = { ...this.#at(), content_index: this.#parts().length };
    this.add('response.output_text.done', { ...place, text: this.#said, logprobs: [] });
    this.add('response.content_part.done', { ...place, part });
    this.#item = { ...this.#item, content: [...this.#parts(), part] };
    this.#part = undefined;
  }

  /** Before any item has begun: one is begun for the refusal. */
  #refuseAtOnce(): boolean {
    const id = itemId('msg', this.output.length);
    const item = { id, type: 'message', status: 'in_progress', role: 'assistant', content: [] };
    this.add('response.output_item.added', { output_index: this.output.length, item });
    this.#item = item;
    return this.refuse();
  }

  #read(payload: Members): void {
    switch (payload['type']) {
      case 'response.output_item.added':
        this.#item = membersOf(payload['item']);
        this.#said = '';
        break;
      case 'response.output_item.done':
        this.output.push(membersOf(payload['item']));
        this.#item = undefined;
        break;
      case 'response.content_part.added':
        this.#part = membersOf(payload['part']);
        break;
      case 'response.content_part.done':
        this.#item = { ...this.#item, content: [payload['part']] };
        this.#part = undefined;
        break;
      case 'response.output_text.delta':
      case 'response.function_call_arguments.delta':
        this.#said += String(payload['delta']);
        break;
    }
  }
}

function refusalPart(refusal: string): Members {
  return { type: 'refusal', refusal };
}

function deltasIn(frames: readonly Frame[]): number {
  return frames.filter((frame) => String(payloadOf(frame)?.['type']).endsWith('.delta')).length;
}

function shorterUsage(response: Members, part: number, whole: number): Members {
  const usage = membersOf(response['usage']);
  const output = tokensOfPart(usage['output_tokens'], part, whole);
  return { ...usage, output_tokens: output, total_tokens: Number(usage['input_tokens']) + output };
}
