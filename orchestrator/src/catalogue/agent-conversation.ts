import { Buffer } from 'node:buffer';
import { sourceText } from './source-text.js';

/** What a model is asked to do next. */
export type Turn =
  | { readonly answer: 'call'; readonly tool: string; readonly bytes: number; readonly lastsMs: number }
  | { readonly answer: 'text' };

/** A message of chat, as a client sends it back. */
export type Message = Readonly<Record<string, unknown>> & { readonly content: string | null };

/** A conversation that grows from turn to turn. */
export interface Conversation {
  readonly messages: readonly Message[];
  /** How many of them the request of each turn holds, and what they come to as compact JSON. */
  readonly ends: readonly number[];
  readonly bytes: readonly number[];
}

const SYSTEM_BYTES = 2300;
const FIRST_TASK_BYTES = 500;
/** What a person writes later, and what the model says when it has done something. */
const LATER_TASK_BYTES = 250;
const REPORT_BYTES = 600;

/** The conversation of a session with these turns: a person's task, calls of tools with their results, a report, the next task. */
export function conversationOf(turns: readonly Turn[]): Conversation {
  const messages: Message[] = [
    { role: 'system', content: sourceText(SYSTEM_BYTES, 0) },
    { role: 'user', content: sourceText(FIRST_TASK_BYTES, 1) },
  ];
  const ends: number[] = [];
  const bytes: number[] = [];
  let size = 2;
  let counted = 0;
  for (const [index, turn] of turns.entries()) {
    for (; counted < messages.length; counted++) size += Buffer.byteLength(JSON.stringify(messages[counted])) + 1;
    ends.push(messages.length);
    bytes.push(size);
    messages.push(...(turn.answer === 'call' ? calledAndAnswered(turn, index) : reportedAndAsked(index)));
  }
  return { messages, ends, bytes };
}

function calledAndAnswered({ tool, bytes }: Turn & { readonly answer: 'call' }, index: number): Message[] {
  const id = `call_${index.toString().padStart(24, '0')}`;
  const call = { name: tool, arguments: JSON.stringify({ path: `src/module_${index}.ts`, text: `part ${index}` }) };
  return [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: call }] },
    { role: 'tool', tool_call_id: id, content: sourceText(bytes, index + 2) },
  ];
}

function reportedAndAsked(index: number): Message[] {
  return [
    { role: 'assistant', content: sourceText(REPORT_BYTES, index + 2) },
    { role: 'user', content: sourceText(LATER_TASK_BYTES, index + 100) },
  ];
}
