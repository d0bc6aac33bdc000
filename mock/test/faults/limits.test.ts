import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SharedCounts } from '#src/control/shared-counts.js';
import { RateLimits } from '#src/faults/limits.js';
import { startFast, type InProcess } from '../support/in-process.js';
import { post, startMock } from '../support/started-mock.js';

const CHAT = { model: 'bench-chat', max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] };
const VERSION = { 'anthropic-version': '2023-06-01' };

describe('limits a minute', () => {
  const limitsOf = (limits: object, sinceMs: number, counts = new SharedCounts()) =>
    new RateLimits(limits, performance.now() - sinceMs, (what, by = 1) => Promise.resolve(counts.add(what, by)));

  it('count down, refuse, and are full again with the next minute', async () => {
    const counts = new SharedCounts();
    const first = limitsOf({ rpm: 2 }, 0, counts);
    const [a, b, c] = [await first.take(1), await first.take(1), await first.take(1)];
    assert.deepEqual(
      [a, b, c].map(({ reading }) => reading.requests?.remaining),
      [1, 0, 0],
    );
    assert.deepEqual(
      [a, b, c].map(({ exceeded }) => exceeded),
      [undefined, undefined, 'requests'],
    );
    assert.ok((c.reading.requests?.resetMs ?? 0) > 59_000);
    assert.equal((await limitsOf({ rpm: 2 }, 60_000, counts).take(1)).exceeded, undefined);
  });

  it('count tokens beside requests', async () => {
    const limits = limitsOf({ rpm: 10, tpm: 100 }, 0);
    assert.deepEqual((await limits.take(60)).reading.tokens?.remaining, 40);
    const beyond = await limits.take(60);
    assert.deepEqual([beyond.exceeded, beyond.reading.tokens?.remaining], ['tokens', 0]);
  });
});

describe('a mock with limits', () => {
  let mock: InProcess;
  let url: string;
  before(async () => {
    mock = await startFast(['--rpm', '3', '--tpm', '1000']);
    url = `http://127.0.0.1:${mock.port}`;
  });
  after(() => mock.stop());

  it('tells on every answer what is left, and refuses what is too much in the words of the provider', async () => {
    const left: (string | null)[] = [];
    const tokens: number[] = [];
    for (let i = 0; i < 2; i++) {
      const { status, headers } = await post(url, '/v1/chat/completions', CHAT);
      assert.equal(status, 200);
      left.push(headers.get('x-ratelimit-remaining-requests'));
      tokens.push(Number(headers.get('x-ratelimit-remaining-tokens')));
      assert.match(headers.get('x-ratelimit-reset-requests') ?? '', /^(\d+(\.\d+)?s|1m0s)$/);
    }
    assert.deepEqual(left, ['2', '1']);
    const cost = Math.ceil(JSON.stringify(CHAT).length / 4) + 5;
    assert.deepEqual(tokens, [1000 - cost, 1000 - 2 * cost]);
    const messages = await post(url, '/v1/messages', CHAT, VERSION);
    assert.deepEqual([messages.status, messages.headers.get('anthropic-ratelimit-requests-remaining')], [200, '0']);
    const openai = await post(url, '/v1/chat/completions', CHAT);
    const { error } = (await openai.json()) as { error: { type: string; code: string; message: string } };
    assert.deepEqual([openai.status, error.type, error.code], [429, 'requests', 'rate_limit_exceeded']);
    assert.match(error.message, /requests per min \(RPM\): Limit 3\. Please try again in \d/);
    assert.equal(openai.headers.get('x-ratelimit-remaining-requests'), '0');
    const after_ = Number(openai.headers.get('retry-after'));
    assert.ok(after_ > 0 && after_ <= 60, `${after_}`);
    const anthropic = await post(url, '/v1/messages', CHAT, VERSION);
    const body = (await anthropic.json()) as { error: { type: string } };
    assert.deepEqual([anthropic.status, body.error.type], [429, 'rate_limit_error']);
    const reset = Date.parse(anthropic.headers.get('anthropic-ratelimit-requests-reset') ?? '');
    assert.ok(reset > Date.now() && reset < Date.now() + 62_000, 'full again within the minute');
  });

  it('counts over all workers', async () => {
    const two = await startMock('--workers', '2', '--rpm', '7');
    try {
      const statuses = await Promise.all(
        Array.from({ length: 20 }, async () => (await post(two.url, '/v1/chat/completions', CHAT)).status),
      );
      assert.equal(statuses.filter((status) => status === 200).length, 7);
    } finally {
      await two.stop();
    }
  });
});

describe('headers that tell the state', () => {
  let mock: InProcess;
  let url: string;
  before(async () => {
    mock = await startFast();
    url = `http://127.0.0.1:${mock.port}`;
  });
  after(() => mock.stop());

  const marked = (marker: string, more: object = {}) => ({
    ...CHAT,
    messages: [{ role: 'user', content: `[[bench ${marker}]]` }],
    ...more,
  });

  it('a 429 says that nothing is left, and when there is again', async () => {
    for (const [marker, seconds] of [
      ['fault=rate-limit:7', '7s'],
      ['status=429', '1s'],
    ] as const) {
      const { status, headers } = await post(url, '/v1/chat/completions', marked(marker));
      assert.equal(status, 429);
      assert.equal(headers.get('x-ratelimit-remaining-requests'), '0');
      assert.equal(headers.get('x-ratelimit-reset-requests'), seconds);
      assert.equal(headers.get('x-ratelimit-remaining-tokens'), '999999999');
      const anthropic = await post(url, '/v1/messages', marked(marker), VERSION);
      assert.equal(anthropic.headers.get('anthropic-ratelimit-requests-remaining'), '0');
      assert.ok(Date.parse(anthropic.headers.get('anthropic-ratelimit-requests-reset') ?? '') > Date.now());
    }
  });

  it('the reset of every answer lies ahead of it, plain, streamed and through node:http', async () => {
    for (const more of [{}, { stream: true }]) {
      for (const headers of [VERSION, { ...VERSION, Connection: 'close' }]) {
        const response = await post(url, '/v1/messages', marked('id=a', more), headers);
        assert.equal(response.status, 200);
        for (const what of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
          const reset = response.headers.get(`anthropic-ratelimit-${what}-reset`) ?? '';
          assert.match(reset, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          assert.ok(Date.parse(reset) > Date.parse(response.headers.get('date') ?? ''), reset);
        }
      }
    }
  });

  it('the processing time is the time it took', async () => {
    for (const more of [{}, { stream: true }]) {
      for (const headers of [{}, { Connection: 'close' }]) {
        const tookMs = async (marker: string) => {
          const response = await post(url, '/v1/chat/completions', marked(marker, more), headers);
          await response.text();
          return Number(response.headers.get('openai-processing-ms'));
        };
        assert.ok((await tookMs('ttft=80')) >= 79);
        // Its bytes are reused: what the last one took must not stand on the next.
        assert.equal(await tookMs('id=b'), 0);
      }
    }
  });
});
