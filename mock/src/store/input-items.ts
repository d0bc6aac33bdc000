import { ApiFailure } from '../api/endpoint.js';
import { isMembers, membersOf } from '../api/parameters.js';

/** The members of an item of a conversation. */
type Item = Readonly<Record<string, unknown>>;

/** What a marker for the mock looks like, within one text of JSON: in a turn that is over it wishes nothing any more. */
const MARKERS = /\[\[bench (?:[^\]"\\]|\\.){0,256}\]\]/g;

/** The input of a request as items: a text is a message of the user's. */
export function itemsOf(input: unknown): readonly unknown[] {
  if (typeof input !== 'string') return Array.isArray(input) ? input.filter(isMembers) : [];
  return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
}

/** A conversation up to a response and with its output, without the markers that stood in it. */
export function history(input: string, response: string): readonly unknown[] {
  const { output } = JSON.parse(response) as { output: readonly unknown[] };
  return [...(JSON.parse(input.replaceAll(MARKERS, '')) as unknown[]), ...output];
}

/** What of such items is said to a model: ids and the like count no tokens. */
export function spoken(items: readonly unknown[]): readonly unknown[] {
  return items.map((item) => {
    const { role, content } = item as Item;
    if (role === undefined || !Array.isArray(content)) return without(item as Item, 'id', 'status');
    const texts = content.map((part: unknown) => membersOf(part)['text']);
    return { role, content: texts.every((text) => typeof text === 'string') ? texts.join('') : content };
  });
}

function without(item: Item, ...names: readonly string[]): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
}

/**
 * A page of a response's input: `limit` (1 to 100, 20 unless given) items behind `after`, the last ones first unless `order=asc`.
 * @param input the items as a JSON array
 * @throws {ApiFailure} 400 for a value that cannot be
 */
export function inputPage(input: string, id: string, query: string): object {
  const asked = new URLSearchParams(query);
  const items = (JSON.parse(input) as Item[]).map((item, place) => withId(item, id, place));
  if (choice(asked, 'order', ['asc', 'desc']) !== 'asc') items.reverse();
  const limit = Number(asked.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) throw wrong('limit', 'a whole number from 1 to 100');
  const after = asked.get('after');
  const before = after === null ? -1 : items.findIndex((item) => item['id'] === after);
  if (after !== null && before === -1) throw wrong('after', "the id of one of the response's input items");
  const data = items.slice(before + 1, before + 1 + limit);
  const more = before + 1 + limit < items.length;
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: more,
  };
}

/** Items that were sent without an id get one, made of that of their response. */
function withId(item: Item, response: string, place: number): Item {
  const whole = item['type'] === undefined && item['role'] !== undefined ? { type: 'message', ...item } : item;
  if (typeof whole['id'] === 'string') return whole;
  const status = whole['type'] === 'message' ? { status: 'completed' } : {};
  return { id: `${response.replace('resp_', 'item_')}${place.toString(16).padStart(4, '0')}`, ...status, ...whole };
}

function choice(asked: URLSearchParams, name: string, allowed: readonly string[]): string | null {
  const value = asked.get(name);
  if (value === null || allowed.includes(value)) return value;
  throw wrong(name, `one of ${allowed.map((each) => `'${each}'`).join(', ')}`);
}

function wrong(param: string, expected: string): ApiFailure {
  return new ApiFailure({ status: 400, message: `Invalid '${param}': expected ${expected}.`, param });
}
