import { startMock, type StartedMock } from '@crabllm-bench/mock';
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import { post } from './support/started-mock.js';

const chat = (marker: string) => ({
  model: 'bench-chat',
  messages: [{ role: 'user' as const, content: `[[bench ${marker}]]` }],
});

const ask = (url: string, marker: string) => post(url, '/v1/chat/completions', chat(marker));

/** Waits until something holds; what never will ends this test, and not its whole file ten minutes later. */
async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) assert.fail(`never true: ${holds.toString()}`);
    await sleep(2);
  }
}

interface TimelineState {
  readonly state: string;
  readonly startedUs: number;
  readonly phases: readonly { readonly name: string; readonly fromUs: number }[];
}

async function timelineOf(url: string): Promise<TimelineState> {
  return (await (await fetch(`${url}/__bench/timeline`)).json()) as TimelineState;
}

/** Whether somebody listens there. */
function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve(false);
      else reject(error);
    });
  });
}

describe('a mock in the process of a test suite', () => {
  it('lets a client meet a failing provider, in ten lines', async () => {
    await using mock = await startMock({ settings: { faults: [{ fault: 'error:503', first: 2 }] } });
    const client = new OpenAI({ baseURL: `${mock.url}/v1`, apiKey: 'any', maxRetries: 2 });
    const answer = await client.chat.completions.create(chat('id=a-1'));
    assert.equal(answer.choices[0]?.finish_reason, 'stop');
    const attempts = mock.ledger('a-1');
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [503, 503, 200],
    );
    assert.ok(answer.id.endsWith(attempts[2]?.answer ?? '?'));
  });

  it('is stopped with its connections, and several run beside each other', async () => {
    const mocks = await Promise.all([startMock(), startMock({ settings: { tokens: 2 } })]);
    const [one, other] = mocks;
    assert.notEqual(one.url, other.url);
    await other.stop();
    assert.equal(await isOpen(other.url), false);
    assert.equal((await ask(one.url, 'id=x')).status, 200);
    assert.equal(one.ledger().length, 1);
    await one.stop();
  });

  it('changes and replaces its settings', async () => {
    await using mock = await startMock({ settings: { tokens: 3 } });
    mock.change({ 'error-rate': 1, 'error-status': 529 });
    assert.equal((await ask(mock.url, 'id=a')).status, 529);
    mock.replace({});
    const { usage } = (await (await ask(mock.url, 'id=b')).json()) as { usage: { completion_tokens: number } };
    assert.notEqual(usage.completion_tokens, 3);
    mock.clearLedger();
    assert.deepEqual(mock.ledger(), []);
    assert.throws(() => mock.change({ tokens: 0 }), { name: 'SettingsError', message: /^tokens: / });
    const settings = await fetch(`${mock.url}/__bench/settings`);
    assert.equal(((await settings.json()) as { version: number }).version, 3);
  });

  it('says what it cannot do', async () => {
    await using taken = await startMock();
    const port = Number(new URL(taken.url).port);
    await assert.rejects(startMock({ port }), { name: 'DoorError', code: 'EADDRINUSE', port });
    await assert.rejects(startMock({ chunks: 0 }), {
      name: 'UsageError',
      message: /^chunks 0 is not a whole number from 1/,
    });
    await assert.rejects(startMock({ settings: { tokens: -1 } }), { name: 'SettingsError' });
    assert.throws(() => taken.startTimeline(), /there is no timeline/);
  });
});

