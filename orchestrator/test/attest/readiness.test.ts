import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Awaited, waitReady } from '#src/attest/readiness.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import type { RunningService, ServiceExit } from '#src/runtime/runtime.js';
import { newAccount, type Sins, startProvider } from '../support/provider.js';

const probe = SCENARIOS[0] ?? assert.fail();
const calm = new AbortController().signal;

function service(url: string, log = '', memoryPeakBytes: number | null = null): RunningService {
  return {
    name: 'gw',
    url,
    exited: new Promise(() => {}),
    sample: async () => ({ atMs: 0, cpuUs: null, memoryBytes: null, memoryPeakBytes, throttledMs: null }),
    logs: async () => log,
    stop: async () => {},
  };
}

async function readyOf(sins: Sins, change: Partial<Awaited> = {}, log = '') {
  const provider = await startProvider(sins);
  const awaited = { url: provider.url, modelPrefix: '', headers: {}, healthPath: null, readyTimeoutMs: 300, ...change };
  try {
    const whole = { alreadyRuns: false, mock: null, ...awaited };
    return await waitReady(service(provider.url, log), whole, probe, calm);
  } finally {
    await provider.close();
  }
}

test('what answers right is ready', async () => {
  assert.equal(await readyOf({}), null);
});

test('what does not become ready says so where it has used up its memory, and not of a limit that nobody enforces', async () => {
  const provider = await startProvider({ status: 503 });
  const awaited = { url: provider.url, modelPrefix: '', headers: {}, healthPath: null, readyTimeoutMs: 300 };
  const reasonOf = async (peakBytes: number | null, memoryBytes: number | null) => {
    const whole = { ...awaited, memoryBytes, alreadyRuns: false, mock: null };
    const reason = await waitReady(service(provider.url, '', peakBytes), whole, probe, calm);
    return reason?.message ?? '';
  };
  const mib = 2 ** 20;
  assert.match(await reasonOf(255 * mib, 256 * mib), /^not ready after .*; it used 255 MiB of the 256 MiB that it may/);
  for (const [peak, limit] of [
    [200 * mib, 256 * mib],
    [400 * mib, 256 * mib],
    [255 * mib, null],
    [null, 256 * mib],
  ] as const)
    assert.doesNotMatch(await reasonOf(peak, limit), /that it may/);
  await provider.close();
});

test('several behind one address are ready when each of them answers, whichever the address leads to', async () => {
  const [one, other] = [await startProvider(), await startProvider({ status: 503 })];
  const both = await readyOf({}, { memberUrls: [one.url, other.url] });
  assert.match(both?.message ?? '', /not ready after 0\.3 s: status 503/);
  assert.equal(await readyOf({}, { memberUrls: [one.url, one.url], readyTimeoutMs: 20_000 }), null);
  await Promise.all([one.close(), other.close()]);
});

test('what does not offer the scenario is ready all the same: that is for the attestation to say', async () => {
  for (const sins of [{ status: 404 }, { status: 400 }, { status: 501 }, { notJson: true }])
    assert.equal(await readyOf(sins, { readyTimeoutMs: 20_000 }), null, JSON.stringify(sins));
});

test('it is asked for what its entry lists, where that is not the scenario of the probe', async () => {
  const provider = await startProvider();
  const awaited = { url: provider.url, modelPrefix: '', headers: {}, healthPath: null, readyTimeoutMs: 300 };
  const whole: Awaited = { ...awaited, alreadyRuns: false, mock: null, serves: ['messages'] };
  const reason = await waitReady(service(provider.url), whole, probe, calm);
  await provider.close();
  assert.equal(reason, null);
  assert.deepEqual(provider.asked, ['POST /v1/messages']);
});

test('where its entry lists nothing it is asked for what everybody serves, whatever the scenario of the probe', async () => {
  const provider = await startProvider();
  const awaited = { url: provider.url, modelPrefix: '', headers: {}, healthPath: null, readyTimeoutMs: 300 };
  const messages = SCENARIOS.find(({ name }) => name === 'messages') ?? assert.fail();
  const whole: Awaited = { ...awaited, alreadyRuns: false, mock: null };
  assert.equal(await waitReady(service(provider.url), whole, messages, calm), null);
  await provider.close();
  assert.deepEqual(provider.asked, ['POST /v1/chat/completions']);
});

test('what asks for patience, or fails by its own fault, is not ready yet', async () => {
  for (const status of [429, 500, 503]) {
    const reason = await readyOf({ status });
    assert.equal(reason?.code, 'not-ready');
    assert.match(reason.message, new RegExp(`not ready after 0\\.3 s: status ${status}`));
  }
});

test('why it is not ready: its log, and what it asked the mock in vain', async () => {
  const account = newAccount();
  account.refused.push({ method: 'GET', path: '/status', status: 404, count: 5 });
  const mock = await startProvider({ account });
  const onAnswer = () => {
    (account.refused[0] ?? assert.fail()).count += 1;
  };
  const log = 'INFO hello\nERROR upstream is not healthy\nINFO retrying\n';
  const reason = await readyOf({ status: 503, onAnswer }, { mock }, log);
  await mock.close();
  assert.match(
    reason?.message ?? '',
    /; it asked the mock in vain: \d+ × GET \/status → 404; its log says: ERROR upstream is not healthy$/,
  );
});

test('what somebody else asks the mock in vain is not charged to it: counted from when that one is gone', async () => {
  for (const goes of [true, false]) {
    const account = newAccount();
    const [leaver, own] = ['/leaver', '/own'].map((path) => ({ method: 'GET', path, status: 404, count: 1 }));
    assert.ok(leaver !== undefined && own !== undefined);
    account.refused.push(leaver, own);
    let polls = 0;
    let end: (exit: ServiceExit) => void = () => {};
    const exited = new Promise<ServiceExit>((resolve) => {
      end = resolve;
    });
    const isAlone = () => goes && polls > 1;
    const onAnswer = () => {
      own.count += 1;
      if (!isAlone()) leaver.count += 1;
      polls += 1;
      if (polls === 5) end({ exitCode: 1, signal: null, outOfMemory: false });
    };
    const mock = await startProvider({ account });
    const provider = await startProvider({ status: 503, onAnswer });
    const { url } = provider;
    const how = { url, modelPrefix: '', headers: {}, healthPath: null, readyTimeoutMs: 60_000, alreadyRuns: false };
    const reason = await waitReady({ ...service(url), exited }, { ...how, mock, isAlone }, probe, calm);
    await provider.close();
    await mock.close();
    assert.equal(
      reason?.message,
      `it exited with code 1${goes ? '; it asked the mock in vain: 3 × GET /own → 404' : ''}`,
    );
  }
});

test('where nothing listens that should run already, it is said at once', async () => {
  const gone = await startProvider();
  await gone.close();
  const reason = await readyOf({}, { url: gone.url, alreadyRuns: true, readyTimeoutMs: 3_600_000 });
  assert.deepEqual(reason, {
    code: 'not-running',
    message: `nothing listens at ${gone.url}, where it is taken to run already`,
  });
});
