import type { AskedFormat } from '../catalogue/format-of.js';
import { SseReader } from '../answers/sse-reader.js';
import { elementsOf, type Json, type JsonMembers, membersOf, textOf } from './json-place.js';

/** Stands for the frame `[DONE]` among the members of a stream that has one. */
export const DONE = 'DONE';

/** One event of a stream. */
interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

/**
 * A stream put together to one value, in which the pieces of a text are one text however many there were: two streams that say the same
 * are equal then. `events` has the kinds of events that came, and `end` what ended it.
 * @throws SyntaxError for an event that is no JSON
 */
export function foldedStream(format: AskedFormat, bytes: Uint8Array): JsonMembers {
  const events: StreamEvent[] = [];
  const reader = new SseReader({
    onEvent: (from, start, end, type) =>
      void events.push({ type, data: Buffer.from(from.subarray(start, end)).toString('utf8') }),
  });
  reader.push(bytes, 0, bytes.length);
  const end = events.some(({ data }) => data === '[DONE]') ? { [DONE]: true } : {};
  const parsed = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => membersOf(JSON.parse(data) as Json));
  const folded =
    format === 'messages' ? foldMessage(parsed) : format === 'responses' ? foldResponse(parsed) : foldChat(parsed);
  return { ...folded, ...end };
}

function foldChat(chunks: readonly JsonMembers[]): JsonMembers {
  const choices: JsonMembers[] = [];
  let rest: JsonMembers = {};
  for (const { choices: some, ...others } of chunks) {
    rest = firstOf(rest, others);
    for (const piece of elementsOf(some)) {
      const { index, delta, logprobs, ...more } = membersOf(piece);
      const at = typeof index === 'number' ? index : 0;
      const so = choices[at] ?? {};
      choices[at] = {
        ...so,
        ...lastOf(so, more),
        index: at,
        message: joined(membersOf(so['message']), membersOf(delta)),
        logprobs: joinedLogprobs(so['logprobs'] ?? null, logprobs ?? null),
      };
    }
  }
  const nulls = chunks.slice(0, -1).some(({ usage }) => usage === null);
  return {
    ...rest,
    choices: choices.filter((choice) => choice !== undefined),
    ...(nulls ? { 'usage null until the end': true } : {}),
  };
}

/** Texts follow each other, lists are put together by their index, everything else is said once. */
function joined(so: JsonMembers, piece: JsonMembers): JsonMembers {
  const all: Record<string, Json> = { ...so };
  for (const [name, value] of Object.entries(piece)) {
    const before = all[name];
    if (value === null) all[name] ??= null;
    else if (typeof value === 'string' && typeof before === 'string' && !ONCE.has(name)) all[name] = before + value;
    else if (Array.isArray(value)) all[name] = joinedList(elementsOf(before), value as readonly Json[]);
    else if (typeof value === 'object') all[name] = joined(membersOf(before), value as JsonMembers);
    else all[name] = value;
  }
  return all;
}

/** Members of a delta that are said whole each time. */
const ONCE = new Set(['role', 'id', 'type', 'name']);

function joinedList(so: readonly Json[], pieces: readonly Json[]): Json[] {
  const all = [...so];
  for (const piece of pieces) {
    const { index, ...more } = membersOf(piece);
    if (typeof index !== 'number') all.push(piece);
    else all[index] = joined(membersOf(all[index]), more);
  }
  return all;
}

function joinedLogprobs(so: Json, piece: Json): Json {
  const { content } = membersOf(piece);
  return content === undefined
    ? so
    : { ...membersOf(so), content: [...elementsOf(membersOf(so)['content']), ...elementsOf(content)] };
}

function foldMessage(events: readonly JsonMembers[]): JsonMembers {
  let message: JsonMembers = {};
  const content: JsonMembers[] = [];
  for (const event of events) {
    const at = Number(event['index'] ?? 0);
    const delta = membersOf(event['delta']);
    if (event['type'] === 'message_start') message = membersOf(event['message']);
    else if (event['type'] === 'content_block_start') content[at] = membersOf(event['content_block']);
    else if (event['type'] === 'content_block_delta') content[at] = withDelta(content[at] ?? {}, delta);
    else if (event['type'] === 'message_delta')
      message = { ...message, ...delta, usage: { ...membersOf(message['usage']), ...membersOf(event['usage']) } };
  }
  return { ...message, content: content.map(withInput), events: kindsOf(events) };
}

function withDelta(block: JsonMembers, { type, citation, ...pieces }: JsonMembers): JsonMembers {
  if (type === 'citations_delta') return { ...block, citations: [...elementsOf(block['citations']), citation ?? null] };
  return joined(block, pieces);
}

/** What a tool is given, which comes as pieces of JSON text. */
function withInput({ partial_json: text, ...block }: JsonMembers): JsonMembers {
  return typeof text === 'string' ? { ...block, input: JSON.parse(text) as Json } : block;
}

function foldResponse(events: readonly JsonMembers[]): JsonMembers {
  const last = events.findLast(({ response }) => response !== undefined);
  const texts = events.flatMap(({ type, delta }) => (type === 'response.output_text.delta' ? textOf(delta) : []));
  return {
    ...membersOf(last?.['response']),
    'text of the deltas': texts.join(''),
    'sequence_number on each': events.every(({ sequence_number: number }) => typeof number === 'number'),
    events: kindsOf(events),
  };
}

function kindsOf(events: readonly JsonMembers[]): JsonMembers {
  return Object.fromEntries(events.map(({ type }) => [textOf(type).replaceAll('.', '/'), true]));
}

/** Of members that each chunk repeats: the first that says something. */
function firstOf(so: JsonMembers, more: JsonMembers): JsonMembers {
  return { ...more, ...Object.fromEntries(Object.entries(so).filter(([, value]) => value !== null)) };
}

/** Of members that say something in the end only. */
function lastOf(so: JsonMembers, more: JsonMembers): JsonMembers {
  return Object.fromEntries(Object.entries(more).map(([name, value]) => [name, value ?? so[name] ?? null]));
}
