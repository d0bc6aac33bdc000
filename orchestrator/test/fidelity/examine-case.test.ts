import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson, text as readText } from 'node:stream/consumers';
import { test } from 'node:test';
import { FIDELITY_CASES } from '#src/fidelity/cases.js';
import { examineCase } from '#src/fidelity/examine-case.js';
import { type JsonMembers, textOf } from '#src/fidelity/json-place.js';
import type { CaseFidelity, Passage } from '#src/fidelity/result.js';
import { Witness } from '#src/fidelity/witness.js';
import { freePort } from '#src/runtime/port.js';

/** What a gateway makes of a request, or the status with which it refuses it. */
interface Relay {
  readonly request?: (body: JsonMembers) => JsonMembers | number;
  readonly answer?: (body: JsonMembers) => JsonMembers;
  /** Where it asks the provider, where that is another path than the client's. */
  readonly path?: string;
  readonly streamEnd?: (text: string) => string;
}

/** A case as it is seen through a gateway that does this. */
async function seenThrough(name: string, { request, answer, path, streamEnd }: Relay): Promise<CaseFidelity> {
  const one = FIDELITY_CASES.find((each) => each.name === name) ?? assert.fail(name);
  const witness = await Witness.start(await freePort());
  const server = http.createServer((asked, answered) => {
    void (async () => {
      const body = request?.((await readJson(asked)) as JsonMembers) ?? null;
      if (typeof body === 'number') return answered.writeHead(body).end('{"error":{"message":"not with me"}}');
      const headers = { 'content-type': 'application/json', traceparent: asked.headers['traceparent'] ?? '' };
      const outward = http.request(witness.url + (path ?? asked.url), { method: 'POST', headers });
      outward.end(JSON.stringify(body));
      const [got] = (await once(outward, 'response')) as [http.IncomingMessage];
      const words = await readText(got);
      const isStream = got.headers['content-type'] === 'text/event-stream';
      const told = isStream
        ? (streamEnd?.(words) ?? words)
        : JSON.stringify(answer?.(JSON.parse(words) as JsonMembers) ?? JSON.parse(words));
      return answered
        .writeHead(
          got.statusCode ?? 500,
          got.headers['retry-after'] === undefined ? {} : { 'retry-after': got.headers['retry-after'] },
        )
        .end(told);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await examineCase({ url, modelPrefix: 'own/', headers: {} }, one, witness, new AbortController().signal);
  } finally {
    server.closeAllConnections();
    server.close();
    await witness.close();
  }
}

const unprefixed = (body: JsonMembers): JsonMembers => ({ ...body, model: textOf(body['model']).replace('own/', '') });
const without = (body: JsonMembers, name: string): JsonMembers =>
  Object.fromEntries(Object.entries(body).filter(([each]) => each !== name));
const notKept = ({ fields }: Passage): string[] =>
  fields.filter(({ state }) => state !== 'kept').map(({ field, state }) => `${field}: ${state}`);

function seen(found: CaseFidelity) {
  assert.equal(found.state, 'seen', JSON.stringify(found));
  return found;
}

test('a gateway that hands everything on loses nothing but the headers that it drops', async () => {
  const found = seen(await seenThrough('chat', { request: unprefixed }));
  assert.deepEqual(notKept(found.request), [
    'header openai-organization: lost',
    'header openai-project: lost',
    'header idempotency-key: lost',
    'header x-request-id: lost',
  ]);
  assert.deepEqual(notKept(found.answer), [
    'header x-request-id: lost',
    'header openai-processing-ms: lost',
    'header x-ratelimit-remaining-tokens: lost',
  ]);
  assert.deepEqual([found.request.added, found.answer.added, found.notes], [[], [], []]);
});

test('what a gateway drops, changes and adds on either way is found', async () => {
  const found = seen(
    await seenThrough('chat', {
      request: (body) => ({ ...without(unprefixed(body), 'seed'), temperature: 1, n: 1, own: 'mark' }),
      answer: (body) => ({ ...without(body, 'system_fingerprint'), created: 1, provider: 'me' }),
    }),
  );
  const request = notKept(found.request).filter((line) => !line.startsWith('header '));
  assert.deepEqual(request, ['temperature: changed', 'seed: lost', 'n: changed']);
  assert.deepEqual(found.request.added, ['own']);
  const answer = notKept(found.answer).filter((line) => !line.startsWith('header '));
  assert.deepEqual(answer, ['created: changed', 'system_fingerprint: lost']);
  assert.deepEqual(found.answer.added, ['provider']);
});

test('a member that is refused is named, and hides nothing of the others', async () => {
  const found = seen(
    await seenThrough('chat', {
      request: (body) => ('verbosity' in body || 'top_k' in body ? 400 : without(unprefixed(body), 'top_p')),
    }),
  );
  const request = found.request.fields.filter(({ state, field }) => state !== 'kept' && !field.startsWith('header '));
  assert.deepEqual(
    request.map(({ field, state }) => `${field}: ${state}`),
    ['top_p: lost', 'verbosity: refused', 'top_k: refused'],
  );
  assert.match(request.at(-1)?.detail ?? '', /^status 400, and the provider was not asked: .*not with me/);
});

test('a stream that lost its end is told from one that has it', async () => {
  const cut = seen(
    await seenThrough('chat-stream', {
      request: unprefixed,
      streamEnd: (text) => text.replace('data: [DONE]\n\n', ''),
    }),
  );
  assert.deepEqual(
    notKept(cut.answer).filter((line) => !line.startsWith('header ')),
    ['DONE: lost'],
  );
});

test('a question that is asked in another format is judged as a translation', async () => {
  const found = seen(
    await seenThrough('messages', {
      path: '/v1/chat/completions',
      request: ({ max_tokens: most, messages, temperature }) => ({
        model: 'bench-chat',
        max_tokens: most ?? 0,
        messages: messages ?? [],
        temperature: temperature ?? null,
      }),
      answer: ({ id, model, choices, usage, ...rest }) => {
        if (choices === undefined) return rest;
        const [choice] = choices as unknown as { message: { content: string }; finish_reason: string }[];
        const counted = usage as { prompt_tokens: number; completion_tokens: number };
        return {
          id: id ?? '',
          type: 'message',
          role: 'assistant',
          model: model ?? '',
          content: [{ type: 'text', text: choice?.message.content ?? '' }],
          stop_reason: choice?.finish_reason === 'length' ? 'max_tokens' : 'end_turn',
          usage: { input_tokens: counted.prompt_tokens, output_tokens: counted.completion_tokens },
        };
      },
    }),
  );
  assert.deepEqual([found.asked, found.passedOn], ['messages', 'chat']);
  const request = notKept(found.request);
  for (const line of [
    'top_p: lost',
    'top_k: no-place',
    'stop_sequences: lost',
    'thinking: lost',
    'metadata.user_id: lost',
  ])
    assert.ok(request.includes(line), `${line} in ${request.join(', ')}`);
  const answer = found.answer.fields.map(({ field, state }) => `${field}: ${state}`);
  for (const line of [
    'choices[0].message.content: moved',
    'choices[0].finish_reason: moved',
    'choices[0].finish_reason (length): moved',
    'choices[0].finish_reason (filtered): lost',
    'choices[0].message.annotations: lost',
    'system_fingerprint: no-place',
    'usage.prompt_tokens: moved',
    'header :status (error 429): kept',
    'header retry-after (error 429): kept',
  ])
    assert.ok(answer.includes(line), `${line} in ${answer.join(', ')}`);
});

test('nothing is said of a case that is not offered, fails, or is answered by somebody else', async () => {
  const refused = await seenThrough('chat', { request: () => 404 });
  assert.equal(refused.state, 'not-offered');
  const failed = await seenThrough('chat', { request: () => 500 });
  assert.ok(
    failed.state === 'failed' && /^status 500: .*not with me/.test(failed.reason.message),
    JSON.stringify(failed),
  );
  const foreign = await seenThrough('chat', { request: () => 200 });
  assert.ok(foreign.state === 'failed' && foreign.reason.code === 'foreign-upstream', JSON.stringify(foreign));
});

test('a provider that cannot listen says which port, and what to do', async () => {
  const port = await freePort();
  const first = await Witness.start(port);
  try {
    await assert.rejects(Witness.start(port), (thrown: Error) => thrown.message.includes(`127.0.0.1:${port}`));
  } finally {
    await first.close();
  }
});
