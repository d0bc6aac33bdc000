import { type Conversation, conversationOf, type Message, type Turn } from './agent-conversation.js';
import type { Blend, Scenario, TurnsPart } from './scenario.js';
import type { Pause } from './session-rhythm.js';

/**
 * A coding assistant's session: a stated model, on the figures of a published trace (TraceLab, arXiv 2606.30560: sessions of Claude Code and
 * Codex, 357 161 calls of a model). docs/traffic.md says which figure is from where and which is ours.
 */
const NAME = 'agent-loop';

/** What a person takes to read a report and to write the next task; shorter than people are, see docs/traffic.md. */
const PERSON: Pause = { medianMs: 8000 };
/** Reading, searching and writing files is quick, a test run is not. */
const QUICK_MS = 150;
const TESTS_MS = 3000;
/** Tokens of a report. */
const REPORT_TOKENS = 60;
/** Turns of one row of the result. */
const TURNS_A_PART = 4;

/** Bytes that tools give back, in the order of the turns, a person's task a line: many are short, the few long ones are most of it. */
const RESULT_BYTES = [
  [1200, 5600, 2400, 13_000, 800, 3800, 8400],
  [2800, 20_500, 1400, 4700, 10_300, 1900, 28_000],
  [6500, 1000, 16_800, 3300, 37_400, 4200, 9400],
];
/** Called in turn for one task. */
const CALLED = ['search_text', 'read_file', 'edit_file', 'read_file', 'edit_file', 'list_files', 'run_tests'];

/** Those that each request offers: what is called, and what is not. */
const TOOLS = [
  ...new Set(CALLED),
  'write_file',
  'delete_file',
  'find_files',
  'run_command',
  'git_status',
  'git_diff',
  'git_log',
  'git_commit',
  'fetch_page',
  'search_web',
  'list_symbols',
  'find_references',
  'rename_symbol',
  'read_terminal',
  'ask_person',
];

const TURNS: readonly Turn[] = RESULT_BYTES.flatMap((task) => [
  ...task.map((bytes, i): Turn => {
    const tool = CALLED[i % CALLED.length] as string;
    return { answer: 'call', tool, bytes, lastsMs: tool === 'run_tests' ? TESTS_MS : QUICK_MS };
  }),
  { answer: 'text' } as const,
]);

/** Many sessions at once, each of them this one from its first turn to its last. */
export function agentLoop(): Scenario {
  const conversation = conversationOf(TURNS);
  const kinds = TURNS.map((turn, index) => turnScenario(turn, index, conversation));
  const parts = partsOf(conversation);
  const partOf = TURNS.map((_turn, index) => parts[Math.floor(index / TURNS_A_PART)] as TurnsPart);
  const pauses = TURNS.slice(0, -1).map((turn) => (turn.answer === 'call' ? { medianMs: turn.lastsMs } : PERSON));
  const blend: Blend = { kinds, partOf: partOf.map(({ name }) => name), turns: parts, draw: { sessions: { pauses } } };
  const [first, last] = [0, TURNS.length - 1].map((turn) => kilobytes(conversation.bytes[turn] as number));
  return {
    ...(kinds[0] as Scenario),
    name: NAME,
    about: `sessions of a coding assistant: ${TURNS.length} streamed turns, ${first} to ${last} of conversation, ${TOOLS.length} tools`,
    // Each turn is asked of the target and of the mock.
    checkMs: 50 * TURNS.length,
    blend,
  };
}

function partsOf({ bytes }: Conversation): TurnsPart[] {
  return Array.from({ length: Math.ceil(TURNS.length / TURNS_A_PART) }, (_, part) => {
    const first = part * TURNS_A_PART + 1;
    const last = Math.min(TURNS.length, first + TURNS_A_PART - 1);
    const [least, most] = [bytes[first - 1] as number, bytes[last - 1] as number];
    const two = (turn: number): string => String(turn).padStart(2, '0');
    return {
      name: `turns-${two(first)}-${two(last)}-to-${kilobytes(most).replace(' ', '')}`,
      turns: { first, last },
      bytes: { least, most },
    };
  });
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

function turnScenario(turn: Turn, index: number, { messages, ends, bytes }: Conversation): Scenario {
  const own = messages.slice(0, ends[index]);
  const last = own.at(-1) as Message;
  return {
    name: `turn ${index + 1}, ${kilobytes(bytes[index] as number)}`,
    about: turn.answer === 'call' ? `answered with a call of ${turn.tool}` : 'answered with a report',
    path: '/v1/chat/completions',
    streaming: true,
    answer: turn.answer === 'call' ? 'tools' : 'chat',
    expectedErrorShare: 0,
    behaviour: '',
    always: turn.answer === 'call' ? `as=call tool=${turn.tool}` : `as=text tokens=${REPORT_TOKENS}`,
    request: (model, text) => ({
      model,
      stream: true,
      messages: [...own.slice(0, -1), { ...last, content: `${last.content ?? ''}\n${text}` }],
      tools: TOOLS.map(toolOf),
    }),
  };
}

function toolOf(name: string): unknown {
  const words = name.replaceAll('_', ' ');
  const text = { type: 'string' };
  return {
    type: 'function',
    function: {
      name,
      description: `Does what its name says: ${words}.`,
      parameters: {
        type: 'object',
        properties: { path: text, text },
        required: ['path', 'text'],
        additionalProperties: false,
      },
    },
  };
}
