import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { startFast, type InProcess } from '../support/in-process.js';
import { parseResponses, talk } from '../support/raw-client.js';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const BODY = '{"model":"bench-chat","messages":[{"role":"user","content":"hello"}]}';

function requestOf(body: string | Buffer): Buffer {
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

/** As one chunk, which the fast path leaves to node:http. */
function chunkedOf(body: Buffer): Buffer {
  const head = 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  return Buffer.concat([Buffer.from(`${head}${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

async function answersSoundly(server: InProcess): Promise<void> {
  const [response] = parseResponses(await talk(server.port, [requestOf(BODY)]));
  assert.equal(response?.status, 200);
  assert.match(response.body, /This is a benchmark response\./);
}

describe('a peer that means no good', () => {
  let server: InProcess;
  before(async () => {
    server = await startFast();
  });
  after(() => server.stop());

  it('gets whole responses to any bytes, and the next peer its answer', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('POST /v1/chat/completions HTTP/1.1\r\n', 'Content-Length: 9\r\n', '\r\n', '{"a":1}')
        .map((text) => Buffer.from(text)),
      fc.constant(requestOf(BODY)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async (pieces) => {
        parseResponses(await talk(server.port, pieces));
        await answersSoundly(server);
      }),
      { numRuns: 40 },
    );
  });

  it('that is told to go on with a request which it sent ahead is told so before the answer, not within it', async () => {
    const chunked = chunkedOf(Buffer.from(BODY)).toString();
    const expecting = chunked.replace('Host: a', 'Host: a\r\nExpect: 100-continue');
    const heard = parseResponses(await talk(server.port, [chunked + expecting + chunked]));
    assert.deepEqual(
      heard.map(({ status }) => status),
      [200, 100, 200, 200],
    );
    for (const { status, body } of heard) assert.equal(body.includes('benchmark'), status === 200);
  });

  for (const [way, framed] of [
    ['a length', requestOf],
    ['chunks', chunkedOf],
  ] as const) {
    it(`may send 64 MiB with ${way}, and not a byte more`, async () => {
      const largest = Buffer.alloc(MAX_BODY_BYTES, 'x');
      largest.write(BODY.slice(0, BODY.indexOf('hello')));
      largest.write('"}]}', MAX_BODY_BYTES - 4);
      const [taken] = parseResponses(await talk(server.port, [framed(largest)]));
      assert.equal(taken?.status, 200);
      const [refused] = parseResponses(await talk(server.port, [framed(Buffer.concat([largest, Buffer.from(' ')]))]));
      assert.equal(refused?.status, 413);
      await answersSoundly(server);
    });
  }
});

describe('a server of little patience', () => {
  let server: InProcess;
  // Of this server alone: whatever else is sent on a busy machine may take longer than this.
  before(async () => {
    server = await startFast([], undefined, { headMs: 1000, requestMs: 60_000, checkMs: 100 });
  });
  after(() => server.stop());

  it('times out a head that never ends, while others are answered', async () => {
    const slow = Array.from({ length: 100 }, () => connect(server.port, '127.0.0.1'));
    const heard = slow.map(async (socket) => {
      let text = '';
      socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
      socket.on('error', () => {});
      socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX: ');
      // Single bytes of one value: nothing but its slowness is unusual about it.
      // Each behind a poll of the event loop: a write to a connection that was closed fails, and would lose a 408 not yet read.
      const drip = setInterval(() => setImmediate(() => socket.write('y')), 50);
      await new Promise((resolve) => socket.once('close', resolve));
      clearInterval(drip);
      return text;
    });
    for (let i = 0; i < 5; i++) await answersSoundly(server);
    for (const text of await Promise.all(heard)) assert.match(text, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    await answersSoundly(server);
  });
});
