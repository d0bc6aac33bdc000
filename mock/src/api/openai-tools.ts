import type { JsonObject } from '../wire/json.js';
import { ApiFailure } from './endpoint.js';
import { invalid, isMembers, membersOf, missing, type Members } from './parameters.js';
import type { Offer, Tool } from './tool-choice.js';

/**
 * Where a tool's name and parameters stand: chat has them in a member named for the tool's type
 * (`{"type": "function", "function": {"name": …}}`), the Responses API beside it (`{"type": "function", "name": …}`).
 */
export type ToolNesting = 'nested' | 'flat';

/**
 * Reads `tools` and `tool_choice` of an OpenAI request.
 * @param lenient takes an empty offer too, and what stands beside none
 * @throws {ApiFailure} when a tool has no name or is a hosted one, or the choice is of one that is not offered
 */
export function readOffer(json: JsonObject, nesting: ToolNesting, lenient: boolean): Offer {
  if (!lenient) requireTools(json, nesting);
  return { ...readTypedOffer(json, nesting, lenient), parallel: json.value('parallel_tool_calls') !== false };
}

/** Chat takes no empty array of tools at all, Responses none from which one must be called. */
function requireTools(json: JsonObject, nesting: ToolNesting): void {
  if (!json.has('tools')) {
    // In the Responses API it is a member with a default, and may always be said.
    if (nesting === 'nested' && json.has('parallel_tool_calls')) {
      throw invalid('parallel_tool_calls', "it only together with 'tools'");
    }
    return;
  }
  if (!json.isEmptyArray('tools')) return;
  if (nesting === 'nested') throw invalid('tools', 'an array with at least one tool');
  if (json.string('tool_choice') === 'required') throw invalid('tool_choice', "it only together with 'tools'");
}

type TypedOffer = Omit<Offer, 'parallel'>;

function readTypedOffer(json: JsonObject, nesting: ToolNesting, lenient: boolean): TypedOffer {
  const choice = json.value('tool_choice') ?? 'auto';
  if (!json.has('tools')) {
    if (choice === 'auto' || choice === 'none') return { tools: [], choice: 'none' };
    throw invalid('tool_choice', "it only together with 'tools'");
  }
  const tools = readTools(json, nesting, lenient);
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { tools, choice };
  if (!isMembers(choice)) throw invalid('tool_choice', "'none', 'auto', 'required' or an object that names a tool");
  if (choice['type'] === 'allowed_tools') return allowedOffer(tools, choice, nesting, lenient);
  if (lenient && isHosted(choice, nesting)) return { tools, choice: 'none' };
  return { tools, choice: { name: offeredName(namesOf(tools), choice, nesting) } };
}

/** Of the Responses API a lenient mock passes hosted tools over: it answers with a text, or calls what is offered beside them. */
function readTools(json: JsonObject, nesting: ToolNesting, lenient: boolean): Tool[] {
  const tools = json.value('tools');
  if (!Array.isArray(tools)) throw invalid('tools', 'an array of tools');
  return tools.flatMap((entry: unknown, index) => {
    const tool = membersOf(entry);
    if (!isCallable(tool)) {
      if (lenient && isHosted(tool, nesting)) return [];
      if (nesting === 'flat' && HOSTED_TOOLS.test(String(tool['type']))) throw notHosted(tool, json.string('model'));
      throw invalid(`tools[${index}].type`, "'function' or 'custom'");
    }
    const { name, parameters } = described(tool, nesting);
    const where = nesting === 'flat' ? `tools[${index}]` : `tools[${index}].${tool['type'] as string}`;
    if (typeof name !== 'string' || name === '') throw missing(`${where}.name`);
    return { name, schema: parameters, custom: tool['type'] === 'custom' };
  });
}

/**
 * Reads `functions` and `function_call`, which came before tools.
 * @throws {ApiFailure}
 */
export function readFunctions(json: JsonObject): Offer {
  const functions = json.value('functions');
  if (!Array.isArray(functions)) throw invalid('functions', 'an array of functions');
  const tools = functions.map((entry: unknown, index): Tool => {
    const { name, parameters } = membersOf(entry);
    if (typeof name !== 'string' || name === '') throw missing(`functions[${index}].name`);
    return { name, schema: parameters, custom: false };
  });
  const choice = json.value('function_call') ?? 'auto';
  if (choice === 'auto' || choice === 'none') return { tools, choice, parallel: false };
  if (!isMembers(choice)) throw invalid('function_call', "'none', 'auto' or an object that names a function");
  const { name } = choice;
  if (tools.some((tool) => tool.name === name)) return { tools, choice: { name: name as string }, parallel: false };
  throw invalid('function_call', `a function that is in 'functions', which ${JSON.stringify(name ?? null)} is not`);
}

/** The offer narrowed to the tools that are allowed, in their order. */
function allowedOffer(tools: readonly Tool[], choice: Members, nesting: ToolNesting, lenient: boolean): TypedOffer {
  const { mode, tools: allowed } = nesting === 'flat' ? choice : membersOf(choice['allowed_tools']);
  if (!Array.isArray(allowed)) throw invalid('tool_choice', "'tools' with the tools that are allowed");
  const offered = namesOf(tools);
  const own = allowed.map(membersOf).filter((entry) => !(lenient && isHosted(entry, nesting)));
  const names = new Set(own.map((entry) => offeredName(offered, entry, nesting)));
  return { tools: tools.filter(({ name }) => names.has(name)), choice: mode === 'required' ? 'required' : 'auto' };
}

function namesOf(tools: readonly Tool[]): ReadonlySet<unknown> {
  return new Set(tools.map(({ name }) => name));
}

function offeredName(offered: ReadonlySet<unknown>, entry: Members, nesting: ToolNesting): string {
  const { name } = described(entry, nesting);
  if (offered.has(name)) return name as string;
  throw invalid('tool_choice', `a tool that is in 'tools', which ${JSON.stringify(name ?? null)} is not`);
}

function described(entry: Members, nesting: ToolNesting): Members {
  return nesting === 'flat' ? entry : membersOf(entry[entry['type'] === 'custom' ? 'custom' : 'function']);
}

function isCallable(entry: Members): boolean {
  return entry['type'] === 'function' || entry['type'] === 'custom';
}

/** The tools that OpenAI runs itself, by their types; some carry the date of their version. */
const HOSTED_TOOLS =
  /^(web_search|file_search|computer|code_interpreter|image_generation|mcp|local_shell|shell|apply_patch|tool_search)(_preview)?(_\d{4}_\d\d_\d\d)?$/;

/** Whether a tool, or the choice of one, is no function: what the Responses API runs itself, or does not know. */
function isHosted(entry: Members, nesting: ToolNesting): boolean {
  return nesting === 'flat' && typeof entry['type'] === 'string' && !isCallable(entry);
}

/** As OpenAI refuses a hosted tool that a model does not have. */
function notHosted(tool: Members, model = 'this model'): ApiFailure {
  return new ApiFailure({
    status: 400,
    message: `Hosted tool '${String(tool['type'])}' is not supported with ${model}. This mock calls functions and custom tools; --lenient passes others over.`,
    param: 'tools',
  });
}
