import type { Buffer } from 'node:buffer';

/** A request that has come whole. */
export interface WholeRequest {
  readonly method: string;
  readonly path: string;
  /** Length of head and body together. */
  readonly length: number;
  /** Where its body begins. */
  readonly bodyStart: number;
}

const HEAD_END = '\r\n\r\n';
const MAX_HEAD = 64 * 1024;

/**
 * The first request in some bytes; null while its end has not come.
 * @throws RangeError for what this relay does not read: a body in chunks, a head that is too long or none
 */
export function wholeRequest(bytes: Buffer): WholeRequest | null {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) {
    if (bytes.length > MAX_HEAD) throw new RangeError('the head of the request is too long');
    return null;
  }
  const head = bytes.toString('latin1', 0, headEnd);
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?/.exec(head) ?? [];
  if (method === undefined || path === undefined) throw new RangeError('this is no HTTP/1.1 request');
  if (/^transfer-encoding:/im.test(head)) throw new RangeError('a body in chunks is not passed on');
  const bodyStart = headEnd + HEAD_END.length;
  const length = bodyStart + Number(/^content-length:[ \t]*(\d+)[ \t]*\r?$/im.exec(head)?.[1] ?? 0);
  return bytes.length < length ? null : { method, path, length, bodyStart };
}
