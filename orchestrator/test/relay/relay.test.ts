import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BASE_HOLD_US } from '#src/relay/dispatcher.js';
import { PLANTED_PATH, plantedSchema } from '#src/relay/planted.js';
import { freePort } from '../support/free-port.js';
import { startProvider } from '../support/provider.js';

const PROGRAM = fileURLToPath(import.meta.resolve('#src/relay/main.js'));

/** A relay as a process of its own in front of a provider in this one; both end with the test. */
async function startRelay(t: TestContext, words: readonly string[]) {
  const provider = await startProvider();
  t.after(() => provider.close());
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, '--port', String(port), '--upstream', provider.url, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  });
  await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${port}`;
  return {
    ask: (stream = false) =>
      fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'x', stream }) }),
    planted: async () => plantedSchema.parse(await (await fetch(url + PLANTED_PATH)).json()),
    health: () => fetch(`${url}/health`),
    provider,
  };
}

async function textOf(response: Response): Promise<string> {
  const text = await response.text();
  return [...text.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content).join('');
}

test('without a plan it passes everything on as it is', async (t) => {
  const relay = await startRelay(t, []);
  assert.equal(await textOf(await relay.ask()), 'Hello.');
  assert.equal(await textOf(await relay.ask(true)), 'word word word ');
  assert.equal(await (await relay.health()).text(), 'ok');
  const { meantUs, heldUs, sins } = await relay.planted();
  assert.deepEqual(meantUs, [0, 0]);
  assert.ok(heldUs.every((us) => us !== null && us >= BASE_HOLD_US));
  assert.deepEqual(sins, { buffered: 0, framesDropped: 0, wrong: 0, rejected: 0, queued: 0 });
});

test('a delayed request is never passed on early, and how long it was held is told', async (t) => {
  const relay = await startRelay(t, ['--delay', '3ms']);
  await Promise.all(Array.from({ length: 8 }, async () => (await relay.ask()).text()));
  const { receivedAtMs, meantUs, heldUs } = await relay.planted();
  assert.equal(receivedAtMs.length, 8);
  assert.deepEqual(
    meantUs,
    meantUs.map(() => 3000),
  );
  assert.ok(heldUs.every((us) => us !== null && us >= BASE_HOLD_US + 3000));
});

test('wrong answers are given and counted', async (t) => {
  const relay = await startRelay(t, ['--wrong-share', '1']);
  assert.equal(await textOf(await relay.ask()), 'xello.');
  assert.equal(await textOf(await relay.ask(true)), 'xord word word ');
  assert.equal((await relay.planted()).sins.wrong, 2);
});

test('every second stream loses a frame', async (t) => {
  const relay = await startRelay(t, ['--drop-frame-every', '2']);
  const frames: number[] = [];
  for (let i = 0; i < 4; i += 1) frames.push((await (await relay.ask(true)).text()).split('data: ').length - 1);
  assert.deepEqual(frames, [5, 4, 5, 4]);
  assert.equal((await relay.planted()).sins.framesDropped, 2);
});

test('what is above the limit is turned away', async (t) => {
  const relay = await startRelay(t, ['--limit-rps', '0.1']);
  const statuses: number[] = [];
  for (let i = 0; i < 22; i += 1) {
    const response = await relay.ask();
    statuses.push(response.status);
    await response.text();
  }
  assert.deepEqual(statuses.slice(20), [429, 429]);
  assert.ok(statuses.slice(0, 20).every((status) => status === 200));
  assert.equal(relay.provider.requests, 20);
  assert.equal((await relay.planted()).sins.rejected, 2);
});

test('a bad option is one clear error', async () => {
  const child = spawn(process.execPath, [PROGRAM, '--delay', 'soon'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [[code], said] = await Promise.all([once(child, 'exit'), child.stderr.toArray()]);
  assert.equal(code, 2);
  assert.match(said.join(''), /relay: --delay "soon" is no time.*\n.*200us/);
});

test('a core is kept busy for each request, and the answer does not wait for it', async (t) => {
  const relay = await startRelay(t, ['--burn', '20ms']);
  await Promise.all(Array.from({ length: 5 }, async () => (await relay.ask()).text()));
  for (;;) {
    const { burntUs, meantUs } = await relay.planted();
    assert.deepEqual(meantUs, [0, 0, 0, 0, 0]);
    assert.ok(burntUs !== undefined && burntUs <= 100_000);
    if (burntUs === 100_000) return;
  }
});
