import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Driver } from '#src/load/driver.js';
import { monotonicUs } from '#src/clock/clock.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { expectedOf } from '#src/answers/expected-of.js';
import { clientRows, joinLedger, type LedgerRow } from '#src/load/native/ledger-join.js';
import { chunk, delta, type ScriptedServer, STREAM_HEAD, scriptedServer } from './scripted-server.js';

const GAP_MS = 10;
const RATE = 50;
const ARGUMENTS = ['{"city":', '"Wien",', '"unit":', '"C"}'];

/** What the provider says: words, then a tool call in pieces, all of them different, so that order can be seen. */
const FRAMES = [
  ...['one ', 'two ', 'three ', 'four '].map((word) => delta(word)),
  ...ARGUMENTS.map((part, i) => toolFrame(part, i === 0 ? 'weather' : undefined)),
  delta('', 'tool_calls'),
  'data: [DONE]\n\n',
];
const EXPECTED = expectedOf('chat', true, Buffer.from(FRAMES.join('')));

let ledger: LedgerRow[] = [];
let provider: ScriptedServer;
let driver: Driver;
before(async () => {
  provider = await scriptedServer((socket, _index, body) => void provide(socket, body));
  driver = createNativeDriver();
});
after(async () => {
  await driver.close();
  await provider.close();
});

/** Answers frame by frame, and writes down what it did. */
async function provide(socket: Socket, body: string): Promise<void> {
  const arrivedUs = monotonicUs();
  const firstByteUs = monotonicUs();
  socket.write(STREAM_HEAD);
  for (const frame of FRAMES) {
    socket.write(chunk(frame));
    if (frame !== FRAMES.at(-1)) await delay(GAP_MS);
  }
  const lastByteUs = monotonicUs();
  socket.write('0\r\n\r\n');
  const id = /id=(\w+)/.exec(body)?.[1] ?? '';
  ledger.push({
    id,
    arrivedUs,
    arrivedWholeUs: arrivedUs,
    firstByteUs,
    lastByteUs,
    endUs: lastByteUs,
    frames: FRAMES.length,
    status: 200,
    fault: null,
    provider: 'mock',
    phase: null,
    end: 'complete',
    connection: '0/1',
  });
}

/** A gateway that passes the k-th request on and sends back what `alter` makes of the whole answer's frames, when it has them all. */
type Alter = (frames: string[], index: number) => string[];

function lumpingProxy(alter: Alter, copies: (index: number) => number = () => 1): Promise<ScriptedServer> {
  return scriptedServer((socket, index, body) => {
    void Promise.all(Array.from({ length: copies(index) }, () => askProvider(body))).then(([answer = '']) => {
      const frames = alter(answer.match(/data: .*\n\n/g) ?? [], index);
      socket.write(`${STREAM_HEAD}${frames.map(chunk).join('')}0\r\n\r\n`);
    });
  });
}

