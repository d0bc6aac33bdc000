import type { ExpectedAnswer } from '../../answers/expected-answer.js';
import type { Frame, ToolPiece, Usage } from '../../answers/frame.js';

/** A way in which an answer was not what it should have been. */
export type BreachCode =
  | 'text-missing'
  | 'text-added'
  | 'text-order'
  | 'text-differs'
  | 'tool-arguments'
  | 'tool-calls'
  | 'finish-reason'
  | 'usage'
  | 'after-end'
  | 'error-body';

/** One breach, with what was expected and what came, cut to what a person reads. */
export interface Breach {
  readonly code: BreachCode;
  readonly message: string;
}

/** Puts the frames of an answer together and holds it against what was expected; one a connection, used again and again. */
export class AnswerCheck {
  #expected: ExpectedAnswer | null;
  #matched = 0;
  /** The whole text, once it is known to differ; until then it is the first {@link #matched} characters of the expected one. */
  #differing: string | null = null;
  #tools: { name: string; arguments: string }[] = [];
  #finishReason: string | null = null;
  #usage: Usage | null = null;

  constructor(expected: ExpectedAnswer | null) {
    this.#expected = expected;
  }

  /** Between two answers only. */
  expect(expected: ExpectedAnswer | null): void {
    this.#expected = expected;
  }

  reset(): void {
    this.#matched = 0;
    this.#differing = null;
    if (this.#tools.length > 0) this.#tools = [];
    this.#finishReason = null;
    this.#usage = null;
  }

  add(frame: Frame): void {
    if (this.#expected === null) return;
    if (frame.text !== '') this.#addText(frame.text, this.#expected.text);
    for (const piece of frame.tools) this.#addTool(piece);
    this.#finishReason = frame.finishReason ?? this.#finishReason;
    this.#usage = frame.usage ?? this.#usage;
  }

  /** The first breach of the finished answer, in the order of what matters most; null when it is as expected. */
  breach(): Breach | null {
    const expected = this.#expected;
    if (expected === null) return null;
    return (
      (expected.text === null ? null : this.#textBreach(expected.text)) ??
      (expected.tools === null ? null : toolBreach(expected.tools, this.#tools)) ??
      mismatch('finish-reason', expected.finishReason, this.#finishReason) ??
      usageBreach(expected.usage, this.#usage)
    );
  }

  #addText(text: string, expected: string | null): void {
    if (expected === null) return;
    if (this.#differing !== null) this.#differing += text;
    else if (expected.startsWith(text, this.#matched)) this.#matched += text.length;
    else this.#differing = expected.slice(0, this.#matched) + text;
  }

  #addTool(piece: ToolPiece): void {
    const call = (this.#tools[piece.index] ??= { name: '', arguments: '' });
    call.name += piece.name;
    call.arguments += piece.arguments;
  }

  #textBreach(expected: string): Breach | null {
    const actual = this.#differing ?? expected.slice(0, this.#matched);
    if (actual === expected) return null;
    const code = textDifference(expected, actual);
    return { code, message: `text: ${excerpts(expected, actual)}` };
  }
}

/** How a text differs: one piece left out, one piece put in (or said twice), the same letters in another order, or otherwise. */
export function textDifference(expected: string, actual: string): BreachCode {
  let head = 0;
  const shorter = Math.min(expected.length, actual.length);
  while (head < shorter && expected[head] === actual[head]) head++;
  let tail = 0;
  while (tail < shorter - head && expected.at(-1 - tail) === actual.at(-1 - tail)) tail++;
  if (head + tail === actual.length) return 'text-missing';
  if (head + tail === expected.length) return 'text-added';
  return sorted(expected) === sorted(actual) ? 'text-order' : 'text-differs';
}

function sorted(text: string): string {
  return text.split('').sort().join('');
}

function toolBreach(
  expected: readonly { readonly name: string; readonly arguments: string }[],
  actual: readonly ({ readonly name: string; readonly arguments: string } | undefined)[],
): Breach | null {
  // Some dialects count every block, so the first call need not have index 0.
  const calls = actual.filter((call) => call !== undefined);
  const [wanted, got] = [expected, calls].map((list) => list.map((call) => call.name).join(', '));
  if (wanted !== got) return { code: 'tool-calls', message: `tool calls: expected [${wanted}], got [${got}]` };
  for (const [index, call] of expected.entries()) {
    const came = calls[index]?.arguments ?? '';
    if (came !== call.arguments) {
      return { code: 'tool-arguments', message: `arguments of ${call.name}: ${excerpts(call.arguments, came)}` };
    }
  }
  return null;
}

function usageBreach(expected: Usage | null, actual: Usage | null): Breach | null {
  return expected === null ? null : mismatch('usage', written(expected), actual === null ? null : written(actual));
}

function written(usage: Usage): string {
  return `${usage.input} in, ${usage.output} out`;
}

function mismatch(code: BreachCode, expected: string | null, actual: string | null): Breach | null {
  if (expected === null || expected === actual) return null;
  return { code, message: `${code.replace('-', ' ')}: expected ${expected}, got ${actual ?? 'none'}` };
}

/** Both texts around the first place where they differ. */
function excerpts(expected: string, actual: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at++;
  const from = Math.max(0, at - 12);
  const cut = (text: string) => JSON.stringify(text.slice(from, at + 24));
  return `differs at character ${at}: expected ${cut(expected)}, got ${cut(actual)} (${expected.length} and ${actual.length} characters)`;
}
