/** In what a JSON value differs from another: paths such as `messages[0].content`. */
export interface Differences {
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly changed: readonly string[];
}

/** What became of a JSON value that was sent; the order of members means nothing. @param except members at the top that are not looked at */
export function differences(sent: unknown, arrived: unknown, except: readonly string[] = []): Differences {
  const found = { added: [] as string[], dropped: [] as string[], changed: [] as string[] };
  compare(sent, arrived, '', except, found);
  return found;
}

function compare(
  sent: unknown,
  arrived: unknown,
  at: string,
  except: readonly string[],
  found: { added: string[]; dropped: string[]; changed: string[] },
): void {
  if (!isObject(sent) || !isObject(arrived) || Array.isArray(sent) !== Array.isArray(arrived)) {
    if (sent !== arrived) found.changed.push(at);
    return;
  }
  const place = (key: string) => (Array.isArray(sent) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`);
  for (const [key, value] of Object.entries(sent)) {
    if (except.includes(key)) continue;
    if (!Object.hasOwn(arrived, key)) found.dropped.push(place(key));
    else compare(value, (arrived as Record<string, unknown>)[key], place(key), [], found);
  }
  for (const key of Object.keys(arrived)) {
    if (!Object.hasOwn(sent, key) && !except.includes(key)) found.added.push(place(key));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
