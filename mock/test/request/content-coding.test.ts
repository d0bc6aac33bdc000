import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import { ApiFailure } from '#src/api/endpoint.js';
import { decoded } from '#src/request/content-coding.js';
import { startFast, type InProcess } from '../support/in-process.js';
import { parseResponses, talk } from '../support/raw-client.js';

const CHAT = JSON.stringify({ model: 'bench-chat', messages: [{ role: 'user', content: 'Hello' }] });
const zstd = (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync;

describe('bodies that come encoded', () => {
  let mock: InProcess;
  before(async () => {
    mock = await startFast(['--max-body', '100000']);
  });
  after(() => mock.stop());

  async function send(body: Uint8Array | string, headers: Record<string, string>, path = '/v1/chat/completions') {
    const response = await fetch(`http://127.0.0.1:${mock.port}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body,
    });
    const text = await response.text();
    const { error } = JSON.parse(text) as { error?: { message: string; type: string } };
    return { status: response.status, message: error?.message, type: error?.type, headers: response.headers };
  }
  const coded = (coding: string, body: Uint8Array) => send(body, { 'Content-Encoding': coding });

  it('are undone, whatever they are encoded with', async () => {
    assert.equal((await coded('gzip', gzipSync(CHAT))).status, 200);
    assert.equal((await coded('X-GZIP', gzipSync(CHAT))).status, 200);
    assert.equal((await coded('deflate', deflateSync(CHAT))).status, 200);
    assert.equal((await coded('deflate', deflateRawSync(CHAT))).status, 200);
    assert.equal((await coded('br', brotliCompressSync(CHAT))).status, 200);
    assert.equal((await coded('gzip, br', brotliCompressSync(gzipSync(CHAT)))).status, 200);
    assert.equal((await coded('identity', Buffer.from(CHAT))).status, 200);
    const known = await coded('zstd', zstd?.(Buffer.from(CHAT)) ?? Buffer.from('?'));
    assert.equal(known.status, zstd === undefined ? 415 : 200);
    if (zstd === undefined) assert.match(known.message ?? '', /'zstd' \(Node \d+\.\d+\.\d+ has none/);
  });

  it('are refused by the name of a coding that is not known', async () => {
    const { status, message, headers } = await coded('lzma', Buffer.from(CHAT));
    assert.deepEqual([status, message?.split('.')[0]], [415, "Unsupported content encoding: 'lzma'"]);
    assert.match(headers.get('accept-encoding') ?? '', /^gzip, deflate, br/);
    assert.equal((await coded('gzip,gzip,gzip,gzip,gzip', gzipSync(CHAT))).status, 415);
  });

  it('that are not what they say are 400, with the coding and not with JSON to blame', async () => {
    for (const coding of ['gzip', 'deflate', 'br']) {
      const { status, message } = await coded(coding, Buffer.from(CHAT));
      assert.equal(status, 400);
      assert.match(message ?? '', new RegExp(`not encoded as its Content-Encoding says: '${coding}'`));
    }
    assert.equal((await coded('gzip', gzipSync(CHAT).subarray(0, 40))).status, 400);
  });

  it('that grow beyond the limit are 413', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    assert.ok(bomb.length < 100_000);
    const { status, message } = await coded('gzip', bomb);
    assert.equal(status, 413);
    assert.match(message ?? '', /larger than 100000 bytes once its content encoding 'gzip' is undone/);
  });

  it('never hold more than the limit', async () => {
    const bomb = gzipSync(gzipSync(Buffer.alloc(400_000_000)));
    const before_ = process.memoryUsage().arrayBuffers;
    await assert.rejects(decoded(bomb, 'gzip, gzip', 1_000_000), (thrown: unknown) => {
      return thrown instanceof ApiFailure && thrown.error.status === 413;
    });
    const grown = process.memoryUsage().arrayBuffers - before_;
    assert.ok(grown < 20_000_000, `${grown} bytes for a limit of 1 MB`);
  });

  it('are answered in turn when they are pipelined', async () => {
    const head = (extra: string, body: Buffer) =>
      Buffer.concat([
        Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\n${extra}Content-Length: ${body.length}\r\n\r\n`),
        body,
      ]);
    const bytes = Buffer.concat([
      head('Content-Encoding: gzip\r\n', gzipSync(CHAT)),
      head('', Buffer.from('{"model":"nope","messages":[{}]}')),
      head('Content-Encoding: none\r\n', Buffer.from(CHAT)),
      head('Content-Encoding: br\r\n', brotliCompressSync(CHAT)),
    ]);
    assert.deepEqual(
      parseResponses(await talk(mock.port, [bytes])).map(({ status }) => status),
      [200, 404, 415, 200],
    );
  });

  it('say it in the words of the provider that is asked', async () => {
    const anthropic = await send(CHAT, { 'Content-Encoding': 'lz4', 'anthropic-version': '1' }, '/v1/messages');
    assert.deepEqual([anthropic.status, anthropic.type], [415, 'invalid_request_error']);
  });
});

describe('bodies in another character set', () => {
  let mock: InProcess;
  before(async () => {
    mock = await startFast();
  });
  after(() => mock.stop());

  async function send(type: string, body: Buffer | string): Promise<[status: number, message: string | undefined]> {
    const response = await fetch(`http://127.0.0.1:${mock.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: body,
    });
    const { error } = (await response.json()) as { error?: { message: string } };
    return [response.status, error?.message];
  }

  it('are refused by its name', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'application/json; charset=us-ascii',
    ])
      assert.deepEqual(await send(type, CHAT), [200, undefined], type);
    const [status, message] = await send('application/json; charset=ISO-8859-1', CHAT);
    assert.deepEqual(
      [status, message],
      [415, "Unsupported charset: 'ISO-8859-1'. This API only accepts JSON in UTF-8."],
    );
    assert.equal((await send('application/json; charset=utf-16', Buffer.from(CHAT, 'utf16le')))[0], 415);
  });

  it('are named when nothing says what they are', async () => {
    for (const [body, is] of [
      [Buffer.from(CHAT, 'utf16le'), 'UTF-16'],
      [Buffer.from(`\ufeff${CHAT}`, 'utf16le'), 'UTF-16'],
      [Buffer.from(`\ufeff${CHAT}`), 'byte order mark'],
      [gzipSync(CHAT), 'compressed with gzip'],
      [Buffer.from(CHAT.replace('{', '{"user":"caf\u00e9",'), 'latin1'), 'not UTF-8'],
      [Buffer.from('["caf\u00e9"]', 'latin1'), 'not UTF-8'],
    ] as const) {
      const [status, message] = await send('application/json', body);
      assert.equal(status, 400);
      assert.match(message ?? '', new RegExp(is));
    }
  });
});
