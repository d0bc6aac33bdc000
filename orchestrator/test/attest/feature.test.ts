import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { type Proof, noteOf } from '#src/attest/feature/proof.js';
import { prove, proveChanged } from '#src/attest/feature/prove.js';
import type { FeatureProof } from '#src/catalogue/feature.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';

const chat = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();
const never = new AbortController().signal;
const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

type Answerer = (asked: {
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}) => Promise<readonly [status: number, body: string]> | readonly [status: number, body: string];

async function listening(answer: Answerer): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const [status, text] = await answer({ path: request.url ?? '', body, headers: request.headers });
      response.writeHead(status).end(text);
    })();
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const idIn = (body: string): string => /\[\[bench id=(\w+)/.exec(body)?.[1] ?? '';
const ANSWER = JSON.stringify({
  model: 'bench-chat',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
});

/** A mock that remembers what it was asked, and a gateway in front of it with features that are on, or were misspelt. */
async function gateway(on: {
  readonly key?: string;
  readonly refusal?: number;
  readonly limit?: number;
  readonly logs?: boolean;
  readonly counts?: boolean;
  readonly caches?: boolean;
  readonly paths?: (asked: number) => string;
  readonly calls?: boolean;
  /** Calls reach the sink so long behind the answer. */
  readonly batchMs?: number;
  readonly processes?: readonly string[];
  readonly cpuUs?: () => number;
}) {
  const seen: { id: string; path: string; body: string }[] = [];
  const mockUrl = await listening(({ path, body }) => {
    const id = new URL(path, 'http://mock').searchParams.get('id');
    const own = seen.filter((one) => one.id === id);
    if (path.startsWith('/__bench/ledger'))
      return [200, JSON.stringify({ records: own.map(() => ({ id, frames: 1 })) })];
    if (path.startsWith('/__bench/received'))
      return [200, JSON.stringify({ received: own.map((one) => ({ ...one, method: 'POST' })) })];
    seen.push({ id: idIn(body), path, body });
    return [200, ANSWER];
  });
  const printed: string[] = [];
  let [asked, called] = [0, 0];
  const kept = new Set<string>();
  const url = await listening(async ({ path, body, headers }) => {
    if (path === '/metrics') return [200, `# TYPE n counter\nn{status="200"} ${on.counts === true ? asked : 0}\n`];
    if (path === '/counts') return [200, JSON.stringify({ allowed: called })];
    if (on.key !== undefined && headers.authorization !== `Bearer ${on.key}`) return [on.refusal ?? 401, '{}'];
    if (on.limit !== undefined && asked >= on.limit) return [429, '{}'];
    asked += 1;
    if (on.logs === true) printed.push(`\u001b[2mrequest\u001b[0m completed`);
    if (on.calls === true) called += 1;
    if (on.batchMs !== undefined) setTimeout(() => (called += 1), on.batchMs);
    if (on.caches === true && kept.has(body)) return [200, ANSWER];
    kept.add(body);
    const { fetch } = globalThis;
    const answer = await fetch(mockUrl + (on.paths?.(asked) ?? path), { method: 'POST', body });
    return [answer.status, await answer.text()];
  });
  const asks = (headers: Readonly<Record<string, string>> = {}) => ({
    target: { url, modelPrefix: '', headers },
    mock: { url: mockUrl, modelPrefix: '', headers: {} },
    origin: url,
    logs: async () => printed.join('\n'),
    processes: async () => on.processes ?? null,
    cpuUs: async () => on.cpuUs?.() ?? null,
  });
  return { asks, url };
}

type Features = Parameters<typeof gateway>[0];

async function proofOf(on: Features, proof: FeatureProof, changed = false): Promise<Proof | null> {
  const { asks } = await gateway(on);
  const subject = asks({ Authorization: 'Bearer right' });
  return changed
    ? proveChanged(subject, proof.by as 'limit' | 'other-provider', chat, never)
    : prove(subject, proof, chat, never);
}

const change = { from: 'a', to: 'b' };

/** What is proved how, with the feature on; and what is said where a misspelt key left it off. */
const CASES: readonly (readonly [string, FeatureProof, Features, Features, RegExp, boolean?])[] = [
  [
    'a key check',
    { by: 'wrong-key', header: 'authorization' },
    { key: 'right' },
    {},
    /a wrong key is answered with status 200/,
  ],
  [
    'a key check that refuses in words of its own',
    { by: 'wrong-key', header: 'authorization', status: 400 },
    { key: 'right', refusal: 400 },
    { key: 'right', refusal: 401 },
    /a wrong key is answered with status 401/,
  ],
  [
    'several workers',
    { by: 'processes', match: 'worker$', count: 2 },
    { processes: ['gw master', 'gw worker', 'gw worker'] },
    { processes: ['gw master', 'gw worker'] },
    /processes that match worker\$: 1, and not 2/,
  ],
  ['a limit', { by: 'limit', change }, { limit: 1 }, {}, /with a limit of 1 it answers 5 requests/, true],
  ['a log', { by: 'log-lines', match: '^request completed$', delayMs: 0 }, { logs: true }, {}, /0 more for 5 requests/],
  ['metrics', { by: 'scrape', path: '/metrics', match: '^n\\{' }, { counts: true }, {}, /0 more for 5 requests/],
  ['a cache', { by: 'cache-hit' }, { caches: true }, {}, /of 3 equal requests 3 reached the mock/],
  ['a cache that is missed', { by: 'cache-miss' }, { caches: true }, {}, /of 3 equal requests 3 reached the mock/],
  [
    'a second provider that stands by',
    { by: 'other-provider', change },
    { paths: () => '/openai/v1/chat/completions' },
    {},
    /with the first provider down the second got 0 of 3 requests/,
    true,
  ],
  [
    'a first provider that is asked',
    { by: 'other-provider', change },
    {},
    { paths: () => '/openai/v1/chat/completions' },
    /of 3 requests the first provider got 0/,
  ],
  [
    'two providers by turns',
    { by: 'both-providers' },
    { paths: (asked) => (asked % 2 === 0 ? '/openai/v1/chat/completions' : '/v1/chat/completions') },
    {},
    /20 requests all went to \/v1\/chat\/completions/,
  ],
];

for (const [what, proof, on, misspelt, why, changed] of CASES)
  test(`${what} is proved (${proof.by}), and is not where it was left off`, async () => {
    assert.equal((await proofOf(on, proof, changed))?.state, 'proved');
    const without = await proofOf(misspelt, proof, changed);
    assert.ok(without?.state === 'unproved');
    assert.match(without.why, why);
    assert.equal(noteOf('it', without).code, 'feature-unproved');
  });

test('calls of a sink are counted, and a count that is not there is named', async () => {
  const on = await gateway({ calls: true });
  const by = (field: string): FeatureProof => ({ by: 'calls', url: `${on.url}/counts`, field, delayMs: 0 });
  assert.equal((await prove(on.asks(), by('allowed'), chat, never))?.state, 'proved');
  const other = await prove(on.asks(), by('alowed'), chat, never);
  assert.ok(other?.state === 'unproved');
  assert.match(other.why, /has no count alowed/);
  const off = await gateway({});
  const none = await prove(
    off.asks(),
    { by: 'calls', url: `${off.url}/counts`, field: 'allowed', delayMs: 0 },
    chat,
    never,
  );
  assert.match(none?.state === 'unproved' ? none.why : '', /0 more for 5 requests/);
});

test('an entry without the header whose key could be wrong is not called proved, and a limit needs an instance of its own', async () => {
  const { asks } = await gateway({ key: 'right' });
  const proof = await prove(asks(), { by: 'wrong-key', header: 'x-api-key' }, chat, never);
  assert.match(proof?.state === 'unproved' ? proof.why : '', /sends no header x-api-key/);
  assert.equal(await prove(asks(), { by: 'limit', change }, chat, never), null);
});

test('a target that answers with errors leaves its feature unproved, in its own words', async () => {
  const { asks } = await gateway({ key: 'another' });
  const proof = await prove(asks(), { by: 'log-lines', match: 'x', delayMs: 0 }, chat, never);
  assert.match(proof?.state === 'unproved' ? proof.why : '', /status 401/);
});

test('workers count once they are through with their start, and only where processes can be seen', async () => {
  const proof: FeatureProof = { by: 'processes', match: 'worker', count: 1 };
  let looks = 0;
  // All of one CPU at the first look, as a program that loads; then nothing.
  const cpuUs = (): number => {
    looks += 1;
    return looks < 3 ? looks * 1e9 : 2e9;
  };
  const { asks } = await gateway({ processes: ['gw worker'], cpuUs });
  assert.equal((await prove(asks(), proof, chat, never))?.state, 'proved');
  assert.equal(looks, 3);
  const blind = await prove((await gateway({})).asks(), proof, chat, never);
  assert.match(blind?.state === 'unproved' ? blind.why : '', /cannot be seen here/);
});

test('what is sent in batches is waited for as long as it may be kept, before and behind what is counted', async () => {
  const { asks, url } = await gateway({ batchMs: 300 });
  const by = (delayMs: number): FeatureProof => ({ by: 'calls', url: `${url}/counts`, field: 'allowed', delayMs });
  const proof = await prove(asks(), by(600), chat, never);
  assert.equal(proof?.state === 'proved' ? proof.evidence['more'] : proof?.why, 5);
});
