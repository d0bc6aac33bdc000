import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { post, startMock, startMockIn, type StartedMock } from './support/started-mock.js';

const MAIN = fileURLToPath(import.meta.resolve('#src/main.js'));

interface Health {
  readonly verdict: string;
  readonly evidence: string[];
  readonly restarts: number;
  readonly connections: number;
  readonly workers: { readonly pid: number; readonly totals: { readonly requests: number } }[];
  readonly window: { readonly requests: number; readonly restarts: number };
}

interface LedgerRecords {
  readonly records: {
    readonly id: string;
    readonly outcome: string;
    readonly frames: number;
    readonly sentLastUs: number | null;
    readonly endedUs: number | null;
    readonly attempt: number;
  }[];
}

async function get<T>(mock: StartedMock, path: string, method = 'GET'): Promise<T> {
  const response = await fetch(mock.url + path, { method });
  return (await response.json()) as T;
}

function chat(marker: string, more: object = {}): object {
  return { model: 'bench-chat', messages: [{ role: 'user', content: `[[bench ${marker}]]` }], ...more };
}

/** Runs the mock to its end with so many file descriptors. */
async function runWithin(descriptors: number): Promise<{ code: number; output: string }> {
  const child = spawn('sh', [
    '-c',
    `ulimit -n ${descriptors}; exec "$0" "$@" 2>&1`,
    process.execPath,
    MAIN,
    '--port',
    '0',
  ]);
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
}

/** Starts the mock and asks it to end once so many workers of it could be there. @returns how it ended */
async function endedEarly(afterMs: number): Promise<unknown> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--workers', '4'], { stdio: 'ignore' });
  await sleep(afterMs);
  child.kill('SIGTERM');
  return ((await once(child, 'exit')) as unknown[])[1] ?? 0;
}

