/** How a conversation stands in which tools are offered. */
export interface Turn {
  /** It ends with a tool's result, so that a model left to itself would go on with a text. */
  readonly answered: boolean;
  /** The tools that have been called in it, each once, in that order. */
  readonly called: readonly string[];
  /** Both as a part of a key. */
  readonly key: string;
}

/** Nothing has been called. */
export const FIRST_TURN: Turn = { answered: false, called: [], key: '' };

/** A turn of a conversation with these calls. What is no text is no name of a tool. */
export function turnOf(answered: boolean, called: readonly unknown[]): Turn {
  const names = [...new Set(called)].filter((name) => typeof name === 'string');
  return { answered, called: names, key: `${answered} ${names.join(' ')}` };
}
