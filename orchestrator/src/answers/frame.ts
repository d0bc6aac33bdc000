/** The API whose answers are read. */
export type WireFormat = 'chat' | 'completions' | 'embeddings' | 'responses' | 'messages';

/** A piece of a tool call: which call it belongs to, its name (first piece) and the next part of its arguments. */
export interface ToolPiece {
  readonly index: number;
  readonly name: string;
  readonly arguments: string;
}

/** Token counts as the answer states them. */
export interface Usage {
  readonly input: number;
  readonly output: number;
}

/** What one frame of a stream says, whatever the wire format. */
export interface Frame {
  /**
   * `done`: the terminal frame. `mark`: a `[DONE]` of a format that has a terminal frame of its own; clients pass over it. `error`: the
   * server says inside the stream that it failed.
   */
  readonly kind: 'content' | 'other' | 'done' | 'mark' | 'error' | 'malformed';
  /** Text for the reader of the answer; `''` when there is none. */
  readonly text: string;
  readonly tools: readonly ToolPiece[];
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  /** For `error` and `malformed`: what it said, for a person. */
  readonly message: string;
}

/** The wire format by the URL's path. Unknown paths are read as chat, the lingua franca of gateways. */
export function wireFormatOf(url: string): WireFormat {
  const path = new URL(url).pathname;
  if (path.endsWith('/embeddings')) return 'embeddings';
  if (path.endsWith('/responses')) return 'responses';
  if (path.endsWith('/messages')) return 'messages';
  if (path.endsWith('/completions') && !path.endsWith('/chat/completions')) return 'completions';
  return 'chat';
}

/** Reads one frame. `type` is the SSE event's; a frame without a token in it is `other`. */
// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
export function readFrame(format: WireFormat, type: string, data: string): Frame {
  if (data === '[DONE]') return { ...NOTHING, kind: format === 'messages' || format === 'responses' ? 'mark' : 'done' };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { ...NOTHING, kind: 'malformed', message: `a frame that is no JSON: ${data.slice(0, 80)}` };
  }
  if (type === 'error' || truthy(at(json, 'error')) || at(json, 'type') === 'error') {
    return { ...NOTHING, kind: 'error', message: errorMessage(json) };
  }
  switch (format) {
    case 'messages':
      return messagesFrame(json);
    case 'responses':
      return responsesFrame(json);
    case 'chat':
    case 'completions':
    case 'embeddings':
      return chatFrame(json);
  }
}

/** chat.completion.chunk, and the older text_completion whose choices carry `text` themselves. */
function chatFrame(json: unknown): Frame {
  const choice = at(at(json, 'choices'), 0);
  const delta = at(choice, 'delta');
  // Reasoning is shown to nobody's user, but it is what the model produced first: it bears content.
  const text = textAt(delta, 'content') || textAt(choice, 'text');
  const thought = textAt(delta, 'reasoning_content') || textAt(delta, 'reasoning') || textAt(delta, 'refusal');
  const thoughts = listAt(delta, 'reasoning_details').length > 0;
  const tools = listAt(delta, 'tool_calls').map((call, position) => ({
    index: numberAt(call, 'index') ?? position,
    name: textAt(at(call, 'function'), 'name'),
    arguments: textAt(at(call, 'function'), 'arguments'),
  }));
  return frame(
    text,
    tools,
    thought !== '' || thoughts,
    stringOrNull(at(choice, 'finish_reason')),
    chatUsage(at(json, 'usage')),
  );
}

