import { HEADER } from './case.js';
import { type Json, type JsonMembers, membersOf, textOf, withValueAt } from './json-place.js';

/** A request or an answer, as far as it is looked at. */
export interface Filled {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonMembers;
}

/** The least with so many of what may be there besides, in their order. */
export function filledIn(least: Filled, optional: Readonly<Record<string, Json>>, places: readonly string[]): Filled {
  let body: Json = least.body;
  const headers: Record<string, string> = { ...least.headers };
  for (const place of places) {
    const value = optional[place] ?? null;
    if (place.startsWith(HEADER)) headers[place.slice(HEADER.length)] = textOf(value);
    else body = withValueAt(body, place, value);
  }
  return { headers, body: membersOf(body) };
}
