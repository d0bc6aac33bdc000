import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readEvents } from '#src/wire/accept.js';
import fc from 'fast-check';
import { startFast, startSlow, type InProcess } from '../support/in-process.js';
import { parseResponses, talk, type RawResponse } from '../support/raw-client.js';

const CHAT = '{"model":"bench-chat","messages":[{"role":"user","content":"hello"}]';
const BODIES = [
  `${CHAT}}`,
  `${CHAT},"stream":true}`,
  `${CHAT} , "stream" : true , "stream_options":{"include_usage":true},"max_tokens":3}`,
  `${CHAT},"max_tokens":2000}`,
  `${CHAT.replace('hello', '[[bench id=a-1 tokens=2]] \\"stream\\": true')}}`,
  `${CHAT.replace('hello', '[[bench status=429]]')}}`,
  `${CHAT.replace('hello', '[[bench nonsense]]')}}`,
  `${CHAT.replace('hello', 'Zażółć gęślą jaźń 🦀')}}`,
  '{"model":"bench-embed","input":"hello","dimensions":8}',
  '{"model":"nope","messages":[{}]}',
  '{"model":"bench-chat"}',
  '[]',
  '{"model":',
  '',
];
const PATHS = [
  '/v1/chat/completions',
  '/v1/embeddings',
  '/v1/chat/completions?api-version=1',
  '/v1/nothing',
  '/v1/models',
];

/** A last request that makes node:http answer and close whatever came before it. */
const SENTINEL = 'GET /v1/models/sentinel HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

const caseOf = fc.constantFrom(
  (name: string) => name,
  (name: string) => name.toLowerCase(),
  (name: string) => name.toUpperCase(),
);