/** One request to the provider on a connection of its own; the answer as text. */
function askProvider(body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(provider.port, '127.0.0.1');
    socket.write(`POST / HTTP/1.1\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    socket.on('error', reject);
    socket.on('data', (bytes: Buffer) => {
      answer += bytes.toString();
      if (!answer.endsWith('\r\n0\r\n\r\n')) return;
      socket.destroy();
      resolve(answer);
    });
  });
}

async function trialOn(port: number, rate = RATE) {
  ledger = [];
  const load = {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    body: JSON.stringify({ stream: true, messages: [{ role: 'user', content: '[[bench id=0000000000000000]]' }] }),
    streaming: true,
    level: { kind: 'rps', value: rate },
    warmupMs: 200,
    measureMs: 1000,
    timeoutMs: 4000,
    expectedLatencyMs: 100,
    seed: 1,
    expected: EXPECTED,
  } as const;
  const { record, raw, columns } = await driver.run(load, new AbortController().signal);
  const { breaches } = JSON.parse(Buffer.from(raw).toString()) as { breaches: { code: string; count: number }[] };
  const join = joinLedger(clientRows(readColumnFile(columns as Uint8Array)), ledger, true);
  return { record, join, breaches: breaches.map(({ code, count }) => [code, count]) };
}

async function through(proxy: ScriptedServer, rate = RATE) {
  try {
    return await trialOn(proxy.port, rate);
  } finally {
    await proxy.close();
  }
}

describe('what a gateway may do to a stream', () => {
  it('nothing: found sound, each request once, the sums positive', async () => {
    const { record, join, breaches } = await trialOn(provider.port);
    assert.deepEqual([record.ok, breaches], [50, []]);
    assert.equal(join.overheads.length, 50);
    assert.deepEqual([join.missing.count, join.repeated, join.strange.count], [0, [], 0]);
    for (const { requestPathUs, responsePathUs, overheadUs } of join.overheads) {
      assert.ok(requestPathUs !== null && responsePathUs !== null);
      assert.ok(Math.abs(requestPathUs + responsePathUs - overheadUs) < 0.01);
    }
    assert.ok(join.buffered.length < 25, `${join.buffered.length} of a stream that nobody holds back`);
  });

  it('hold it back: named, with both spans', async () => {
    const { record, join } = await through(await lumpingProxy((frames) => frames));
    assert.equal(record.ok, 50);
    assert.equal(join.buffered.length, 50);
    for (const { providerSpanUs, clientSpanUs } of join.buffered) assert.ok(clientSpanUs < providerSpanUs / 2);
  });

  it('drop every 500th frame: each one is counted', async () => {
    const rate = 400;
    const dropped: string[] = [];
    let passed = 0;
    const lossy: Alter = (frames, index) =>
      frames.filter((frame) => {
        passed += 1;
        // The first 80 requests are warm-up, and may arrive in another order. What tells nothing when it is lost is passed on, and the next frame is lost.
        const lost = passed >= 500 && index >= 100 && /"content":"\w|"arguments"/.test(frame);
        if (lost) {
          passed = 0;
          dropped.push(frame);
        }
        return !lost;
      });
    const { record, breaches } = await through(await lumpingProxy(lossy), rate);
    assert.ok(dropped.length >= 5, `${dropped.length} of ${rate * FRAMES.length} frames`);
    const lostText = dropped.filter((frame) => frame.includes('"content"')).length;
    const named = new Map(breaches as [string, number][]);
    assert.deepEqual([record.ok, record.errors], [rate - dropped.length, { content: dropped.length }]);
    assert.equal(named.get('text-missing') ?? 0, lostText);
    assert.equal((named.get('tool-arguments') ?? 0) + (named.get('tool-calls') ?? 0), dropped.length - lostText);
  });

  it('swap two fragments of tool arguments: found', async () => {
    const swapping: Alter = (frames, index) =>
      index % 20 === 15 ? frames.toSpliced(5, 2, frames[6] as string, frames[5] as string) : frames;
    const { record, breaches } = await through(await lumpingProxy(swapping));
    assert.deepEqual([record.ok, breaches], [47, [['tool-arguments', 3]]]);
  });

  it('ask the provider twice: named', async () => {
    const { record, join } = await through(
      await lumpingProxy(
        (frames) => frames,
        (index) => (index % 20 === 15 ? 2 : 1),
      ),
    );
    assert.equal(record.ok, 50);
    assert.deepEqual(
      join.repeated.map(({ times }) => times),
      [2, 2, 2],
    );
    assert.equal(join.overheads.length, 47);
  });

  it('answer without asking the provider: named', async () => {
    const made = await scriptedServer(
      (socket) => void socket.write(`${STREAM_HEAD}${FRAMES.map(chunk).join('')}0\r\n\r\n`),
    );
    const { record, join } = await through(made);
    assert.equal(record.ok, 50);
    assert.equal(join.missing.count, 50);
  });
});

function toolFrame(part: string, name?: string): string {
  const call = { index: 0, function: { ...(name === undefined ? {} : { name }), arguments: part } };
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] })}\n\n`;
}
