import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../wire/json.js';

/**
 * Reads a body as a JSON object.
 * @returns what is wrong with it, in words that tell a coding or a character set apart from bad JSON; undefined when nothing is
 */
export function bodyProblem(json: JsonObject, body: Buffer): string | undefined {
  const kind = json.read(body);
  // The scan takes bytes above 0x7f as they are; providers decode a body before they parse it, and refuse one that they cannot.
  if (kind !== 'invalid' && !isUtf8(body))
    return 'The body of your request is not UTF-8, in which JSON is sent (RFC 8259, 8.1).';
  if (kind === 'object') return undefined;
  if (kind === 'other') return 'The body of your request must be a JSON object.';
  const disguise = DISGUISES.find(({ begins }) => body.subarray(0, begins.length).equals(begins));
  if (disguise !== undefined) return `The body of your request ${disguise.is}.`;
  return 'We could not parse the JSON body of your request.';
}

/** What a body that is no JSON begins with, and what it is then. */
const DISGUISES: readonly { readonly begins: Buffer; readonly is: string }[] = [
  { begins: Buffer.from([0x1f, 0x8b]), is: 'is compressed with gzip and has no header Content-Encoding that says so' },
  {
    begins: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    is: 'is compressed with zstd and has no header Content-Encoding that says so',
  },
  {
    begins: Buffer.from([0xef, 0xbb, 0xbf]),
    is: 'begins with a byte order mark, which JSON must not have (RFC 8259, 8.1)',
  },
  { begins: Buffer.from([0xff, 0xfe]), is: 'is encoded in UTF-16; JSON is sent in UTF-8 (RFC 8259, 8.1)' },
  { begins: Buffer.from([0xfe, 0xff]), is: 'is encoded in UTF-16; JSON is sent in UTF-8 (RFC 8259, 8.1)' },
  { begins: Buffer.from('{\0'), is: 'is encoded in UTF-16; JSON is sent in UTF-8 (RFC 8259, 8.1)' },
  { begins: Buffer.from('\0{'), is: 'is encoded in UTF-16; JSON is sent in UTF-8 (RFC 8259, 8.1)' },
];