/** Anthropic's Messages: `message_stop` is the terminal frame, usage is cumulative. */
function messagesFrame(json: unknown): Frame {
  const delta = at(json, 'delta');
  const index = numberAt(json, 'index') ?? 0;
  switch (at(json, 'type')) {
    case 'message_stop':
      return { ...NOTHING, kind: 'done' };
    case 'content_block_start': {
      const name = textAt(at(json, 'content_block'), 'name');
      const opening = textAt(at(json, 'content_block'), 'text');
      return name === ''
        ? frame(opening, [], false, null, null)
        : frame('', [{ index, name, arguments: '' }], false, null, null);
    }
    case 'content_block_delta': {
      const part = textAt(delta, 'partial_json');
      const tools = part === '' ? [] : [{ index, name: '', arguments: part }];
      return frame(textAt(delta, 'text'), tools, textAt(delta, 'thinking') !== '', null, null);
    }
    case 'message_start':
      return frame('', [], false, null, messagesUsage(at(at(json, 'message'), 'usage')));
    case 'message_delta':
      return frame('', [], false, stringOrNull(at(delta, 'stop_reason')), messagesUsage(at(json, 'usage')));
    default:
      return NOTHING;
  }
}

/** OpenAI's Responses: one of three terminal events, and usage on it. */
function responsesFrame(json: unknown): Frame {
  const index = numberAt(json, 'output_index') ?? 0;
  switch (at(json, 'type')) {
    case 'response.output_text.delta':
      return frame(textAt(json, 'delta'), [], false, null, null);
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      return frame('', [], textAt(json, 'delta') !== '', null, null);
    case 'response.output_item.added': {
      const item = at(json, 'item');
      if (at(item, 'type') !== 'function_call') return NOTHING;
      return frame('', [{ index, name: textAt(item, 'name'), arguments: '' }], false, null, null);
    }
    case 'response.function_call_arguments.delta':
      return frame('', [{ index, name: '', arguments: textAt(json, 'delta') }], false, null, null);
    case 'response.failed':
      return { ...NOTHING, kind: 'error', message: errorMessage(at(json, 'response')) };
    case 'response.completed':
    case 'response.incomplete': {
      const response = at(json, 'response');
      const usage = messagesUsage(at(response, 'usage'));
      return { ...NOTHING, kind: 'done', usage, finishReason: stringOrNull(at(response, 'status')) };
    }
    default:
      return NOTHING;
  }
}

const NOTHING: Frame = { kind: 'other', text: '', tools: [], finishReason: null, usage: null, message: '' };

function frame(
  text: string,
  tools: readonly ToolPiece[],
  thought: boolean,
  finishReason: string | null,
  usage: Usage | null,
): Frame {
  const bearing = text !== '' || thought || tools.some((tool) => tool.name !== '' || tool.arguments !== '');
  return { kind: bearing ? 'content' : 'other', text, tools, finishReason, usage, message: '' };
}

/** Usage as chat and embeddings state it. */
export function chatUsage(json: unknown): Usage | null {
  const input = numberAt(json, 'prompt_tokens');
  return input === null ? null : { input, output: numberAt(json, 'completion_tokens') ?? 0 };
}

/** Usage as Messages and Responses state it. */
export function messagesUsage(json: unknown): Usage | null {
  const output = numberAt(json, 'output_tokens');
  return output === null ? null : { input: numberAt(json, 'input_tokens') ?? 0, output };
}

/** The message of an error body in any of the dialects. */
export function errorMessage(json: unknown): string {
  const error = at(json, 'error') ?? json;
  return textAt(error, 'message') || JSON.stringify(error)?.slice(0, 200) || 'no message';
}

/** A property or element of parsed JSON; undefined where there is none. */
export function at(json: unknown, key: string | number): unknown {
  return typeof json === 'object' && json !== null ? (json as Record<string | number, unknown>)[key] : undefined;
}

/** A string of parsed JSON, `''` where there is none. */
export function textAt(json: unknown, key: string): string {
  const value = at(json, key);
  return typeof value === 'string' ? value : '';
}

/** A list of parsed JSON, empty where there is none. */
export function listAt(json: unknown, key: string): readonly unknown[] {
  const value = at(json, key);
  return Array.isArray(value) ? value : [];
}

function numberAt(json: unknown, key: string): number | null {
  const value = at(json, key);
  return typeof value === 'number' ? value : null;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function truthy(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && value !== '';
}
