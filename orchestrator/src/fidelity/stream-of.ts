import type { AskedFormat } from '../catalogue/format-of.js';
import { elementsOf, type Json, type JsonMembers, membersOf, textOf } from './json-place.js';

/** A provider's whole answer as the stream that says the same, framed as that provider frames it. */
export function streamOf(format: AskedFormat, body: JsonMembers, asked: JsonMembers): string {
  if (format === 'messages') return messageEvents(body).map(named).join('');
  if (format === 'responses') return responseEvents(body).map(named).join('');
  return [...chatChunks(body, asked).map((chunk) => JSON.stringify(chunk)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');
}

function named(event: JsonMembers): string {
  return `event: ${textOf(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Source of the order: OpenAI's description of the streamed chat completion. */
function chatChunks(body: JsonMembers, asked: JsonMembers): JsonMembers[] {
  const { choices, usage = null, ...rest } = body;
  const wantsUsage = membersOf(asked['stream_options'])['include_usage'] === true;
  const head = { ...rest, object: 'chat.completion.chunk' };
  const noUsage = wantsUsage ? { usage: null } : {};
  const chunks = elementsOf(choices).flatMap((choice) => {
    const { index = 0, message, finish_reason: reason = null, logprobs = null } = membersOf(choice);
    const { role = 'assistant', content = null, tool_calls: calls, ...others } = membersOf(message);
    const chunk = (delta: JsonMembers, end: Json = null, probabilities: Json = null): JsonMembers => ({
      ...head,
      choices: [{ index, delta, logprobs: probabilities, finish_reason: end }],
      ...noUsage,
    });
    const text = typeof content === 'string' ? content : '';
    const [first = '', ...words] = text.split(/(?= )/);
    return [
      chunk({ role, content: content === null ? null : '' }),
      ...Object.entries(others).flatMap(([name, value]) => (value === null ? [] : [chunk({ [name]: value })])),
      ...(text === ''
        ? []
        : [chunk({ content: first }, null, logprobs), ...words.map((word) => chunk({ content: word }))]),
      ...elementsOf(calls ?? []).flatMap((call, at) => callDeltas(membersOf(call), at).map((delta) => chunk(delta))),
      chunk({}, reason),
    ];
  });
  return wantsUsage ? [...chunks, { ...head, choices: [], usage }] : chunks;
}

function callDeltas(call: JsonMembers, index: number): JsonMembers[] {
  const { arguments: text = '', ...names } = membersOf(call['function']);
  const { id = '', type = 'function' } = call;
  const opening = { index, id, type, function: { ...names, arguments: '' } };
  return [
    { tool_calls: [opening] },
    ...halves(textOf(text)).map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] })),
  ];
}

/** Source of the order: Anthropic, "Streaming messages". */
function messageEvents(body: JsonMembers): JsonMembers[] {
  const { content, stop_reason: reason = null, stop_sequence: sequence = null, usage: counted, ...head } = body;
  const usage = membersOf(counted);
  const start = { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
  return [
    { type: 'message_start', message: start },
    { type: 'ping' },
    ...elementsOf(content).flatMap((block, index) => blockEvents(membersOf(block), index)),
    { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: sequence }, usage },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: JsonMembers, index: number): JsonMembers[] {
  const { opening, deltas } = openedBlock(block);
  return [
    { type: 'content_block_start', index, content_block: opening },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
}

function openedBlock(block: JsonMembers): { readonly opening: JsonMembers; readonly deltas: readonly JsonMembers[] } {
  const { text = '', thinking = '', signature = '', input = {}, citations = [], ...names } = block;
  if (names['type'] === 'tool_use') {
    const deltas = halves(JSON.stringify(input)).map((part) => ({ type: 'input_json_delta', partial_json: part }));
    return { opening: { ...names, input: {} }, deltas };
  }
  if (names['type'] === 'thinking') {
    const thoughts = halves(textOf(thinking)).map((part) => ({ type: 'thinking_delta', thinking: part }));
    return { opening: { ...names, thinking: '' }, deltas: [...thoughts, { type: 'signature_delta', signature }] };
  }
  const texts = halves(textOf(text)).map((part) => ({ type: 'text_delta', text: part }));
  const cited = elementsOf(citations).map((citation) => ({ type: 'citations_delta', citation }));
  return { opening: { ...names, text: '' }, deltas: [...texts, ...cited] };
}

/** Source of the order: OpenAI's description of the streamed response. */
function responseEvents(body: JsonMembers): JsonMembers[] {
  const events: JsonMembers[] = [];
  const add = (type: string, more: JsonMembers): void =>
    void events.push({ type, sequence_number: events.length, ...more });
  const begun = { ...body, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  add('response.created', { response: begun });
  add('response.in_progress', { response: begun });
  for (const [index, item] of elementsOf(body['output']).entries()) addItem(add, membersOf(item), index);
  add(body['status'] === 'incomplete' ? 'response.incomplete' : 'response.completed', { response: body });
  return events;
}

function addItem(add: (type: string, more: JsonMembers) => void, item: JsonMembers, index: number): void {
  const id = item['id'] ?? '';
  const at = { item_id: id, output_index: index };
  const begun = { ...item, status: 'in_progress' };
  if (item['type'] === 'function_call') {
    add('response.output_item.added', { output_index: index, item: { ...begun, arguments: '' } });
    for (const delta of halves(textOf(item['arguments'])))
      add('response.function_call_arguments.delta', { ...at, delta });
    add('response.function_call_arguments.done', {
      ...at,
      name: item['name'] ?? '',
      arguments: item['arguments'] ?? '',
    });
  } else if (item['type'] === 'reasoning') {
    add('response.output_item.added', { output_index: index, item: { ...begun, summary: [] } });
    for (const [place, part] of elementsOf(item['summary']).entries()) {
      const summary = { ...at, summary_index: place };
      const { text = '' } = membersOf(part);
      add('response.reasoning_summary_part.added', { ...summary, part: { type: 'summary_text', text: '' } });
      for (const delta of halves(textOf(text))) add('response.reasoning_summary_text.delta', { ...summary, delta });
      add('response.reasoning_summary_text.done', { ...summary, text });
      add('response.reasoning_summary_part.done', { ...summary, part });
    }
  } else {
    add('response.output_item.added', { output_index: index, item: { ...begun, content: [] } });
    for (const [place, part] of elementsOf(item['content']).entries()) {
      const content = { ...at, content_index: place };
      const { text = '', logprobs = [] } = membersOf(part);
      const empty = { type: 'output_text', text: '', annotations: [], logprobs: [] };
      add('response.content_part.added', { ...content, part: empty });
      for (const delta of halves(textOf(text))) add('response.output_text.delta', { ...content, delta, logprobs: [] });
      add('response.output_text.done', { ...content, text, logprobs });
      add('response.content_part.done', { ...content, part });
    }
  }
  add('response.output_item.done', { output_index: index, item });
}

/** A text in two pieces, as a stream would bring it. */
function halves(text: string): string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)].filter((part) => part !== '');
}
