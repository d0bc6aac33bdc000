import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ResponseParser } from '#src/load/native/response-parser.js';

interface Read {
  readonly status: number;
  readonly body: string;
  readonly state: string;
  readonly keepAlive: boolean;
  readonly problem: string;
  readonly used: number;
}

/** Reads one answer from pieces, each in a buffer that is overwritten afterwards, as a connection's is. */
function read(pieces: readonly Uint8Array[], close = false): Read {
  let status = 0;
  const body: Buffer[] = [];
  const parser = new ResponseParser({
    onHead: (value) => {
      status = value;
    },
    onBody: (bytes, start, end) => body.push(Buffer.from(bytes.subarray(start, end))),
  });
  let used = 0;
  for (const piece of pieces) {
    const shared = Uint8Array.from(piece);
    used += parser.push(shared, 0, shared.length);
    shared.fill(120);
  }
  if (close) parser.finish();
  const { state, keepAlive, problem } = parser;
  return { status, body: Buffer.concat(body).toString(), state, keepAlive, problem, used };
}

function whole(text: string, close = false): Read {
  return read([Buffer.from(text)], close);
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((p) => p % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('the response parser', () => {
  const good: [string, string, Partial<Read>][] = [
    ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, { status: 200, body: 'hello', keepAlive: true }],
    ['no body', `${OK}content-length: 0\r\n\r\n`, { body: '' }],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
    ['304 with a length', 'HTTP/1.1 304 X\r\ncontent-length: 9\r\n\r\n', { status: 304, body: '' }],
    ['an empty reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', { status: 200 }],
    ['chunks', `${OK}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n`, { body: 'hello!' }],
    ['trailers', `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\n`, { body: 'a' }],
    [
      '100 before it',
      `HTTP/1.1 100 Continue\r\ncontent-length: 3\r\n\r\n${OK}content-length: 1\r\n\r\na`,
      { status: 200, body: 'a' },
    ],
    ['connection: close', `${OK}Connection: Close\r\ncontent-length: 0\r\n\r\n`, { keepAlive: false }],
    [
      'close before keep-alive',
      `${OK}Connection: close, keep-alive\r\ncontent-length: 0\r\n\r\n`,
      { keepAlive: false },
    ],
    [
      'close on an earlier line',
      `${OK}connection: close\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n`,
      { keepAlive: false },
    ],
    [
      'close, HTTP/1.0',
      'HTTP/1.0 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n',
      { keepAlive: false },
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n', { keepAlive: false }],
    ['HTTP/1.0 kept', 'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n', { keepAlive: true }],
    ['the same length twice', `${OK}content-length: 1\r\ncontent-length: 1\r\n\r\na`, { body: 'a' }],
    ['a length in blanks', `${OK}content-length: \t1 \r\n\r\na`, { body: 'a' }],
  ];
  for (const [name, text, expected] of good) {
    it(`reads ${name}`, () => {
      const result = whole(text);
      assert.equal(result.state, 'complete', result.problem);
      assert.equal(result.used, Buffer.byteLength(text));
      assert.deepEqual({ ...result, ...expected }, result);
    });
  }

  const bad: [string, string, string][] = [
    ['another protocol', 'SSH-2.0-x\r\n', 'no HTTP/1.1 status line'],
    ['HTTP/2', 'HTTP/2 200 OK\r\n', 'no HTTP/1.1 status line'],
    ['status 999', 'HTTP/1.1 999 X\r\n', 'a status that is no HTTP status'],
    ['a bare LF', 'HTTP/1.1 200 OK\n', 'a line that ends without a carriage return'],
    ['a bare CR', `${OK}a: b\rc: d\r\n`, 'a carriage return inside a line'],
    ['a folded header', `${OK}a: b\r\n c\r\n`, 'a malformed header line'],
    ['a blank before the colon', `${OK}content-length : 1\r\n`, 'a malformed header line'],
    ['a header without a name', `${OK}: 1\r\n`, 'a malformed header line'],
    ['a signed length', `${OK}content-length: +1\r\n`, 'a content length that is no number'],
    ['a list of lengths', `${OK}content-length: 1, 1\r\n`, 'a content length that is no number'],
    ['an empty length', `${OK}content-length: \r\n`, 'a content length that is no number'],
    ['two lengths', `${OK}content-length: 1\r\ncontent-length: 2\r\n`, 'two different content lengths'],
    [
      'length and chunks',
      `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n`,
      'a content length beside chunked coding',
    ],
    ['gzip', `${OK}content-encoding: gzip\r\n`, 'an answer encoded with gzip, which was not asked for'],
    ['two codings', `${OK}Content-Encoding: br, GZIP\r\n`, 'an answer encoded with br, gzip, which was not asked for'],
    ['a transfer coding', `${OK}transfer-encoding: gzip, chunked\r\n`, 'a transfer coding other than chunked'],
    [
      'chunks in HTTP/1.0',
      'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'a transfer coding in an HTTP/1.0 answer',
    ],
    ['a bad chunk size', `${OK}transfer-encoding: chunked\r\n\r\n-1\r\n`, 'a chunk size that is no hexadecimal number'],
    [
      'an empty chunk size',
      `${OK}transfer-encoding: chunked\r\n\r\n\r\n`,
      'a chunk size that is no hexadecimal number',
    ],
    ['too long a chunk', `${OK}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`, 'a chunk longer than its size'],
    ['an upgrade', 'HTTP/1.1 101 X\r\n\r\n', 'a switch of protocols that was not asked for'],
    ['an endless head', `${OK}${'a: b\r\n'.repeat(20_000)}`, 'too long a head'],
  ];
  for (const [name, text, problem] of bad) {
    it(`refuses ${name}`, () => {
      const result = whole(text);
      assert.equal(result.state, 'failed');
      assert.equal(result.problem, problem);
    });
  }

  it('takes a body without a length until the close, and only then', () => {
    assert.equal(whole(`${OK}\r\nabc`).state, 'partial');
    assert.deepEqual(whole(`${OK}\r\nabc`, true), {
      ...whole(`${OK}\r\nabc`, true),
      state: 'complete',
      body: 'abc',
      keepAlive: false,
    });
    assert.equal(whole(`${OK}content-length: 4\r\n\r\nabc`, true).state, 'partial');
  });

  it('leaves what is behind the answer', () => {
    const result = whole(`${OK}content-length: 1\r\n\r\naHTTP`);
    assert.equal(result.state, 'complete');
    assert.equal(result.used, `${OK}content-length: 1\r\n\r\na`.length);
  });

  it('reads the same however the bytes are split', () => {
    const texts = [...good.map(([, text]) => text), ...bad.map(([, text]) => text).filter((text) => text.length < 500)];
    for (const text of texts) {
      const expected = whole(text);
      const bytes = Buffer.from(text);
      for (let place = 0; place <= bytes.length; place++) {
        const result = read(cut(bytes, [place]));
        assert.deepEqual({ ...result, used: 0 }, { ...expected, used: 0 });
      }
      assert.deepEqual({ ...read(cut(bytes, [...bytes.keys()])), used: 0 }, { ...expected, used: 0 });
    }
  });

  it('gives back any chunked body, however it is cut into chunks and reads', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 12 }), (chunks, places) => {
        const parts = chunks.flatMap((data) => [
          Buffer.from(`${data.length.toString(16)}\r\n`),
          data,
          Buffer.from('\r\n'),
        ]);
        const bytes = Buffer.concat([
          Buffer.from(`${OK}transfer-encoding: chunked\r\n\r\n`),
          ...parts,
          Buffer.from('0\r\n\r\n'),
        ]);
        const result = read(cut(bytes, places));
        assert.equal(result.state, 'complete');
        assert.equal(result.body, Buffer.concat(chunks).toString());
      }),
    );
  });

  it('never throws, and never reads on after a failure', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, behindHead) => {
        const head = behindHead ? `${OK}transfer-encoding: chunked\r\n\r\n` : '';
        const result = read([Buffer.from(head), noise, noise]);
        assert.ok(['idle', 'partial', 'complete', 'failed'].includes(result.state));
      }),
    );
  });
});
