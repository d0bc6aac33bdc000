import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Scenario } from './scenario.js';

/** What a line has to be. */
export const BODIES_FORM =
  'one request a line: a body of chat ({"messages": […], …}), or {"path": "/v1/messages", "body": {…}} with one of /v1/chat/completions, /v1/embeddings, /v1/messages, /v1/responses';

/** A line that cannot be sent; the message names it. */
export class BadBody extends RangeError {}

/** Every thread that sends has a copy of each request, and each is asked of a target before the clock starts. */
const MOST_BYTES = 256e6;
const MOST_LINES = 1000;
/** Said where the length of an answer depends on a limit that gateways translate. */
const STATED = 'tokens=20';

const PATHS = ['/v1/chat/completions', '/v1/embeddings', '/v1/messages', '/v1/responses'] as const;
type Path = (typeof PATHS)[number];
type Members = Readonly<Record<string, unknown>>;

/**
 * Reads a file of requests as a scenario: each line as often as any other, in a seeded random order, counted by kind of request.
 * @throws BadBody; whatever reading throws
 */
export function readBodies(file: string): Scenario {
  const bytes = readFileSync(file);
  if (bytes.length > MOST_BYTES)
    throw new BadBody(`it has ${Math.round(bytes.length / 1e6)} MB, and ${MOST_BYTES / 1e6} MB are the most`);
  const kinds: Scenario[] = [];
  const sizes: number[] = [];
  for (const [index, line] of bytes.toString('utf8').split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    if (kinds.length === MOST_LINES) throw new BadBody(`it has more than ${MOST_LINES} requests`);
    kinds.push(kindOf(line, index + 1));
    sizes.push(Buffer.byteLength(line.trim()));
  }
  const [first] = kinds;
  if (first === undefined) throw new BadBody('it has no request');
  const sorted = sizes.toSorted((a, b) => a - b);
  const [least, median, most] = [0, sorted.length >> 1, sorted.length - 1].map((at) => sorted[at] as number) as [
    number,
    number,
    number,
  ];
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...first,
    name: 'bodies',
    about: `${basename(file)}, ${kinds.length} requests of ${least} to ${most} bytes, ${median} at the median`,
    streaming: kinds.some(({ streaming }) => streaming),
    checkMs: 20 * kinds.length,
    blend: {
      kinds,
      partOf: kinds.map(partOf),
      bodies: { file: basename(file), sha256, requests: kinds.length, bytes: { least, median, most } },
      draw: { weights: kinds.map(() => 1) },
    },
  };
}

/** Kinds of one part go to one path and are all answered alike, by a stream or not. */
function partOf({ path, streaming }: Scenario): string {
  return `${path.slice('/v1/'.length).replace('/completions', '')}${streaming ? '-stream' : ''}`;
}

function kindOf(line: string, number: number): Scenario {
  const { path, body } = requestOf(line, number);
  const offersTools = Array.isArray(body['tools']) && body['tools'].length > 0;
  const translated = path === '/v1/messages' || path === '/v1/responses';
  if (withMarker(path, body, '') === null)
    throw new BadBody(`line ${number} has no text that an id could stand behind (${TEXT_OF[path]})`);
  return {
    name: `line ${number}`,
    about: `a request to ${path}`,
    path,
    ...(path === '/v1/messages' ? { headers: { 'anthropic-version': '2023-06-01' } } : {}),
    streaming: body['stream'] === true,
    answer: path === '/v1/embeddings' ? 'embeddings' : offersTools ? 'tools' : 'chat',
    expectedErrorShare: 0,
    behaviour: '',
    ...(translated && !offersTools ? { always: STATED } : {}),
    request: (model, text) => ({ ...withMarker(path, body, text.slice(text.indexOf('[['))), model }),
  };
}

function requestOf(line: string, number: number): { readonly path: Path; readonly body: Members } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (thrown) {
    throw new BadBody(`line ${number} is no JSON (${(thrown as Error).message})`);
  }
  if (!isMembers(value)) throw new BadBody(`line ${number} is no JSON object`);
  if (Array.isArray(value['messages'])) return { path: '/v1/chat/completions', body: value };
  const { path, body, ...rest } = value;
  const [more] = Object.keys(rest);
  if (path === undefined || body === undefined || more !== undefined)
    throw new BadBody(`line ${number} has neither "messages" nor "path" and "body" alone`);
  const known = PATHS.find((each) => each === path);
  if (known === undefined) throw new BadBody(`line ${number} has the path ${JSON.stringify(path)}`);
  if (!isMembers(body)) throw new BadBody(`line ${number} has a body that is no JSON object`);
  return { path: known, body };
}

/** Where the marker goes. */
const TEXT_OF: Readonly<Record<Path, string>> = {
  '/v1/chat/completions': 'the last of its messages with text',
  '/v1/messages': 'the last of its messages with text',
  '/v1/responses': 'its input, or the last of its input items with text',
  '/v1/embeddings': 'its input, or the first of its inputs',
};

/** The body with the marker behind a text of it; null where it has none. */
function withMarker(path: Path, body: Members, text: string): Members | null {
  if (path === '/v1/embeddings') {
    const { input } = body;
    if (typeof input === 'string') return { ...body, input: input + text };
    if (!Array.isArray(input) || typeof input[0] !== 'string') return null;
    return { ...body, input: [input[0] + text, ...input.slice(1)] };
  }
  const name = path === '/v1/responses' ? 'input' : 'messages';
  const list = body[name];
  if (typeof list === 'string' && path === '/v1/responses') return { ...body, input: `${list} ${text}` };
  if (!Array.isArray(list)) return null;
  const at = list.findLastIndex((message) => isMembers(message) && contentWith(message['content'], text) !== null);
  if (at === -1) return null;
  const message = list[at] as Members;
  return { ...body, [name]: list.with(at, { ...message, content: contentWith(message['content'], text) }) };
}

function contentWith(content: unknown, text: string): unknown {
  if (typeof content === 'string') return `${content} ${text}`;
  if (!Array.isArray(content)) return null;
  const at = content.findLastIndex((part) => isMembers(part) && typeof part['text'] === 'string');
  if (at === -1) return null;
  const part = content[at] as Members;
  return content.with(at, { ...part, text: `${part['text'] as string} ${text}` });
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
