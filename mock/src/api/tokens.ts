import { Buffer } from 'node:buffer';
import { MARKER_CLOSING, MARKER_OPENING } from './marker.js';
import { estimateTokens } from './token-estimate.js';

/** Most tokens an answer may have; a request for more gets this many. */
export const MAX_TOKENS = 100_000;

/** Tokens of an image in base64. */
export type ImageTokens = (base64: string, low: boolean) => number;

const ROLE = Buffer.from('"role"', 'latin1');
const TYPE = Buffer.from('"type"', 'latin1');
const DATA_URL = Buffer.from(';base64,', 'latin1');
const DATA = /"data"\s*:\s*"$/;
const QUOTE = 0x22;
const COLON = 0x3a;
const SPACE = 0x20;

/** What begins a conversation, and each of its messages, beside its text and its role. */
const CONVERSATION_TOKENS = 3;
/** What the JSON of a message and of a part of it has beyond what a provider makes of them, and further where it is written with spaces. */
const MESSAGE_JSON_TOKENS = 4;
const PART_JSON_TOKENS = 8;
const SPACED_TOKENS = 3;
/** Base64 that is shorter is not looked for: it counts as a text. */
const LEAST_BASE64 = 256;

/**
 * Tokens of a conversation, about as many as the provider counts: of its texts as `estimateTokens` says, of its images by the
 * provider's own formula, and a few for each message. A marker for the mock is no part of it.
 * @param raw JSON of its messages; undefined when there is none
 */
export function conversationTokens(raw: Buffer | undefined, imageTokens: ImageTokens): number {
  if (raw === undefined) return 0;
  const [messages, parts] = [occurrences(raw, ROLE), occurrences(raw, TYPE)];
  const spaced = isSpaced(raw) ? SPACED_TOKENS * (messages + parts) : 0;
  const structure = MESSAGE_JSON_TOKENS * messages + PART_JSON_TOKENS * parts + spaced;
  return Math.max(1, Math.round(CONVERSATION_TOKENS + spokenTokens(raw, imageTokens) - structure));
}

/** Tokens of a JSON text that is not a conversation: a text with its quotes, tools. */
export function plainTokens(raw: Buffer | undefined): number {
  if (raw === undefined) return 0;
  const quotes = raw[0] === QUOTE ? 2 : 0;
  return Math.max(0, Math.round(spokenTokens(raw, () => 0) - quotes));
}

function spokenTokens(raw: Buffer, imageTokens: ImageTokens): number {
  let tokens = 0;
  let from = 0;
  while (from < raw.length) {
    const next = nextUnspoken(raw, from);
    tokens += estimateTokens(raw, from, next?.from ?? raw.length);
    if (next === undefined) break;
    if (next.image) tokens += imageTokens(raw.toString('latin1', next.from, next.to), isLow(raw, next.from, next.to));
    from = next.to;
  }
  return tokens;
}

/** The next piece that is no text of the conversation: a marker, or something in base64. */
function nextUnspoken(raw: Buffer, from: number): { from: number; to: number; image: boolean } | undefined {
  const marker = raw.indexOf(MARKER_OPENING, from);
  const data = nextBase64(raw, from);
  if (data !== undefined && (marker === -1 || data.from < marker)) return { ...data, image: true };
  if (marker === -1) return undefined;
  const end = raw.indexOf(MARKER_CLOSING, marker);
  return { from: marker, to: end === -1 ? raw.length : end + MARKER_CLOSING.length, image: false };
}

/** OpenAI has it in a URL, Anthropic in a member `data` beside the type. */
function nextBase64(raw: Buffer, from: number): { from: number; to: number } | undefined {
  if (raw.length - from < LEAST_BASE64) return undefined;
  const url = raw.indexOf(DATA_URL, from);
  if (url !== -1) return upToQuote(raw, url + DATA_URL.length);
  for (let at = raw.indexOf('"data"', from, 'latin1'); at !== -1; at = raw.indexOf('"data"', at + 1, 'latin1')) {
    const start = raw.indexOf(QUOTE, at + '"data"'.length) + 1;
    if (start === 0 || !DATA.test(raw.toString('latin1', at, start))) continue;
    const found = upToQuote(raw, start);
    if (found.to - found.from >= LEAST_BASE64) return found;
  }
  return undefined;
}

function upToQuote(raw: Buffer, from: number): { from: number; to: number } {
  const end = raw.indexOf(QUOTE, from);
  return { from, to: end === -1 ? raw.length : end };
}

const LOW = /"detail"\s*:\s*"low"/;
const NEAR = 64;

/** OpenAI's detail stands beside the image's URL. */
function isLow(raw: Buffer, from: number, to: number): boolean {
  return (
    LOW.test(raw.toString('latin1', Math.max(0, from - NEAR), from)) || LOW.test(raw.toString('latin1', to, to + NEAR))
  );
}

/** As Python writes it, with a space behind each colon. */
function isSpaced(raw: Buffer): boolean {
  const at = raw.indexOf(ROLE) + ROLE.length;
  return raw[at] === COLON && raw[at + 1] === SPACE;
}

function occurrences(raw: Buffer, what: Buffer): number {
  let count = 0;
  for (let at = raw.indexOf(what); at !== -1; at = raw.indexOf(what, at + what.length)) count++;
  return count;
}
