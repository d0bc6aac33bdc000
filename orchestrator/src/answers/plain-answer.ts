import { at, chatUsage, errorMessage, type Frame, listAt, messagesUsage, textAt, type WireFormat } from './frame.js';

/** Reads a whole answer that is not a stream into one frame that says everything; `content` when it is a proper answer of the format. */
export function readPlainAnswer(format: WireFormat, data: string): Frame {
  const empty = { text: '', tools: [], finishReason: null, usage: null, message: '' };
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return { ...empty, kind: 'malformed', message: `a body that is no JSON: ${data.slice(0, 80)}` };
  }
  const error = at(json, 'error');
  if (error !== undefined && error !== null) return { ...empty, kind: 'error', message: errorMessage(json) };
  const frame = READERS[format](json);
  return frame ?? { ...empty, kind: 'malformed', message: `a body that is no ${format} answer: ${data.slice(0, 80)}` };
}

const READERS: Readonly<Record<WireFormat, (json: unknown) => Frame | null>> = {
  chat(json) {
    const choice = at(at(json, 'choices'), 0);
    const message = at(choice, 'message');
    if (message === undefined) return null;
    const tools = listAt(message, 'tool_calls').map((call) => toolOf(at(call, 'function'), 'arguments'));
    return answer(textAt(message, 'content'), tools, textAt(choice, 'finish_reason'), chatUsage(at(json, 'usage')));
  },
  completions(json) {
    const choice = at(at(json, 'choices'), 0);
    if (choice === undefined) return null;
    return answer(textAt(choice, 'text'), [], textAt(choice, 'finish_reason'), chatUsage(at(json, 'usage')));
  },
  /** The text stands for the vectors: how many, and of how many numbers (or base64 characters). */
  embeddings(json) {
    const vectors = listAt(json, 'data').map((item) => at(item, 'embedding'));
    const lengths = vectors.map((vector) => (typeof vector === 'string' || Array.isArray(vector) ? vector.length : 0));
    if (lengths.length === 0 || lengths.includes(0)) return null;
    return answer(lengths.join(' '), [], '', chatUsage(at(json, 'usage')));
  },
  messages(json) {
    const blocks = listAt(json, 'content');
    if (at(json, 'type') !== 'message') return null;
    const text = blocks.map((block) => textAt(block, 'text')).join('');
    const tools = blocks.filter((block) => at(block, 'type') === 'tool_use').map((block) => toolOf(block, 'input'));
    return answer(text, tools, textAt(json, 'stop_reason'), messagesUsage(at(json, 'usage')));
  },
  responses(json) {
    const items = listAt(json, 'output');
    if (at(json, 'object') !== 'response') return null;
    const text = items.flatMap((item) => listAt(item, 'content').map((part) => textAt(part, 'text'))).join('');
    const tools = items.filter((item) => at(item, 'type') === 'function_call').map((item) => toolOf(item, 'arguments'));
    return answer(text, tools, textAt(json, 'status'), messagesUsage(at(json, 'usage')));
  },
};

function answer(text: string, tools: Frame['tools'], finishReason: string, usage: Frame['usage']): Frame {
  const numbered = tools.map((tool, index) => ({ ...tool, index }));
  return { kind: 'content', text, tools: numbered, finishReason: finishReason || null, usage, message: '' };
}

/** Arguments are a JSON text in OpenAI's dialects and JSON itself in Anthropic's. */
function toolOf(json: unknown, key: string): Frame['tools'][number] {
  const value = at(json, key);
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? {});
  return { index: 0, name: textAt(json, 'name'), arguments: text };
}
