import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { otlp } from '#src/sink/otlp.js';
import { createSink } from '#src/sink/server.js';
import type { Sink } from '#src/sink/sink.js';
import { webhook } from '#src/sink/webhook.js';
import { exported, span } from './otlp-messages.js';

const closing: (() => void)[] = [];
after(() => {
  for (const close of closing) close();
});

async function started(sink: Sink): Promise<string> {
  const server = createSink(sink).listen(0, '127.0.0.1');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const counts = async (url: string): Promise<Record<string, unknown>> => {
  const { sinceLastMs, ...others } = (await (await fetch(`${url}/__sink/counts`)).json()) as Record<string, unknown>;
  assert.ok(sinceLastMs === undefined || typeof sinceLastMs === 'number');
  return others;
};

const json = { 'content-type': 'application/json' };

describe('createSink', () => {
  it('takes compressed spans, and tells and resets what came', async () => {
    const url = await started(otlp());
    assert.equal((await fetch(`${url}/health`)).status, 200);
    const body = gzipSync(exported([[[span('POST', '')]]]));
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
    const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
    assert.deepEqual(
      [answer.status, answer.headers.get('content-type'), await answer.text()],
      [200, 'application/x-protobuf', ''],
    );
    const expected = {
      requests: 1,
      bytes: body.length,
      refused: 0,
      elsewhere: 0,
      spans: 1,
      rootSpans: 1,
      metrics: 0,
      logRecords: 0,
      byName: { POST: 1 },
    };
    assert.deepEqual(await counts(url), expected);
    const before = (await (await fetch(`${url}/__sink/reset`, { method: 'POST' })).json()) as { spans: number };
    assert.equal(before.spans, 1);
    assert.deepEqual((await counts(url))['spans'], 0);
    assert.deepEqual((await counts(url))['requests'], 0);
  });

  it('refuses in words what it cannot read, and counts it as refused', async () => {
    const url = await started(otlp());
    const post = (path: string, headers: Record<string, string>, body: string): Promise<Response> =>
      fetch(url + path, { method: 'POST', headers, body });
    const refused: [Response, number, RegExp][] = [
      [await post('/v1/traces', json, '{'), 400, /no JSON/],
      [await post('/v1/traces', { 'content-type': 'text/plain' }, ''), 400, /not OTLP's/],
      [await post('/v1/traces', { ...json, 'content-encoding': 'br' }, ''), 415, /br is not read/],
      [await post('/v1/traces', { ...json, 'content-encoding': 'gzip' }, 'x'), 400, /cannot be read/],
      [await post('/elsewhere', json, '{}'), 404, /nothing is served/],
      [await fetch(`${url}/v1/traces`), 404, /nothing is served/],
      [await fetch(`${url}/__sink/reset`), 405, /POST/],
    ];
    for (const [answer, status, words] of refused) {
      assert.equal(answer.status, status);
      assert.match(((await answer.json()) as { error: string }).error, words);
    }
    const { requests, refused: told, elsewhere } = await counts(url);
    assert.deepEqual([requests, told, elsewhere], [6, 4, 2]);
  });
});

describe('webhook', () => {
  const ask = async (url: string, path: string, text: string): Promise<unknown> =>
    (await fetch(url + path, { method: 'POST', headers: json, body: JSON.stringify({ texts: [text] }) })).json();

  it('answers in the words of whoever asks', async () => {
    const url = await started(webhook({ denyContaining: 'forbidden' }));
    const litellm = '/beta/litellm_basic_guardrail_api';
    assert.deepEqual(await ask(url, litellm, 'good'), { action: 'NONE' });
    assert.deepEqual(await ask(url, litellm, 'forbidden'), {
      action: 'BLOCKED',
      blocked_reason: 'denied by the sink of crabllm-bench',
    });
    assert.deepEqual(await ask(url, '/verdict', 'good'), { verdict: true });
    assert.deepEqual(await ask(url, '/verdict', 'it is forbidden'), { verdict: false });
    const { allowed, denied } = await counts(url);
    assert.deepEqual([allowed, denied], [2, 2]);
  });

  it('denies everything when told to', async () => {
    const url = await started(webhook('deny'));
    assert.deepEqual(await ask(url, '/', 'good'), { verdict: false });
  });
});
