import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { monotonicUs } from '#src/clock/clock.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { clientRows } from '#src/load/native/ledger-join.js';
import type { LoadRecord } from '#src/record/trial.js';
import { loadRecordSchema } from '#src/record/trial.js';
import {
  chatBody,
  chatStream,
  chunk,
  delta,
  type Play,
  plain,
  STREAM_HEAD,
  scriptedServer,
} from './scripted-server.js';

const ANSWER = plain(chatBody('hello world'));
const STREAM = chatStream(['hello ', 'world']);

let driver: Driver;
before(() => {
  driver = createNativeDriver();
});
after(() => driver.close());

function loadFor(port: number, more: Partial<TrialLoad> = {}): TrialLoad {
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { authorization: 'Bearer bench' },
    body: JSON.stringify({ messages: [{ role: 'user', content: `[[bench id=${ID_PLACEHOLDER}]]` }] }),
    streaming: false,
    level: { kind: 'rps', value: 100 },
    warmupMs: 100,
    measureMs: 500,
    timeoutMs: 400,
    expectedLatencyMs: 1,
    seed: 1,
    expected: { text: 'hello world', tools: null, finishReason: 'stop', usage: null },
    ...more,
  };
}

async function play(script: Play, more: Partial<TrialLoad> = {}): Promise<LoadRecord> {
  const server = await scriptedServer(script);
  try {
    const { record } = await driver.run(loadFor(server.port, more), new AbortController().signal);
    loadRecordSchema.parse(record);
    assertAddsUp(record);
    return record;
  } finally {
    await server.close();
  }
}

function always(text: string): Play {
  return (socket) => void socket.write(text);
}

/** The law of every record: each request is counted exactly once. */
function assertAddsUp(record: LoadRecord): void {
  const failed = Object.values(record.errors).reduce((sum, count) => sum + count, 0);
  assert.equal(record.ok + failed + record.dropped, record.scheduled);
  assert.ok(record.scheduled > 0);
}

