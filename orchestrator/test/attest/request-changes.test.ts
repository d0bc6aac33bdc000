import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attest } from '#src/attest/attest.js';
import { differences } from '#src/attest/differences.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { newAccount, startProvider } from '../support/provider.js';

type Members = Record<string, unknown>;

/** The notes of an attestation of a target that rewrites what it sends to the mock. */
async function notesOf(name: string, rewrite?: (request: Members) => Members, objects?: string) {
  const account = newAccount();
  const scenario = SCENARIOS.find((candidate) => candidate.name === name) ?? assert.fail(name);
  const mock = await startProvider({ account, ...(objects === undefined ? {} : { objects }) });
  const rewrites = (body: string) => JSON.stringify(rewrite?.(JSON.parse(body) as Members) ?? JSON.parse(body));
  const target = await startProvider({ account, rewrites });
  const asked = (url: string) => ({ url, modelPrefix: '', headers: {} });
  try {
    const attestation = await attest(asked(target.url), asked(mock.url), scenario, new AbortController().signal);
    assert.ok(attestation.state === 'passed');
    return attestation.notes.filter(({ code }) => code === 'request-changed' || code === 'translated');
  } finally {
    await target.close();
    await mock.close();
  }
}

test('a request that arrives as it was sent is nothing to note, whatever the order of its members and its model', async () => {
  assert.deepEqual(await notesOf('chat-minimal'), []);
  const turned = ({ messages, ...rest }: Members) => ({ messages, ...rest, model: 'other' });
  assert.deepEqual(await notesOf('chat-minimal', turned), []);
});

test('what a target adds, drops and changes is noted by its place, and passes', async () => {
  const [note] = await notesOf('chat-minimal', ({ model, messages }) => ({
    model,
    messages: (messages as Members[]).map((message) => ({ ...message, content: [message['content']], name: 'x' })),
    user: 'gateway',
  }));
  assert.match(
    note?.message ?? '',
    /^of each chat-minimal request it adds `messages\[0\]\.name`, `user`, .*changes `messages\[0\]\.content`/,
  );
  assert.equal(note?.evidence?.['added'], 2);
  assert.doesNotMatch(note?.message ?? '', /provider would refuse/);
});

test('what a provider would refuse is said in its words', async () => {
  const [note] = await notesOf('chat-minimal', (request) => ({ ...request, foo: 1 }), "Unknown parameter: 'foo'.");
  assert.match(note?.message ?? '', /adds `foo`; a provider would refuse that: Unknown parameter: 'foo'\.$/);
});

test('a request that is passed on in another format is translated, and its members are not compared by name', async () => {
  const [note, ...more] = await notesOf('messages', (request) => ({ ...request, n: 1 }), "Unknown parameter: 'n'.");
  assert.deepEqual(more, []);
  assert.equal(note?.code, 'translated');
  assert.match(note.message, /^messages → chat: .*a provider would refuse that: Unknown parameter: 'n'\.$/);
});

test('differences go to the bottom, and name what is there once', () => {
  const sent = { a: 1, b: [{ c: 1, d: 2 }], e: { f: null }, model: 'x' };
  assert.deepEqual(differences(sent, { e: { f: null }, b: [{ d: 2, c: 1 }], a: 1.0, model: 'y' }, ['model']), {
    added: [],
    dropped: [],
    changed: [],
  });
  assert.deepEqual(differences(sent, { a: '1', b: [{ c: 1, x: 1 }, 2], e: [] }, ['model']), {
    added: ['b[0].x', 'b[1]'],
    dropped: ['b[0].d'],
    changed: ['a', 'e'],
  });
});
