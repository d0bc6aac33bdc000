import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskedTarget, attest } from '#src/attest/attest.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { type Sins, startProvider } from '../support/provider.js';

const scenario = (name: string) => SCENARIOS.find((candidate) => candidate.name === name) ?? assert.fail(name);
const asked = (url: string): AskedTarget => ({ url, modelPrefix: '', headers: {} });
const never = new AbortController().signal;

async function attestSinner(name: string, sins: Sins) {
  const mock = await startProvider();
  const target = await startProvider(sins);
  try {
    return await attest(asked(target.url), asked(mock.url), scenario(name), never);
  } finally {
    await target.close();
    await mock.close();
  }
}

for (const name of ['chat-minimal', 'chat-stream', 'embeddings']) {
  test(`${name}: a faithful target passes and its latency is known`, async () => {
    const attestation = await attestSinner(name, {});
    assert.equal(attestation.state, 'passed');
    assert.ok(attestation.state === 'passed' && attestation.latencyMs > 0);
  });
}

test('a model name with the gateway’s prefix is the same model', async () => {
  assert.equal((await attestSinner('chat-minimal', { model: 'openai/bench-chat' })).state, 'passed');
});

test('the same 32-bit numbers written with fewer digits are the same embedding', async () => {
  assert.equal((await attestSinner('embeddings', { embedding: [0.011301654, 0.25] })).state, 'passed');
});

const CAUGHT: readonly (readonly [string, string, Sins, RegExp])[] = [
  ['another model', 'chat-minimal', { model: 'gpt-0' }, /names model "gpt-0" instead of "bench-chat"/],
  ['other content', 'chat-minimal', { text: 'Bye.' }, /the content differs: "Bye\." instead of "Hello\."/],
  ['an error status', 'chat-minimal', { status: 502 }, /status 502/],
  ['an encoded answer', 'chat-stream', { gzipped: true }, /encoded with gzip, which was not asked for/],
  ['no JSON', 'chat-minimal', { notJson: true }, /a body that is no JSON: <html>/],
  ['an answer that says nothing', 'chat-minimal', { text: '' }, /the answer is empty/],
  ['an error with status 200', 'chat-minimal', { errorBody: true }, /an error with status 200: no quota/],
  ['another embedding', 'embeddings', { embedding: [0.0114, 0.25] }, /the content differs/],
  ['other words in a stream', 'chat-stream', { text: 'wrd ' }, /the content differs/],
  ['no [DONE]', 'chat-stream', { withoutDone: true }, /does not end with \[DONE\]/],
  ['more after [DONE]', 'chat-stream', { afterDone: true }, /goes on after \[DONE\]/],
  [
    'a stream that arrives in a lump',
    'chat-stream',
    { buffered: true },
    /it does not stream: 8 tokens sent over 175 ms arrived within/,
  ],
];

for (const [what, name, sins, message] of CAUGHT) {
  test(`${what} is caught`, async () => {
    const attestation = await attestSinner(name, sins);
    assert.ok(attestation.state === 'failed');
    assert.equal(attestation.reason.code, sins.buffered === true ? 'does-not-stream' : 'attestation-failed');
    assert.match(attestation.reason.message, message);
  });
}

test('a target that does not answer is named as such', async () => {
  const mock = await startProvider();
  const gone = await startProvider();
  await gone.close();
  const attestation = await attest(asked(gone.url), asked(mock.url), scenario('chat-minimal'), never);
  await mock.close();
  assert.ok(attestation.state === 'failed');
  assert.match(attestation.reason.message, /no answer: /);
});
