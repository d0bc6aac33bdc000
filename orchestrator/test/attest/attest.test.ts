import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskedTarget } from '#src/attest/asker.js';
import { attest } from '#src/attest/attest.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { type MockAccount, newAccount, type Sins, startProvider } from '../support/provider.js';

const scenario = (name: string) => SCENARIOS.find((candidate) => candidate.name === name) ?? assert.fail(name);
const asked = (url: string): AskedTarget => ({ url, modelPrefix: '', headers: {} });
const never = new AbortController().signal;

interface Setting {
  readonly accept?: AskedTarget['accept'];
  readonly isAlone?: boolean;
  readonly mockSins?: Sins;
}

async function attestSinner(name: string, sins: Sins, { accept = [], isAlone = true, mockSins = {} }: Setting = {}) {
  const mock = await startProvider(mockSins);
  const target = await startProvider(sins);
  try {
    const how = { ...asked(target.url), accept, isAlone: () => isAlone };
    return await attest(how, asked(mock.url), scenario(name), never);
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
  [
    '[DONE] without the blank line behind it',
    'chat-stream',
    { doneUnended: true },
    /the stream ends inside a frame: "data: \[DONE\]" without the blank line that ends a frame/,
  ],
  ['more after [DONE]', 'chat-stream', { afterDone: true }, /goes on after \[DONE\]/],
  [
    'a stream that arrives in a lump',
    'chat-stream',
    { buffered: true },
    /it does not stream: 8 frames sent over 175 ms arrived within \d+ ms \(the mock's own, at the same time: \d+ ms\)/,
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

test('vectors in another coding than was asked for are caught, and named as that', async () => {
  const base64 = Buffer.from(Float32Array.of(0.25, 0.5).buffer).toString('base64');
  const mockSins: Sins = { embedding: base64 };
  assert.equal((await attestSinner('embeddings-batch', mockSins, { mockSins })).state, 'passed');
  const numbers = await attestSinner('embeddings-batch', { embedding: [0.25, 0.5] }, { mockSins });
  assert.ok(numbers.state === 'failed');
  assert.match(numbers.reason.message, /its vectors come as numbers, where they were asked for as base64$/);
});

test('a target that does not answer is named as such', async () => {
  const mock = await startProvider();
  const gone = await startProvider();
  await gone.close();
  const attestation = await attest(asked(gone.url), asked(mock.url), scenario('chat-minimal'), never);
  await mock.close();
  assert.ok(attestation.state === 'failed');
  assert.match(
    attestation.reason.message,
    /no answer to POST \/v1\/chat\/completions: nothing takes connections there \(connect ECONNREFUSED/,
  );
});

test('frames are held against the mock’s own, however many tokens it puts into one', async () => {
  const mock = await startProvider({ chunkTokens: 4 });
  const attestation = await attest(asked(mock.url), asked(mock.url), scenario('chat-stream'), never);
  assert.equal(attestation.state, 'passed', 'direct can never be refused');
  await mock.close();
  const chunked = { chunkTokens: 4 };
  assert.equal((await attestSinner('chat-stream', chunked, { mockSins: chunked })).state, 'passed');
  const lump = await attestSinner('chat-stream', { ...chunked, buffered: true }, { mockSins: chunked });
  assert.ok(lump.state === 'failed' && lump.reason.code === 'does-not-stream');
});

test('a stream that is buffered two times of three does not pass, wherever the good one is', async () => {
  const [held, good] = [true, false];
  for (const buffers of [
    [held, held, good],
    [held, good, held],
    [good, held, held],
  ])
    assert.equal((await attestSinner('chat-stream', { buffers })).state, 'failed', buffers.join());
});

async function notesOf(name: string, sins: Sins, setting: Setting = {}) {
  const attestation = await attestSinner(name, sins, setting);
  assert.ok(attestation.state === 'passed', attestation.state === 'passed' ? '' : attestation.reason.message);
  return attestation.notes.map(({ code, message, evidence }) => ({ code, message, evidence }));
}

test('frames that are merged, split or joined on the way are no fault, and noted with figures', async () => {
  const [merged] = await notesOf('chat-stream', { merges: 2 });
  assert.equal(merged?.code, 'frames-merged');
  assert.match(merged.message, /3 frames with content left the mock and 2 arrived: it merges frames/);
  assert.deepEqual(merged.evidence, { sent: 3, received: 2 });
  const [split] = await notesOf('chat-stream', {}, { mockSins: { chunkTokens: 2 } });
  assert.equal(split?.code, 'frames-split');
  const [joined] = await notesOf('chat-stream', { joins: 2 });
  assert.equal(joined?.code, 'frames-joined');
  assert.match(joined.message, /8 frames that left the mock 25 ms apart arrived in [45] lots/);
  assert.deepEqual(await notesOf('chat-stream', {}), []);
});

test('a stream without [DONE] passes where its entry accepts that, and it is noted', async () => {
  const setting: Setting = { accept: ['no-done'] };
  const [note] = await notesOf('chat-stream', { withoutDone: true }, setting);
  assert.equal(note?.code, 'accepted-no-done');
  assert.deepEqual(await notesOf('chat-stream', {}, setting), [], 'not where it ends as it should');
  const cut = await attestSinner('chat-stream', { doneUnended: true }, setting);
  assert.equal(cut.state, 'failed', 'a frame that is cut is not accepted with it');
});

test('a connection that is closed under a question is opened anew, three times at most, and that is noted', async () => {
  const [note] = await notesOf('chat-minimal', { closesFirst: 2 });
  assert.equal(note?.code, 'stale-connection');
  assert.deepEqual(note.evidence, { times: 2 });
  const closing = await attestSinner('chat-minimal', { closesFirst: 100 });
  assert.ok(closing.state === 'failed');
  assert.match(
    closing.reason.message,
    /no answer to POST \/v1\/chat\/completions: the other side closed the connection before a byte of an answer/,
  );
});

async function attestInFrontOf(account: MockAccount, sins: Sins) {
  return attestSinner('chat-minimal', sins, { mockSins: { account } });
}

test('a question that the mock’s ledger does not have was answered by something else: refused, with what the mock saw', async () => {
  const account = newAccount();
  const honest = await attestInFrontOf(account, { account });
  assert.ok(honest.state === 'passed' && honest.notes.length === 0);
  const foreign = await attestInFrontOf(newAccount(), {});
  assert.ok(foreign.state === 'failed');
  assert.equal(foreign.reason.code, 'foreign-upstream');
  assert.match(foreign.reason.message, /never saw that request: something else stands behind it.*the mock saw none$/);
  // Before its content is looked at.
  const other = await attestInFrontOf(newAccount(), { text: 'Bye.' });
  assert.ok(other.state === 'failed' && other.reason.code === 'foreign-upstream');
});

test('a gateway that changes the text is in front of the mock all the same, and that is noted', async () => {
  const account = newAccount();
  const attestation = await attestInFrontOf(account, { account, hidesIds: true });
  assert.ok(attestation.state === 'passed');
  assert.deepEqual(
    attestation.notes.map(({ code }) => code),
    ['ids-lost'],
  );
});

test('an endpoint that is not there is not offered; one that asks the mock in vain is set up wrong', async () => {
  for (const status of [404, 405, 501]) {
    const attestation = await attestSinner('embeddings', { status });
    assert.equal(attestation.state, 'absent');
    assert.ok(attestation.state === 'absent');
    assert.equal(attestation.reason.code, 'not-offered');
    assert.match(
      attestation.reason.message,
      /^not offered: embeddings \(POST \/v1\/embeddings was answered with status \d+/,
    );
  }
  const account = newAccount();
  const wrong = await attestInFrontOf(account, {
    status: 404,
    onAnswer: () => account.refused.push({ method: 'POST', path: '/chat/completions', status: 404, count: 1 }),
  });
  assert.ok(wrong.state === 'failed');
  assert.match(wrong.reason.message, /status 404.*it asked the mock in vain: 1 × POST \/chat\/completions → 404/);
});

test('what the other side of a pair asks in vain is not charged to this one', async () => {
  const beside = (sins: Sins) => {
    const account = newAccount();
    const onAnswer = () => account.refused.push({ method: 'GET', path: '/other', status: 404, count: 1 });
    return attestSinner('chat-minimal', { ...sins, onAnswer }, { isAlone: false, mockSins: { account } });
  };
  const missing = await beside({ status: 404 });
  assert.ok(missing.state === 'absent');
  assert.equal(missing.reason.code, 'not-offered');
  for (const [sins, code] of [
    [{ status: 502 }, 'attestation-failed'],
    [{}, 'foreign-upstream'],
  ] as const) {
    const wrong = await beside(sins);
    assert.ok(wrong.state === 'failed');
    assert.equal(wrong.reason.code, code);
    assert.doesNotMatch(wrong.reason.message, /in vain/);
  }
});

test('a mock that does not answer right voids, and is not charged to the target', async () => {
  const attestation = await attestSinner('chat-minimal', {}, { mockSins: { status: 500 } });
  assert.ok(attestation.state === 'void');
  assert.match(
    attestation.reason.message,
    /the mock itself did not answer right to POST \/v1\/chat\/completions: status 500/,
  );
});
