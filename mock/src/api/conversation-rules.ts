import { Buffer } from 'node:buffer';
import type { JsonObject } from '../wire/json.js';
import { ApiFailure } from './endpoint.js';
import { invalid, isMembers, membersOf, type Members } from './parameters.js';

const CHAT_ROLES: ReadonlySet<string> = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function']);
const MESSAGE_ROLES: ReadonlySet<string> = new Set(['user', 'assistant', 'system']);
const LONGEST_ROLE = 'developer'.length;

const ROLE = Buffer.from('"role"', 'latin1');
const TOOL = Buffer.from('"tool', 'latin1');
const CALL = Buffer.from('_call', 'latin1');

/**
 * What a conversation of chat must be: messages with known roles, every result behind the call that it answers, every call answered.
 * @throws {ApiFailure}
 */
export function checkChatMessages(json: JsonObject): void {
  const raw = json.raw('messages');
  if (raw === undefined || (raw.indexOf(TOOL) === -1 && hasOnlyRoles(raw, CHAT_ROLES))) return;
  let open = new Set<unknown>();
  for (const [index, message] of (json.value('messages') as unknown[]).entries()) {
    const at = `messages[${index}]`;
    const { role, tool_calls: calls, tool_call_id: answers } = required(message, at, CHAT_ROLES);
    if (role === 'tool') {
      if (!open.delete(answers)) throw failure(at, `Invalid parameter: ${unanswering(at, 'tool_call_id', answers)}`);
      continue;
    }
    if (open.size > 0) throw failure(at, unanswered(open));
    open = new Set(Array.isArray(calls) ? calls.map((call: unknown) => membersOf(call)['id']) : []);
  }
  if (open.size > 0) throw failure('messages', unanswered(open));
}

/**
 * What the input of the Responses API must be: every output behind the call that it answers. What goes on from an earlier
 * response comes here with the whole conversation.
 * @throws {ApiFailure}
 */
export function checkResponseInput(json: JsonObject): void {
  const raw = json.kind('input') === 'array' ? json.raw('input') : undefined;
  if (raw === undefined || (raw.indexOf(CALL) === -1 && hasOnlyRoles(raw, CHAT_ROLES))) return;
  const called = new Set<unknown>();
  for (const [index, item] of (json.value('input') as unknown[]).entries()) {
    const at = `input[${index}]`;
    if (!isMembers(item)) throw invalid(at, 'an input item');
    const { type, role, call_id: id } = item;
    if (role !== undefined && !(typeof role === 'string' && CHAT_ROLES.has(role))) {
      throw unknownRole(at, role, CHAT_ROLES);
    }
    if (type === 'function_call' || type === 'custom_tool_call') called.add(id);
    if ((type === 'function_call_output' || type === 'custom_tool_call_output') && !called.has(id)) {
      throw failure('input', `No tool call found for function call output with call_id ${String(id)}.`);
    }
  }
}

/**
 * What a conversation of Messages must be: known roles, every result in the message behind the call that it answers, every call answered.
 * @throws {ApiFailure}
 */
export function checkMessages(json: JsonObject): void {
  const raw = json.raw('messages');
  if (raw === undefined || (raw.indexOf(TOOL) === -1 && hasOnlyRoles(raw, MESSAGE_ROLES))) return;
  let open = new Set<unknown>();
  for (const [index, message] of (json.value('messages') as unknown[]).entries()) {
    const at = `messages.${index}`;
    if (!isMembers(message) || !MESSAGE_ROLES.has(String(message['role']))) {
      const roles = Array.from(MESSAGE_ROLES, (each) => `'${each}'`).join(', ');
      throw failure(at, `${at}.role: Input should be one of ${roles}`);
    }
    const blocks = Array.isArray(message['content']) ? message['content'].map(membersOf) : [];
    for (const { type, tool_use_id: answers } of blocks) {
      if (type !== 'tool_result' || open.delete(answers)) continue;
      const what = `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(answers)}`;
      throw failure(at, `${at}.content: ${what}. Each must have a \`tool_use\` block in the previous message.`);
    }
    if (open.size > 0) {
      const ids = [...open].map(String).join(', ');
      throw failure(at, `${at}: \`tool_use\` ids without \`tool_result\` blocks immediately after: ${ids}.`);
    }
    open = new Set(blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id));
  }
}

/**
 * True when what follows every `"role"` is one of these. Quotes within a text are escaped, so that nothing of a text looks like a
 * member; a member of what a tool is given may, and is then looked at by reading the whole.
 */
function hasOnlyRoles(raw: Buffer, roles: ReadonlySet<string>): boolean {
  let found = 0;
  for (let at = raw.indexOf(ROLE); at !== -1; at = raw.indexOf(ROLE, at + ROLE.length)) {
    const value = /^\s*:\s*"(\w+)"/.exec(
      raw.toString('latin1', at + ROLE.length, at + ROLE.length + LONGEST_ROLE + 8),
    )?.[1];
    if (value === undefined || !roles.has(value)) return false;
    found++;
  }
  return found > 0;
}

function required(message: unknown, at: string, roles: ReadonlySet<string>): Members {
  if (!isMembers(message)) throw invalid(at, 'a message');
  if (!roles.has(String(message['role']))) throw unknownRole(at, message['role'], roles);
  return message;
}

function unknownRole(at: string, role: unknown, roles: ReadonlySet<string>): ApiFailure {
  const allowed = Array.from(roles, (each) => `'${each}'`).join(', ');
  return invalid(`${at}.role`, `one of ${allowed}, and not ${JSON.stringify(role ?? null)}`);
}

function unanswering(at: string, member: string, id: unknown): string {
  return `messages with role 'tool' must answer a call of the message with 'tool_calls' before them; '${at}.${member}' ${JSON.stringify(id ?? null)} answers none.`;
}

function unanswered(open: ReadonlySet<unknown>): string {
  return `An assistant message with 'tool_calls' must be followed by tool messages that answer each 'tool_call_id'. Not answered: ${[...open].map(String).join(', ')}.`;
}

function failure(param: string, message: string): ApiFailure {
  return new ApiFailure({ status: 400, message, param });
}
