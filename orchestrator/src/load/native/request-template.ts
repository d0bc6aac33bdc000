import { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { ID_PLACEHOLDER } from '../../catalogue/marker.js';

/** A whole HTTP/1.1 request, ready to be sent; only the id in it changes. */
export interface RequestTemplate {
  readonly bytes: Uint8Array;
  /** Where in `bytes` the id stands, each {@link ID_PLACEHOLDER} long. Empty: every request is the same. */
  readonly idOffsets: readonly number[];
}

const ID_LENGTH = ID_PLACEHOLDER.length;
const PREFIX_LENGTH = 8;
const COUNTER_LENGTH = ID_LENGTH - PREFIX_LENGTH;
const BASE = 36;

/**
 * Builds the request for a URL. Header values are taken as they are; `content-length` and `connection` are the driver's own; `host` is the URL's where none is given.
 * @param reuse whether the connection is to stay open behind the answer
 */
export function requestTemplate(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  reuse: boolean,
): RequestTemplate {
  const payload = Buffer.from(body, 'utf8');
  const asked = lowerCased(headers);
  const lines = [`POST ${url.pathname}${url.search} HTTP/1.1`, `host: ${asked['host'] ?? url.host}`];
  const own = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);
  const given = Object.entries({ 'content-type': 'application/json', accept: '*/*', ...asked });
  for (const [name, value] of given) if (!own.has(name)) lines.push(`${name}: ${value}`);
  if (!reuse) lines.push('connection: close');
  lines.push(`content-length: ${payload.length}`, '', '');
  const head = Buffer.from(lines.join('\r\n'), 'latin1');
  const bytes = Buffer.concat([head, payload]);
  const idOffsets: number[] = [];
  for (
    let at = bytes.indexOf(ID_PLACEHOLDER, head.length);
    at >= 0;
    at = bytes.indexOf(ID_PLACEHOLDER, at + ID_LENGTH)
  ) {
    idOffsets.push(at);
  }
  return { bytes, idOffsets };
}

/** The id of the request with this counter: a prefix of 8 characters, unique to the trial, and 8 digits in base 36. */
export function requestId(prefix: string, counter: number): string {
  return prefix + counter.toString(BASE).padStart(COUNTER_LENGTH, '0');
}

/** A prefix for {@link requestId}; two trials of one or of different runs do not share it. */
export function trialPrefix(): string {
  return Array.from({ length: PREFIX_LENGTH }, () => randomInt(BASE).toString(BASE)).join('');
}

/** Puts the id of a request into its bytes without allocating; the same characters as {@link requestId}. */
export function writeId(template: RequestTemplate, counter: number): void {
  for (const offset of template.idOffsets) {
    let rest = counter;
    for (let i = offset + ID_LENGTH - 1; i >= offset + PREFIX_LENGTH; i--) {
      const digit = rest % BASE;
      template.bytes[i] = digit < 10 ? 48 + digit : 87 + digit;
      rest = (rest - digit) / BASE;
    }
  }
}

/** Puts the prefix into a template; done once, so that each request only writes its counter. */
export function writePrefix(template: RequestTemplate, prefix: string): void {
  for (const offset of template.idOffsets) {
    for (let i = 0; i < PREFIX_LENGTH; i++) template.bytes[offset + i] = prefix.charCodeAt(i);
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
