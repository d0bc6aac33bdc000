import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { agentClock } from '#src/agent/agent-clock.js';
import type { Look } from '#src/agent/subject.js';
import { openWatchServer } from '#src/agent/watch-server.js';
import { SideWatch } from '#src/runtime/kubernetes/side-watch.js';
import type { SampleDepth } from '#src/runtime/runtime.js';

const TOKEN = 'the-token-of-the-watch';
const SAMPLE = { atMs: 5, cpuUs: 1000, memoryBytes: 7, memoryPeakBytes: 9, throttledMs: 2, memoryKills: 0 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Opened {
  readonly url: string;
  readonly asked: SampleDepth[];
  readonly ending: AbortController;
}

async function openWatch(context: TestContext, look: Partial<Look> = {}): Promise<Opened> {
  const asked: SampleDepth[] = [];
  const subject: Look = {
    look: (depth) => {
      asked.push(depth);
      return SAMPLE;
    },
    unknown: () => [],
    ...look,
  };
  const port = await freePort();
  const ending = new AbortController();
  const close = await openWatchServer({
    host: '127.0.0.1',
    port,
    token: TOKEN,
    subjectOf: () => subject,
    clock: agentClock(),
  });
  context.after(() => {
    ending.abort();
    close();
  });
  return { url: `http://127.0.0.1:${port}`, asked, ending };
}

const nothingSaid = async (): Promise<null> => null;

describe('the container that watches beside a service', () => {
  it('looks when it is asked and as deep, and says what it took itself', async (context) => {
    const { url, asked, ending } = await openWatch(context);
    const watch = new SideWatch(url, TOKEN, ending.signal, nothingSaid);
    assert.equal(await watch.look('light'), null, 'within a window nobody waits until it is up');
    const { observerCpuUs = 0, ...sample } = (await watch.look('whole')) ?? assert.fail();
    assert.deepEqual(sample, SAMPLE);
    assert.ok(observerCpuUs > 0);
    await watch.look('light');
    assert.deepEqual(asked, ['whole', 'light']);
    assert.deepEqual(watch.unknown(), []);
  });

  it('passes on what cannot be had, and why', async (context) => {
    const reason = { code: 'no-throttled', message: 'of another user' };
    const { url, ending } = await openWatch(context, {
      look: () => ({ ...SAMPLE, throttledMs: null }),
      unknown: () => [reason],
    });
    const watch = new SideWatch(url, TOKEN, ending.signal, nothingSaid);
    assert.equal((await watch.look('whole'))?.throttledMs, null);
    assert.deepEqual(watch.unknown(), [reason]);
  });

  it('tells the time, for how far its clock is ahead', async (context) => {
    const { url, ending } = await openWatch(context);
    const { trips } = await new SideWatch(url, TOKEN, ending.signal, nothingSaid).roundTrips(3);
    assert.equal(trips.length, 3);
    for (const { askedUs, heardUs, answeredUs, returnedUs } of trips)
      assert.ok(askedUs <= heardUs && heardUs <= answeredUs && answeredUs <= returnedUs);
  });

  it('answers nobody without the token of the run', async (context) => {
    const { url, asked } = await openWatch(context);
    assert.equal((await fetch(`${url}/v1/look?depth=whole`)).status, 401);
    assert.deepEqual(asked, []);
  });

  it('that does not come up is a reason in the cluster’s own words, and no fault of the trial', async (context) => {
    const ending = new AbortController();
    context.after(() => ending.abort());
    const url = `http://127.0.0.1:${await freePort()}`;
    const watch = new SideWatch(url, TOKEN, ending.signal, async () => 'ErrImagePull: no such image', 300);
    assert.equal(await watch.look('whole'), null);
    assert.deepEqual(
      watch.unknown().map(({ code }) => code),
      ['not-watched'],
    );
    assert.match(watch.unknown()[0]?.message ?? '', /ErrImagePull: no such image/);
  });
});