describe('what becomes of each request', () => {
  const stream = { streaming: true } as const;
  const table: [string, Play, Partial<TrialLoad>, Record<string, number>][] = [
    ['a plain answer', always(ANSWER), {}, { ok: 50 }],
    ['a stream', always(STREAM), stream, { ok: 50 }],
    [
      'an answer in single bytes',
      (socket) => {
        for (const byte of ANSWER) socket.write(byte);
      },
      {},
      { ok: 50 },
    ],
    [
      'an answer until the close',
      (socket) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${chatBody('hello world')}`),
      {},
      { ok: 50 },
    ],
    [
      'a close after each answer',
      (socket) => void socket.end(plain(chatBody('hello world'), 200, 'connection: close\r\n')),
      {},
      { ok: 50 },
    ],
    ['a reset', (socket) => void socket.resetAndDestroy(), {}, { reset: 50 }],
    ['a close without an answer', (socket) => void socket.end(), {}, { reset: 50 }],
    ['a stall', () => {}, {}, { timeout: 50 }],
    ['a stall inside the stream', always(STREAM_HEAD + chunk(delta('hello '))), stream, { timeout: 50 }],
    ['500s', always(plain('{"error":{"message":"no"}}', 500)), {}, { status: 50 }],
    ['a bad chunk', always(`${STREAM_HEAD}zz\r\n`), stream, { malformed: 50 }],
    ['no HTTP', always('hello\r\n\r\n'), {}, { malformed: 50 }],
    ['bytes behind the answer', always(`${ANSWER}HTTP/1.1 200`), {}, { malformed: 50 }],
    ['a body that is no JSON', always(plain('<html>')), {}, { malformed: 50 }],
    ['an early end of the body', (socket) => void socket.end(ANSWER.slice(0, -5)), {}, { truncated: 50 }],
    [
      'an early end of the chunks',
      (socket) => void socket.end(STREAM_HEAD + chunk(delta('hello '))),
      stream,
      { truncated: 50 },
    ],
    ['no [DONE]', always(chatStream(['hello ', 'world'], false)), stream, { truncated: 50 }],
    ['a wrong text', always(plain(chatBody('hello worlds'))), {}, { content: 50 }],
    ['a missing frame', always(chatStream(['hello '])), stream, { content: 50 }],
    ['frames out of order', always(chatStream(['world', 'hello '])), stream, { content: 50 }],
    ['an error with status 200', always(plain('{"error":{"message":"no"}}')), {}, { content: 50 }],
    [
      'an error inside the stream',
      always(`${STREAM_HEAD}${chunk('data: {"error":{"message":"overloaded"}}\n\n')}0\r\n\r\n`),
      stream,
      { 'stream-error': 50 },
    ],
    [
      'every fifth a 429',
      (socket, index) => void socket.write(index % 5 === 4 ? plain('{}', 429) : ANSWER),
      {},
      { ok: 40, status: 10 },
    ],
  ];
  for (const [name, script, more, expected] of table) {
    it(name, async () => {
      const record = await play(script, more);
      const counted = { ...record.errors, ...(record.ok > 0 ? { ok: record.ok } : {}) };
      assert.deepEqual(counted, expected, JSON.stringify(record.errorExamples));
      assert.equal(record.scheduled, 50);
    });
  }

  it('says when it loaded, on the clock of whoever watches', async () => {
    const server = await scriptedServer((socket) => void socket.write(ANSWER));
    const load = loadFor(server.port);
    const askedMs = performance.now();
    const { span, raw } = await driver.run(load, new AbortController().signal);
    const doneMs = performance.now();
    await server.close();
    assert.ok(askedMs < span.fromMs && span.windowUntilMs < doneMs, JSON.stringify({ askedMs, ...span, doneMs }));
    assert.equal((span.windowFromMs - span.fromMs).toFixed(3), load.warmupMs.toFixed(3));
    assert.equal((span.windowUntilMs - span.windowFromMs).toFixed(3), load.measureMs.toFixed(3));
    // Of the host's monotonic clock, which the rows count from.
    const { startedAtUs } = JSON.parse(Buffer.from(raw).toString()) as { startedAtUs: number };
    const sinceMs = monotonicUs() / 1000 - performance.now() + span.fromMs - startedAtUs / 1000;
    assert.ok(Math.abs(sinceMs) < 0.5, `${sinceMs} ms apart`);
  });

  it('nobody there', async () => {
    const gone = await scriptedServer(() => {});
    await gone.close();
    const { record } = await driver.run(loadFor(gone.port), new AbortController().signal);
    assertAddsUp(record);
    assert.deepEqual(record.errors, { connect: 50 });
    assert.deepEqual(record.errorExamples, { 'connect: ECONNREFUSED': 50 });
  });

  it('drops what never got a connection, and says so', async () => {
    const narrow = createNativeDriver({ maxConnections: 2 });
    const server = await scriptedServer(() => {});
    const { record } = await narrow.run(loadFor(server.port), new AbortController().signal);
    await server.close();
    await narrow.close();
    assertAddsUp(record);
    assert.ok(record.dropped > 0);
    assert.ok((record.errors.timeout ?? 0) > 0);
    assert.equal(record.connections, 2);
  });
});

describe('the closed loop', () => {
  it('keeps so many requests under way, and no more', async () => {
    let now = 0;
    let most = 0;
    const script: Play = (socket) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        socket.write(STREAM);
      }, 10);
    };
    const record = await play(script, { streaming: true, level: { kind: 'streams', value: 8 } });
    assert.equal(most, 8);
    assert.equal(record.ok, record.scheduled);
    assert.equal(record.connections, 8);
    assert.equal(record.latenessUs, null);
  });

  it('does not ask a dead target in a hot loop', async () => {
    const record = await play((socket) => void socket.destroy(), { level: { kind: 'streams', value: 2 } });
    assert.equal(record.ok, 0);
    assert.ok(record.scheduled <= 2 * (500 / 10 + 2), `${record.scheduled} requests`);
  });
});

describe('the record', () => {
  it('gives every request an id of its own, of equal length', async () => {
    const ids: string[] = [];
    await play((socket, _index, body) => {
      ids.push(/id=([\w-]+)/.exec(body)?.[1] ?? '');
      socket.write(ANSWER);
    });
    assert.equal(ids.length, 60);
    assert.equal(new Set(ids).size, 60);
    for (const id of ids) assert.match(id, /^[a-z0-9]{16}$/);
  });

  it('counts latency from the intended time, and the seconds add up', async () => {
    const record = await play((socket) => void setTimeout(() => socket.write(ANSWER), 20), { measureMs: 1500 });
    assert.equal(record.latencyUs.count, 150);
    assert.ok((record.latencyUs.quantiles.p50 ?? 0) >= 19_000);
    const perSecond = record.latencyUs.seconds?.map((sparse) =>
      sparse.reduce((sum, n, i) => (i % 2 === 1 ? sum + n : sum), 0),
    );
    assert.deepEqual(perSecond, [100, 50]);
  });

  it('sees tokens and gaps', async () => {
    const rest = `${chunk(delta('world'))}${chunk(delta('', 'stop'))}${chunk('data: [DONE]\n\n')}0\r\n\r\n`;
    const record = await play(
      (socket) => {
        socket.write(STREAM_HEAD + chunk(delta('hello ')));
        setTimeout(() => socket.write(rest), 30);
      },
      { streaming: true },
    );
    assert.equal(record.ttftUs?.count, 50);
    assert.equal(record.gapUs?.count, 50);
    assert.ok((record.gapUs?.quantiles.p50 ?? 0) > 20_000);
    assert.ok((record.latencyUs.quantiles.p50 ?? 0) > (record.ttftUs?.quantiles.p50 ?? 0));
  });

  it('keeps token times of some requests of the window, and names what was wrong with an example', async () => {
    const server = await scriptedServer((socket) => void socket.write(chatStream(['hello '])));
    const { raw, columns } = await driver.run(loadFor(server.port, { streaming: true }), new AbortController().signal);
    await server.close();
    const { series, breaches, framing } = JSON.parse(Buffer.from(raw).toString()) as {
      series: { id: string; tokensUs: number[] }[];
      breaches: { code: string; count: number; id: string }[];
      framing: { frames: number; chunks: number };
    };
    const file = readColumnFile(columns as Uint8Array);
    const ids = new Set(Array.from(clientRows(file)).flatMap(({ id, measured }) => (measured ? [id] : [])));
    assert.equal(file.header.rows, 60);
    assert.equal(ids.size, 50);
    // A word, the finish reason and the end: three frames, each in a chunk.
    assert.deepEqual([framing.frames, framing.chunks], [150, 150]);
    assert.equal(series.length, 8);
    for (const { id, tokensUs } of series) {
      assert.ok(ids.has(id));
      assert.equal(tokensUs.length, 1);
    }
    assert.deepEqual(
      breaches.map(({ code, count, id }) => [code, count, ids.has(id)]),
      [['text-missing', 50, true]],
    );
  });

  it('is one schedule, in order and with ids of its own, also when two lanes send it', async () => {
    const server = await scriptedServer((socket) => void socket.write(ANSWER));
    const load = loadFor(server.port, { level: { kind: 'rps', value: 9000 }, measureMs: 200, timeoutMs: 20_000 });
    const { record, raw, columns } = await driver.run(load, new AbortController().signal);
    await server.close();
    assertAddsUp(record);
    assert.equal(record.scheduled, 1800);
    assert.equal((JSON.parse(Buffer.from(raw).toString()) as { lanes: number }).lanes, 2);
    const file = readColumnFile(columns as Uint8Array);
    assert.deepEqual([...file.counter], [...file.counter.keys()]);
    assert.deepEqual(
      [...file.columns.intendedUs],
      Array.from({ length: 2700 }, (_, k) => (k * 1e6) / 9000),
    );
  });

  it('spins with the same counts', async () => {
    const spinning = createNativeDriver({ pacing: 'spin' });
    const server = await scriptedServer((socket) => void socket.write(ANSWER));
    const { record } = await spinning.run(loadFor(server.port), new AbortController().signal);
    await server.close();
    await spinning.close();
    assertAddsUp(record);
    assert.equal(record.ok, 50);
  });

  it('sends bodies larger than the kernel takes at once', async () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(6_000_000) }] });
    let length = 0;
    const script: Play = (socket, _index, got) => {
      length = got.length;
      socket.write(ANSWER);
    };
    const record = await play(script, { body, level: { kind: 'rps', value: 10 }, timeoutMs: 5000 });
    assert.equal(record.ok, record.scheduled, JSON.stringify(record.errorExamples));
    assert.equal(length, body.length);
  });
});

describe('an abort', () => {
  it('ends the trial at once', async () => {
    const server = await scriptedServer(() => {});
    const abort = new AbortController();
    const run = driver.run(loadFor(server.port, { measureMs: 60_000, timeoutMs: 60_000 }), abort.signal);
    setTimeout(() => abort.abort(), 200);
    await assert.rejects(run, { code: 'interrupted', exitCode: 130 });
    await server.close();
    // And the driver is as good as before.
    const record = await play((socket) => void socket.write(ANSWER));
    assert.equal(record.ok, 50);
  });
});

describe('a connection for each request', () => {
  it('is opened when the request is due and closed behind it, with the time that connecting took apart', async () => {
    const fresh = createNativeDriver({ connections: 'new' });
    const server = await scriptedServer((socket) => void socket.end(ANSWER));
    const { record, raw } = await fresh.run(loadFor(server.port), new AbortController().signal);
    await Promise.all([server.close(), fresh.close()]);
    assertAddsUp(record);
    assert.equal(record.ok, 50);
    assert.equal(record.connectUs?.count, 50);
    // Connecting is part of the service, so that what is left of the latency is lateness and nothing else.
    const [latency, service, late] = [record.latencyUs, record.serviceUs, record.latenessUs].map(
      (d) => d?.quantiles.max,
    );
    assert.ok((latency ?? 0) <= (service ?? 0) + (late ?? 0), `${latency} > ${service} + ${late}`);
    const { connectionsOpened } = JSON.parse(Buffer.from(raw).toString()) as { connectionsOpened: number };
    assert.equal(connectionsOpened, 60);
  });
});