/** A request that any client could send. */
const request = fc
  .record({
    path: fc.constantFrom(...PATHS),
    body: fc.constantFrom(...BODIES),
    get: fc.boolean(),
    styled: caseOf,
    space: fc.constantFrom('', ' ', '\t ', '  '),
    extra: fc.subarray([
      'Accept: */*',
      'User-Agent: test/1.0',
      'Authorization: Bearer sk-0123456789',
      'Connection: keep-alive',
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'X-Bench: tokens=4',
      'Cookie: a=b',
      'Cookie: c=d',
      'X-Odd: \u00ff\u0080',
      'X-Empty:',
    ]),
    unusual: fc.option(fc.constantFrom('Connection: close', 'Connection: upgrade', 'Upgrade: h2c', 'TE: trailers'), {
      freq: 8,
    }),
  })
  .map(({ path, body, get, styled, space, extra, unusual }) => {
    const length = get ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
    const lines = ['Host: a', ...extra, ...(unusual === null ? [] : [unusual]), ...length].map((line) => {
      const colon = line.indexOf(':');
      return `${styled(line.slice(0, colon))}:${space}${line.slice(colon + 1).trimStart()}${space}`;
    });
    const head = `${get ? 'GET' : 'POST'} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(get ? '' : body)]);
  });

let fast: InProcess;
let events: InProcess;
let slow: InProcess;

before(async () => {
  [fast, events, slow] = await Promise.all([startFast(), startFast([], readEvents), startSlow()]);
});

after(() => {
  for (const server of [fast, events, slow]) server.stop();
});

describe('the fast path answers as node:http does', () => {
  test('any request, in any pieces, and the next one on its connection', async () => {
    const pieces = fc.tuple(fc.array(request, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(), { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(pieces, async ([requests, cuts]) => {
        const bytes = Buffer.concat([...requests, Buffer.from(SENTINEL)]);
        const cut = cutAt(bytes, cuts);
        const expected = parseResponses(await talk(slow.port, cut));
        assertSame(parseResponses(await talk(fast.port, cut)), expected);
        assertSame(parseResponses(await talk(events.port, cut)), expected);
      }),
      { numRuns: 150 },
    );
  });

  test('a request cut between any two bytes', async () => {
    const bytes = Buffer.from(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${BODIES[0]?.length}\r\n\r\n${BODIES[0]}`,
    );
    const whole = parseResponses(await talk(slow.port, [bytes, SENTINEL]));
    assert.equal(whole[0]?.status, 200);
    const answers = Array.from({ length: bytes.length - 1 }, (_, i) =>
      talk(fast.port, [bytes.subarray(0, i + 1), bytes.subarray(i + 1), SENTINEL]),
    );
    for (const answer of await Promise.all(answers)) assert.deepEqual(parseResponses(answer), whole);
  });

  // By itself: node:http sends the 100 as soon as it has read the head, also before answers that it still owes.
  test('a request that waits for a 100', async () => {
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n`;
    const bytes = [`${head}Content-Length: ${BODIES[0]?.length}\r\n\r\n`, BODIES[0] as string, SENTINEL];
    const expected = parseResponses(await talk(slow.port, bytes));
    assert.deepEqual(
      expected.map(({ status }) => status),
      [100, 200, 404],
    );
    assert.deepEqual(parseResponses(await talk(fast.port, bytes)), expected);
  });

  test('a damaged head', async () => {
    const damage = fc.record({
      request,
      at: fc.nat(),
      remove: fc.nat(2),
      insert: fc.constantFrom(
        '',
        ' ',
        '\t',
        '\r',
        '\n',
        '\r\n',
        '\r\n ',
        ':',
        '\0',
        '\x7f',
        '\u0080',
        'a',
        '0',
        '-',
        '+',
        ',',
      ),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ request: bytes, at, remove, insert }) => {
        const headEnd = bytes.indexOf('\r\n\r\n') + 4;
        const cut = at % headEnd;
        const rest = bytes.subarray(cut + remove);
        const damaged = [Buffer.concat([bytes.subarray(0, cut), Buffer.from(insert, 'latin1'), rest]), SENTINEL];
        const expected = parseResponses(await talk(slow.port, damaged));
        assertSame(parseResponses(await talk(fast.port, damaged)), expected);
      }),
      { numRuns: 400 },
    );
  });
});

describe('what could smuggle a request is left to node:http', () => {
  const body = 'GET /v1/models/smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const length = `Content-Length: ${body.length}`;
  const heads: Record<string, string> = {
    'two equal lengths': `Host: a\r\n${length}\r\n${length}`,
    'two different lengths': `Host: a\r\n${length}\r\nContent-Length: 0`,
    'a list of lengths': `Host: a\r\nContent-Length: ${body.length}, ${body.length}`,
    'a length with a sign': `Host: a\r\nContent-Length: +${body.length}`,
    'a hexadecimal length': `Host: a\r\nContent-Length: 0x2d`,
    'an endless length': `Host: a\r\nContent-Length: 99999999999999999999`,
    'a length and chunks': `Host: a\r\n${length}\r\nTransfer-Encoding: chunked`,
    'an unknown transfer coding': `Host: a\r\nTransfer-Encoding: xchunked`,
    'a folded transfer coding': `Host: a\r\nTransfer-Encoding:\r\n chunked\r\n${length}`,
    'a space before the colon': `Host: a\r\nContent-Length : ${body.length}`,
    'a folded line': `Host: a\r\nX-A: b\r\n c\r\n${length}`,
    'a bare line feed': `Host: a\n${length}`,
    'a bare carriage return': `Host: a\r${length}\r\n${length}`,
    'a NUL in a value': `Host: a\0\r\n${length}`,
    'no host': length,
    'two hosts': `Host: a\r\nHost: b\r\n${length}`,
    'an empty name': `Host: a\r\n: b\r\n${length}`,
  };
  for (const [name, head] of Object.entries(heads)) {
    test(name, async () => {
      const bytes = [`POST /v1/nothing HTTP/1.1\r\n${head}\r\n\r\n${body}`];
      const expected = parseResponses(await talk(slow.port, bytes));
      assertSame(parseResponses(await talk(fast.port, bytes)), expected);
    });
  }

  test('a head of 16 kB and one that is too large', async () => {
    for (const size of [9000, 14_000, 60_000]) {
      const bytes = [`GET /v1/models HTTP/1.1\r\nHost: a\r\nX-Large: ${'a'.repeat(size)}\r\n\r\n`, SENTINEL];
      const expected = parseResponses(await talk(slow.port, bytes));
      assert.deepEqual(parseResponses(await talk(fast.port, bytes)), expected);
    }
  });
});

/**
 * Both must give the same answers. Where both refuse what comes in the end, one may have answered more of what came before:
 * node:http drops answers it still owes when it meets an error in the same read. And a peer that stops in the middle is
 * told so by node:http (400), where the fast path just closes as the peer did.
 */
function assertSame(actual: readonly RawResponse[], expected: readonly RawResponse[]): void {
  const [a, e] = [withoutRefusal(actual), withoutRefusal(expected)];
  const bothRefuse = refuses(actual) && refuses(expected);
  const shared = bothRefuse ? Math.min(a.length, e.length) : undefined;
  assert.deepEqual(a.slice(0, shared), e.slice(0, shared));
}

/** node:http's own 400 has no body and no headers but those that differ anyway. */
function refuses(responses: readonly RawResponse[]): boolean {
  const last = responses.at(-1);
  return last?.status === 400 && last.headers.length === 0;
}

function withoutRefusal(responses: readonly RawResponse[]): readonly RawResponse[] {
  return refuses(responses) ? responses.slice(0, -1) : responses;
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end));
}