describe('a fleet', () => {
  const fleet = (options: object = {}): Promise<StartedMock> =>
    startMock({
      providers: [
        { name: 'a', port: 0 },
        { name: 'b', port: 0 },
      ],
      ...options,
    });

  it('has providers with settings, health and records of their own, and one control endpoint', async () => {
    await using mock = await fleet({ settings: { tokens: 4, providers: { b: { 'error-rate': 1 } } } });
    const { a = '', b = '' } = mock.urls;
    assert.deepEqual([(await ask(a, 'id=x')).status, (await ask(b, 'id=x')).status], [200, 500]);
    assert.deepEqual(
      mock.ledger('x').map(({ provider, status, attempt, phase }) => [provider, status, attempt, phase]),
      [
        ['a', 200, 1, null],
        ['b', 500, 2, null],
      ],
    );
    const health = (await (await fetch(`${b}/__bench/health`)).json()) as {
      providers: { name: string; listeningWorkers: number; totals: { faults: number } }[];
    };
    assert.deepEqual(
      health.providers.map(({ name, listeningWorkers, totals }) => [name, listeningWorkers, totals.faults]),
      [
        ['a', 1, 0],
        ['b', 1, 1],
      ],
    );
    const patched = await fetch(`${a}/__bench/settings?provider=b`, { method: 'PATCH', body: '{"error-rate":0}' });
    assert.deepEqual(((await patched.json()) as { provider: string }).provider, 'b');
    assert.equal((await ask(b, 'id=y')).status, 200);
    assert.equal((await fetch(`${a}/__bench/settings?provider=c`)).status, 404);
    const own = await fetch(`${a}/__bench/ledger?provider=a`);
    assert.equal(((await own.json()) as { records: unknown[] }).records.length, 1);
  });

  it('closes the port of one, ends its idle connections, and opens it again', async () => {
    await using mock = await fleet();
    const { a = '', b = '' } = mock.urls;
    // Kept alive by fetch: it would go on to be answered if only the listener were closed.
    await (await ask(a, 'id=before')).text();
    mock.change({ providers: { a: { faults: [{ fault: 'connection-refused' }] } } });
    assert.deepEqual([await isOpen(a), await isOpen(b)], [false, true]);
    await assert.rejects(ask(a, 'id=during'));
    mock.change({ providers: { a: { faults: [] } } });
    await until(() => mock.events().some(({ event }) => event === 'opened'));
    assert.equal((await ask(a, 'id=after')).status, 200);
    assert.deepEqual(
      mock.events().map(({ provider, event }) => [provider, event]),
      [
        ['a', 'closed'],
        ['a', 'opened'],
      ],
    );
    assert.deepEqual(
      mock.ledger().map(({ id }) => id),
      ['before', 'after'],
    );
  });

  it('lets an answer come to its end before its connection is closed', async () => {
    await using mock = await fleet();
    const { a = '' } = mock.urls;
    const response = await post(a, '/v1/chat/completions', { ...chat('gap=10 tokens=20'), stream: true });
    mock.change({ providers: { a: { faults: [{ fault: 'connection-refused' }] } } });
    assert.match(await response.text(), /data: \[DONE\]\n\n$/);
    await assert.rejects(ask(a, 'id=x'));
  });

  it('does not close its last port for good through the control endpoint', async () => {
    await using mock = await startMock();
    const change = (faults: object[]) =>
      fetch(`${mock.url}/__bench/settings`, { method: 'PATCH', body: JSON.stringify({ faults }) });
    const refused = await change([{ fault: 'connection-refused' }]);
    assert.equal(refused.status, 400);
    assert.match(await refused.text(), /closes every port of the mock for good.*--control-port/);
    const marker = await ask(mock.url, 'fault=connection-refused');
    assert.equal(marker.status, 400);
  });
});

