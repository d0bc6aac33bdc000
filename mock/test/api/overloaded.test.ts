import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

const VERSION = { 'anthropic-version': '2023-06-01' };

interface Failure {
  readonly type?: string;
  readonly error: { readonly type: string };
}

function chat(marker: string): object {
  return { model: 'bench-chat', max_tokens: 5, messages: [{ role: 'user', content: `[[bench ${marker}]]` }] };
}

describe('a provider that takes no more requests', () => {
  let mock: StartedMock;
  before(async () => {
    mock = await startMock('--capacity', '1:0');
  });
  after(() => mock.stop());

  /** Takes the only slot, behind a call that still has it when need be; resolves with what gives it back. */
  const takeSlot = async (): Promise<() => Promise<void>> => {
    const held = new AbortController();
    for (;;) {
      const response = await fetch(`${mock.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ ...chat('gap=50 tokens=10000'), stream: true }),
        signal: held.signal,
      });
      if (response.ok) {
        return async () => {
          held.abort();
          await response.text().catch(() => {});
        };
      }
      await response.text();
    }
  };

  const refusedBy = async (path: string, marker: string): Promise<Response> => {
    const giveBack = await takeSlot();
    const refused = await post(mock.url, path, chat(marker), VERSION);
    await giveBack();
    return refused;
  };

  it('says so as OpenAI does', async () => {
    const refused = await refusedBy('/v1/chat/completions', 'id=openai');
    const { error } = (await refused.json()) as Failure;
    assert.deepEqual([refused.status, error.type, refused.headers.get('retry-after')], [503, 'server_error', '1']);
    assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
  });

  it('says so as Anthropic does', async () => {
    const refused = await refusedBy('/v1/messages', 'id=anthropic');
    const { type, error } = (await refused.json()) as Failure;
    assert.deepEqual([refused.status, type, error.type], [529, 'error', 'overloaded_error']);
  });

  it('does not play a fault besides, and counts one', async () => {
    const giveBack = await takeSlot();
    await fetch(`${mock.url}/__bench/mark`, { method: 'POST' });
    const refused = await post(mock.url, '/v1/chat/completions', chat('id=both fault=cut-bytes:20'));
    await giveBack();
    assert.equal(((await refused.json()) as Failure).error.type, 'server_error');
    const health = await (await fetch(`${mock.url}/__bench/health`)).json();
    assert.equal((health as { window: { faults: number } }).window.faults, 1);
    const ledger = await (await fetch(`${mock.url}/__bench/ledger?id=both`)).json();
    assert.deepEqual(
      (ledger as { records: { fault: string; status: number }[] }).records.map(({ fault, status }) => [fault, status]),
      [['overload', 503]],
    );
  });
});

describe('a key that is not the right one, where both providers have the path', () => {
  let mock: StartedMock;
  before(async () => {
    mock = await startMock('--api-key', 'sk-right');
  });
  after(() => mock.stop());

  for (const path of ['/v1/models', '/v1/models/bench-chat']) {
    it(`${path} is refused as the provider that was asked does it`, async () => {
      const anthropic = await fetch(mock.url + path, { headers: { ...VERSION, 'x-api-key': 'wrong' } });
      const { type, error } = (await anthropic.json()) as Failure;
      assert.deepEqual([anthropic.status, type, error.type], [401, 'error', 'authentication_error']);
      const openAi = await fetch(mock.url + path, { headers: { Authorization: 'Bearer wrong' } });
      const body = (await openAi.json()) as Failure;
      assert.deepEqual([openAi.status, body.type, body.error.type], [401, undefined, 'invalid_request_error']);
      const right = await fetch(mock.url + path, { headers: { ...VERSION, 'x-api-key': 'sk-right' } });
      assert.equal(right.status, 200);
      await right.text();
    });
  }
});
