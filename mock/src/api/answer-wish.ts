/** Most tools that one answer calls. */
export const MAX_CALLS = 8;
/** Longest text that an answer can be told to say. */
export const MAX_SAID = 100_000;

/** What an answer can be told to be. */
export const ANSWER_KINDS = ['text', 'json', 'call'] as const;
/** Why an answer can be told to have ended, in the words of chat; the other APIs say it in theirs. */
export const FINISH_REASONS = ['stop', 'length', 'tool_calls', 'content_filter'] as const;

/** Why an answer ended, in the words of chat. */
export type FinishReason = (typeof FINISH_REASONS)[number];

/** What an answer is to be, whatever the request says, as settings, options and markers ask for it. */
export interface AnswerParts {
  /** `text`: one, whatever is offered; `json`: a JSON object; `call`: of a tool, also where the conversation could go on with a text. */
  readonly as?: (typeof ANSWER_KINDS)[number] | undefined;
  /** This text. */
  readonly say?: string | undefined;
  /** So many tool calls, where tools are offered. */
  readonly calls?: number | undefined;
  /** Calls of this tool. */
  readonly tool?: string | undefined;
  /** It ends for this reason. */
  readonly finish?: FinishReason | undefined;
}

/** The same with what tells it from others. */
export interface AnswerWish extends AnswerParts {
  /** Part of a key; empty when nothing is wished for. */
  readonly key: string;
}

/** Nothing is wished for. */
export const NO_WISH: AnswerWish = { key: '' };

/** These parts as one wish, later ones stronger. */
export function answerWish(...parts: readonly AnswerParts[]): AnswerWish {
  const { as, say, calls, tool, finish }: AnswerParts = Object.assign({}, ...parts);
  const wish = { as, say, calls, tool, finish };
  return Object.values(wish).every((part) => part === undefined) ? NO_WISH : { ...wish, key: JSON.stringify(wish) };
}