describe('a timeline', () => {
  // A phase that is over before a busy machine gets to it is not played, so those that are waited for last seconds.
  const OUTAGE = {
    phases: [
      { name: 'before' },
      { name: 'warning', from: '60s' },
      {
        name: 'outage',
        from: '62s',
        providers: { a: { faults: [{ fault: 'connection-refused' }] }, b: { faults: [{ fault: 'error:503' }] } },
      },
      { name: 'after', from: '2m' },
      { name: 'last', from: '3m', to: '182s' },
    ],
  };

  it('plays its phases by the clock, and the ledger tells what really happened when', async () => {
    await using mock = await startMock({
      providers: [
        { name: 'a', port: 0 },
        { name: 'b', port: 0 },
      ],
      timeline: OUTAGE,
    });
    const { a = '', b = '' } = mock.urls;
    const phaseEvents = () => mock.events().filter(({ event, provider }) => event === 'phase' && provider === 'b');
    await ask(b, 'id=idle');
    mock.startTimeline();
    await ask(b, 'id=early');
    mock.startTimeline('warning');
    await until(() => mock.events().some(({ event }) => event === 'closed'));
    await until(() => phaseEvents().length === 3);
    assert.equal(await isOpen(a), false);
    assert.equal((await ask(b, 'id=amid')).status, 503);
    const { startedUs, phases } = await timelineOf(b);
    assert.equal(phases[2]?.fromUs, startedUs + 62_000_000);
    assert.ok((phaseEvents()[2]?.atUs ?? 0) >= (phases[2]?.fromUs ?? Infinity), 'nothing begins before its time');
    mock.startTimeline('after');
    await until(() => mock.events().some(({ event }) => event === 'opened'));
    assert.equal((await ask(a, 'id=late')).status, 200);
    mock.startTimeline('last');
    await until(() => phaseEvents().length === 6);
    await ask(b, 'id=over');
    assert.deepEqual(
      phaseEvents().map(({ phase }) => phase),
      ['before', 'warning', 'outage', 'after', 'last', null],
    );
    assert.deepEqual(
      mock
        .events()
        .filter(({ event }) => event !== 'phase')
        .map(({ provider, event, phase }) => [provider, event, phase]),
      [
        ['a', 'closed', 'outage'],
        ['a', 'opened', 'after'],
      ],
    );
    assert.deepEqual(
      mock.ledger().map(({ id, phase }) => [id, phase]),
      [
        ['idle', null],
        ['early', 'before'],
        ['amid', 'outage'],
        ['late', 'after'],
        ['over', null],
      ],
    );
    assert.equal((await timelineOf(a)).state, 'over');
  });

  it('is loaded, started and stopped by the control endpoint', async () => {
    await using mock = await startMock();
    const send = (method: string, path = '', body?: object) =>
      fetch(`${mock.url}/__bench/timeline${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    assert.equal((await send('POST', '/start')).status, 409);
    const loaded = await send('PUT', '', { phases: [{ name: 'slow', 'error-rate': 1 }] });
    assert.equal(((await loaded.json()) as { state: string }).state, 'waiting');
    assert.equal((await ask(mock.url, 'id=a')).status, 200);
    assert.equal(((await (await send('POST', '/start')).json()) as { state: string }).state, 'running');
    assert.equal((await ask(mock.url, 'id=b')).status, 500);
    await send('POST', '/stop');
    assert.equal((await ask(mock.url, 'id=c')).status, 200);
    const unknown = await send('POST', '/start?phase=slwo');
    assert.equal(unknown.status, 400);
    assert.match(await unknown.text(), /phase: no phase is named \\"slwo\\" \(slow\)/);
    assert.equal(((await (await send('DELETE')).json()) as { state: string }).state, 'none');
    const wrong = await send('PUT', '', { phases: [{ name: 'x', providers: { z: {} } }] });
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /phases\.0 \(x\): providers: no provider is named \\"z\\" \(mock\)/);
  });

  it('starts again from its beginning, with everything that is counted anew', async () => {
    await using mock = await startMock({
      timeline: { phases: [{ name: 'fault', faults: [{ fault: 'error:500', first: 1 }] }] },
    });
    for (let i = 0; i < 2; i++) {
      mock.startTimeline();
      assert.deepEqual([(await ask(mock.url, 'id=x')).status, (await ask(mock.url, 'id=x')).status], [500, 200]);
    }
  });

  it('lets latency rise from one to the other', async () => {
    await using mock = await startMock({ settings: { latency: { plain: 'ramp:0:60000:60s' } } });
    const started = performance.now();
    await sleep(100);
    const { headers } = await ask(mock.url, 'id=x');
    const toldMs = Number(headers.get('openai-processing-ms'));
    // It grows by a millisecond each millisecond: it cannot be less than when it was asked for, nor more than now.
    assert.ok(toldMs >= 95 && toldMs <= performance.now() - started, `${toldMs}`);
  });
});
