import { schemaValue } from './schema-value.js';
import { Content } from './content.js';

/** A tool that a request offers. */
export interface Tool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly schema: unknown;
  /** A custom tool takes a text instead of JSON arguments. */
  readonly custom: boolean;
}

/** Whether a tool is to be called: as the model likes, by all means, not at all, or this one. */
export type ToolChoice = 'auto' | 'required' | 'none' | { readonly name: string };

/** A call of a tool. */
export interface ToolCall {
  readonly name: string;
  readonly custom: boolean;
  /** The arguments as JSON text; the text that a custom tool takes. */
  readonly input: Content;
}

/**
 * The call that answers a request: of the tool that is named, else of the first one.
 * @param answered the conversation ends with a tool's result, so that a model left to itself would go on with a text
 */
export function toolCall(tools: readonly Tool[], choice: ToolChoice, answered: boolean): ToolCall | undefined {
  if (choice === 'none' || (choice === 'auto' && answered)) return undefined;
  const tool = typeof choice === 'object' ? tools.find(({ name }) => name === choice.name) : tools[0];
  if (tool === undefined) return undefined;
  const { name, custom } = tool;
  return { name, custom, input: Content.of(custom ? 'bench input' : JSON.stringify(argumentsOf(tool))) };
}

/** Arguments are an object whatever the schema says, because every client reads them as one. */
function argumentsOf(tool: Tool): object {
  const value = schemaValue(tool.schema ?? { type: 'object' });
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
