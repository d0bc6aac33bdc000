import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { withoutDigits } from './answer-digits.js';

/** A response as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case names, in the order they came, without those that differ between any two responses or two connections. */
  readonly headers: readonly (readonly [string, string])[];
  /** Decoded of its chunks, its ids without the digits of the answer. */
  readonly body: string;
}

const PER_RESPONSE = new Set([
  'date',
  'x-request-id',
  'request-id',
  'connection',
  'keep-alive',
  'openai-processing-ms',
]);

/** A server that has said nothing for so long, nor in some turns of this event loop behind it, is waiting for more. */
const SILENCE_MS = 200;
/** So many that a server of this process has answered what it had been sent, on a machine that stood still meanwhile. */
const SILENCE_TURNS = 20;

/**
 * Sends these bytes, a turn of the event loop between two pieces; resolves with all that came back until the server closed,
 * or waited for more.
 */
export async function talk(port: number, pieces: readonly (string | Buffer)[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const received: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => received.push(bytes));
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  // A reset is one way to be refused; what came before it is the answer.
  socket.on('error', () => {});
  for (const piece of pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    await turn();
    await turn();
  }
  socket.setTimeout(SILENCE_MS);
  // Whatever comes sets the timer anew.
  socket.on('timeout', () => void endWhenSilent());
  const endWhenSilent = async () => {
    const heardBytes = socket.bytesRead;
    for (let turns = 0; turns < SILENCE_TURNS; turns++) await turn();
    if (socket.bytesRead === heardBytes) socket.end();
  };
  await closed;
  return Buffer.concat(received);
}

/**
 * Takes responses apart.
 * @throws {Error} when the bytes are anything but whole responses
 */
export function parseResponses(bytes: Buffer): RawResponse[] {
  const responses: RawResponse[] = [];
  let rest = bytes.toString('latin1');
  while (rest !== '') {
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd === -1) throw new Error(`not a response: ${JSON.stringify(rest.slice(0, 200))}`);
    const [statusLine = '', ...lines] = rest.slice(0, headEnd).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`not a status line: ${JSON.stringify(statusLine)}`);
    const headers = lines.map((line) => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
    });
    rest = rest.slice(headEnd + 4);
    const chunked = headers.some(([name, value]) => name === 'transfer-encoding' && value === 'chunked');
    const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
    const [body, after] =
      status === 100 ? ['', rest] : chunked ? unchunk(rest) : [take(rest, length), rest.slice(length)];
    rest = after;
    responses.push({ status, headers: headers.filter(([name]) => !PER_RESPONSE.has(name)), body: withoutDigits(body) });
  }
  return responses;
}

function take(text: string, length: number): string {
  if (text.length < length) throw new Error(`a body of ${length} bytes ends after ${text.length}`);
  return text.slice(0, length);
}

function unchunk(text: string): [body: string, rest: string] {
  let body = '';
  let rest = text;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n');
    const size = Number.parseInt(rest.slice(0, lineEnd), 16);
    if (lineEnd === -1 || Number.isNaN(size)) throw new Error(`not a chunk: ${JSON.stringify(rest.slice(0, 80))}`);
    body += take(rest.slice(lineEnd + 2), size);
    if (rest.slice(lineEnd + 2 + size, lineEnd + 4 + size) !== '\r\n') throw new Error('a chunk without its end');
    rest = rest.slice(lineEnd + 4 + size);
    if (size === 0) return [body, rest];
  }
}