/** Runs the mock to its end. */
async function run(...options: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [MAIN, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

describe('a mock that is asked to end while it starts', () => {
  it('ends, whichever of its workers are there', async () => {
    // Whether by its own will or, before it could have one, by the signal: it must not stay.
    for (const afterMs of [50, 150, 250, 350, 450, 600])
      assert.ok([0, 'SIGTERM'].includes((await endedEarly(afterMs)) as number));
  });
});

describe('a mock of two workers', () => {
  let mock: StartedMock;
  before(async () => {
    mock = await startMock('--workers', '2');
  });
  after(() => mock.stop());

  it('answers on one port and counts over both', async () => {
    await Promise.all(Array.from({ length: 40 }, () => post(mock.url, '/v1/chat/completions', chat('gap=1'))));
    const health = await get<Health>(mock, '/__bench/health');
    assert.equal(health.workers.length, 2);
    const requests = health.workers.reduce((sum, worker) => sum + worker.totals.requests, 0);
    assert.equal(requests, 40);
  });

  it('begins a new window when asked', async () => {
    await get(mock, '/__bench/mark', 'POST');
    await post(mock.url, '/v1/chat/completions', chat('gap=1'));
    const { window } = await get<Health>(mock, '/__bench/health');
    assert.equal(window.requests, 1, 'what the mock is asked about itself is none of its requests');
  });

  it('has every id once, with its retries counted over both workers', async () => {
    const ids = Array.from({ length: 30 }, (_, i) => `once-${i}`);
    await Promise.all(ids.map((id) => post(mock.url, '/v1/chat/completions', chat(`id=${id}`))));
    for (let i = 0; i < 4; i++) {
      const headers = { 'X-Bench': 'id=twice', Connection: i % 2 === 0 ? 'close' : 'keep-alive' };
      await post(
        mock.url,
        '/v1/chat/completions',
        chat('gap=1'),
        i % 2 === 0 ? { 'X-Bench': headers['X-Bench'] } : headers,
      );
    }
    const once_ = await get<LedgerRecords>(mock, '/__bench/ledger?prefix=once-');
    assert.deepEqual(once_.records.map(({ id }) => id).sort(), [...ids].sort());
    const twice = await get<LedgerRecords>(mock, '/__bench/ledger?id=twice');
    assert.deepEqual(
      twice.records.map(({ attempt }) => attempt),
      [1, 2, 3, 4],
    );
  });

  it('knows after how many frames a client went away', async () => {
    const abort = new AbortController();
    const response = await fetch(`${mock.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(chat('id=left gap=20 tokens=1000', { stream: true })),
      signal: abort.signal,
    });
    const reader = response.body?.getReader();
    await reader?.read();
    abort.abort();
    let records: LedgerRecords['records'] = [];
    for (let i = 0; i < 100 && records[0]?.outcome !== 'aborted'; i++) {
      await sleep(20);
      ({ records } = await get<LedgerRecords>(mock, '/__bench/ledger?id=left'));
    }
    assert.equal(records[0]?.outcome, 'aborted');
    assert.ok((records[0].endedUs ?? 0) > (records[0].sentLastUs ?? 0), 'seen after the last frame');
    assert.ok(records[0].frames >= 1 && records[0].frames < 200, `${records[0].frames} frames`);
  });

  it('changes its settings in all workers at once', async () => {
    const change = await fetch(`${mock.url}/__bench/settings`, {
      method: 'PATCH',
      body: JSON.stringify({ faults: [{ fault: 'error:529', first: 3 }] }),
    });
    assert.equal(change.status, 200);
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await post(mock.url, '/v1/chat/completions', chat('gap=1'))).status);
    assert.deepEqual(statuses, [529, 529, 529, 200, 200, 200]);
    const wrong = await fetch(`${mock.url}/__bench/settings`, { method: 'PUT', body: '{"speed":1}' });
    assert.equal(wrong.status, 400);
    assert.match(await wrong.text(), /Unrecognized key: \\"speed\\"/);
  });

  it('replaces a worker that died, and says so', async () => {
    const before_ = await get<Health>(mock, '/__bench/health');
    process.kill(before_.workers[1]?.pid as number, 'SIGKILL');
    let health = before_;
    for (let i = 0; i < 100 && (health.restarts === 0 || health.workers.length < 2); i++) {
      await sleep(100);
      health = await get<Health>(mock, '/__bench/health').catch(() => health);
    }
    assert.equal(health.restarts, 1);
    assert.equal(health.workers.length, 2);
    assert.equal(health.verdict, 'the mock was the bottleneck');
    // A busy machine may be evidence of its own.
    assert.ok(health.evidence.includes('1 worker died and had to be replaced'), health.evidence.join());

    await get(mock, '/__bench/mark', 'POST');
    health = await get<Health>(mock, '/__bench/health');
    assert.deepEqual([health.restarts, health.window.restarts], [1, 0]);
    assert.ok(!health.evidence.some((each) => each.includes('died')), health.evidence.join());
  });
});

describe('a mock of one worker', () => {
  it('listens on the same port again when the worker died', async () => {
    const mock = await startMock();
    try {
      const [worker] = (await get<Health>(mock, '/__bench/health')).workers;
      process.kill(worker?.pid as number, 'SIGKILL');
      let health: Health | undefined;
      for (let i = 0; i < 100 && health?.restarts !== 1; i++) {
        await sleep(100);
        health = await get<Health>(mock, '/__bench/health').catch(() => undefined);
      }
      assert.equal(health?.restarts, 1);
    } finally {
      await mock.stop();
    }
  });
});

describe('a fleet of two workers', () => {
  let mock: StartedMock;
  let urls: { readonly a: string; readonly b: string; readonly control: string };
  before(async () => {
    mock = await startMockIn('.', '--providers', 'a:0,b:0', '--control-port', '0', '--workers', '2');
    const [, a = '', b = '', control = ''] =
      /^listening on (\S+) \(a\), (\S+) \(b\), control on (\S+) \(2 workers, \w+\)$/.exec(mock.line) ?? [];
    urls = { a, b, control };
  });
  after(() => mock.stop());

  const bench = async <T>(path: string, method = 'GET', body?: object): Promise<T> => {
    const response = await fetch(`${urls.control}/__bench/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as T;
  };
  interface Events {
    readonly events?: readonly { readonly event: string; readonly worker: number; readonly provider: string }[];
  }
  /** Asks on a connection of its own; the code of the error when there is none to be had. */
  const ask = async (url: string, marker: string): Promise<number | string> => {
    try {
      const response = await post(url, '/v1/chat/completions', chat(marker), { Connection: 'close' });
      await response.text();
      return response.status;
    } catch (error) {
      return ((error as Error).cause as NodeJS.ErrnoException).code ?? '';
    }
  };

  it('closes a port in all workers, also every one of the mock, and opens it in all of them', async () => {
    const closed = { faults: [{ fault: 'connection-refused' }] };
    await bench('settings', 'PATCH', { providers: { a: closed, b: closed } });
    const refused = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(i % 2 === 0 ? urls.a : urls.b, 'id=r')));
    assert.deepEqual([...new Set(refused)], ['ECONNREFUSED']);
    await bench('settings', 'PATCH', { providers: { a: { faults: [] }, b: { faults: [] } } });
    const opened = async () =>
      (await bench<Events>('timeline')).events?.filter(({ event }) => event === 'opened') ?? [];
    while ((await opened()).length < 4) await sleep(5);
    assert.deepEqual((await opened()).map(({ worker, provider }) => `${provider}${worker}`).sort(), [
      'a0',
      'a1',
      'b0',
      'b1',
    ]);
    for (const url of [urls.a, urls.b]) assert.equal(await ask(url, 'id=o'), 200);
  });

  it('counts first and attempts over both workers, of each provider by itself', async () => {
    await bench('settings', 'PUT', { faults: [{ fault: 'error:503', first: 3 }] });
    const of = async (url: string) => {
      const statuses: (number | string)[] = [];
      for (let i = 0; i < 5; i++) statuses.push(await ask(url, 'id=same'));
      return statuses;
    };
    assert.deepEqual(
      [await of(urls.a), await of(urls.b)],
      [
        [503, 503, 503, 200, 200],
        [503, 503, 503, 200, 200],
      ],
    );
  });

  it('has one timeline, which a worker that took the place of another keeps to', async () => {
    await bench('settings', 'PUT', {});
    await bench('ledger', 'DELETE');
    await bench('timeline', 'PUT', { phases: [{ name: 'sick', providers: { a: { 'error-rate': 1 } } }] });
    await bench('timeline/start', 'POST');
    assert.deepEqual([await ask(urls.a, 'id=t'), await ask(urls.b, 'id=t')], [500, 200]);
    const { workers } = await bench<Health>('health');
    process.kill(workers[0]?.pid as number, 'SIGKILL');
    let health = await bench<Health>('health').catch(() => undefined);
    while (health?.restarts !== 1 || health.workers.length < 2) {
      await sleep(20);
      health = await bench<Health>('health').catch(() => undefined);
    }
    const statuses = await Promise.all(Array.from({ length: 10 }, () => ask(urls.a, 'id=u')));
    assert.deepEqual([...new Set(statuses)], [500]);
    const { records } = await bench<{ records: { phase: string; provider: string }[] }>('ledger?id=u');
    assert.deepEqual([...new Set(records.map(({ phase, provider }) => `${phase} ${provider}`))], ['sick a']);
  });
});

describe('ending', () => {
  it('lets a running stream come to its end', async () => {
    const mock = await startMock();
    const response = await post(mock.url, '/v1/chat/completions', chat('gap=20 tokens=10', { stream: true }));
    const stopped = mock.stop();
    assert.match(await response.text(), /data: \[DONE\]\n\n$/);
    await stopped;
  });

  it('waits for a stream no longer than it was told to', async () => {
    const mock = await startMock('--drain', '100');
    const response = await post(mock.url, '/v1/chat/completions', chat('gap=1000 tokens=10', { stream: true }));
    await mock.stop();
    await assert.rejects(response.text());
  });
});

describe('what cannot be started', () => {
  it('says in one line that the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await run('--port', String(port));
    server.close();
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `crabllm-bench mock: port ${port} on 127.0.0.1 is in use; choose another with --port\n`);
  });

  it('says in one line that there are too few file descriptors', { skip: process.platform !== 'linux' }, async () => {
    assert.deepEqual(await runWithin(64), {
      code: 1,
      output: 'crabllm-bench mock: 64 file descriptors are too few (ulimit -n): it takes at least 128, better 4096.\n',
    });
  });

  it('says in one line which value cannot be used', async () => {
    const { code, stdout, stderr } = await run('--workers', '0');
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(stderr, 'crabllm-bench mock: --workers "0" is not a whole number from 1 to 64\n');
    const few = await run('--workers', '4', '--capacity', '2');
    assert.equal(few.code, 2);
    assert.match(few.stderr, /^crabllm-bench mock: capacity: 2 slots cannot be divided among 4 workers; .*\n$/);
  });
});
