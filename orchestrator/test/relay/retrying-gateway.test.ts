import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { readConductPlan } from '#src/relay/conduct-plan.js';
import { RetryingGateway } from '#src/relay/retrying-gateway.js';

async function listen(t: TestContext, answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A gateway in front of providers in this process, and how often each of them was asked. */
async function gateway(t: TestContext, words: string, ...answers: RequestListener[]) {
  const asked = answers.map(() => 0);
  const providers = [];
  for (const [i, answer] of answers.entries()) {
    providers.push(
      await listen(t, (request, response) => {
        asked[i] = (asked[i] ?? 0) + 1;
        request.resume();
        answer(request, response);
      }),
    );
  }
  const plan = readConductPlan(['--providers', providers.join(','), ...words.split(' ').filter((word) => word !== '')]);
  const retrying = new RetryingGateway(plan);
  const url = await listen(t, (request, response) => void retrying.answer(request, response));
  return { asked, ask: (init: RequestInit = {}) => fetch(url, { method: 'POST', body: '{}', ...init }) };
}

const WELL: RequestListener = (_, response) => response.end('well');
const DOWN: RequestListener = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('down');
const CUT: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: {}\n\n', () => response.destroy());
};

test('a request goes to the next provider when the first one fails', async (t) => {
  const { asked, ask } = await gateway(t, '--attempts 2', DOWN, WELL);
  assert.equal(await (await ask()).text(), 'well');
  assert.deepEqual(asked, [1, 1]);
});

test('when all attempts have failed the last error is passed on as it came, Retry-After and all', async (t) => {
  const { asked, ask } = await gateway(t, '--attempts 3', DOWN);
  const answer = await ask();
  assert.deepEqual([answer.status, answer.headers.get('retry-after'), await answer.text()], [503, '7', 'down']);
  assert.deepEqual(asked, [3]);
});

test('a 400 is not tried again, unless that is planted', async (t) => {
  const bad: RequestListener = (_, response) => response.writeHead(400).end('bad');
  const honest = await gateway(t, '--attempts 3', bad);
  assert.equal((await honest.ask()).status, 400);
  const eager = await gateway(t, '--attempts 3 --retry-everything', bad);
  assert.equal((await eager.ask()).status, 400);
  assert.deepEqual([honest.asked, eager.asked], [[1], [3]]);
});

test('a cut stream breaks at the client, or gets a forged end', async (t) => {
  const honest = await gateway(t, '', CUT);
  await assert.rejects(async () => (await honest.ask()).text());
  const forging = await gateway(t, '--forge-endings', CUT);
  assert.match(await (await forging.ask()).text(), /^data: \{\}\n\n[^]*data: \[DONE\]\n\n$/);
});

test('a stream in which nothing comes is ended', async (t) => {
  const { ask } = await gateway(t, '--idle 20ms', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {}\n\n');
  });
  await assert.rejects(async () => (await ask()).text());
});

test('an open breaker answers without asking anybody', async (t) => {
  const { asked, ask } = await gateway(t, '--breaker 2,60s', DOWN);
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await ask()).status);
  assert.deepEqual([statuses, asked], [[503, 503, 503, 503], [2]]);
});

test('a provider is left when the client leaves', async (t) => {
  let [came, gone] = [(): void => {}, (): void => {}];
  const [arrival, leaving] = [
    new Promise<void>((resolve) => (came = resolve)),
    new Promise<void>((resolve) => (gone = resolve)),
  ];
  const { ask } = await gateway(t, '--attempts 3', (request) => {
    request.socket.once('close', gone);
    came();
  });
  const client = new AbortController();
  const asking = ask({ signal: client.signal });
  await arrival;
  client.abort();
  await assert.rejects(asking);
  await leaving;
});

test('whom it asks first is drawn by the weights, and the next attempt goes on from there', async (t) => {
  const never = await gateway(t, '--weights 0,1', WELL, WELL);
  for (let i = 0; i < 5; i += 1) await (await never.ask()).text();
  assert.deepEqual(never.asked, [0, 5]);
  const from = await gateway(t, '--weights 0,1 --attempts 2', WELL, DOWN);
  assert.equal(await (await from.ask()).text(), 'well');
  assert.deepEqual(from.asked, [1, 1]);
});

test('a miscounted stream says one token, also where a read cuts its usage in two', async (t) => {
  const { ask } = await gateway(t, '--miscount', (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"usage":{"completion_tok', () => response.end('ens":24}}\n\ndata: [DONE]\n\n'));
  });
  assert.equal(await (await ask()).text(), 'data: {"usage":{"completion_tokens":1}}\n\ndata: [DONE]\n\n');
});
