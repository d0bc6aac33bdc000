import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { clientRows, type LedgerRow } from '#src/load/native/ledger-join.js';
import { settleStale } from '#src/load/native/stale-connections.js';
import { judgeLoad } from '#src/record/validity.js';
import { chatBody, plain, type Play, scriptedServer } from './scripted-server.js';

const driver = createNativeDriver();
after(() => driver.close());

const LEVEL = { kind: 'rps', value: 100 } as const;

/**
 * A server that closes a connection that has brought an answer, in the place of every tenth answer. Never one that is new, and none under a
 * request that comes again: those are errors at once, and a driver that was held up opens connections and sends again in a heap.
 */
function closing(): Play {
  const answered = new WeakSet<Socket>();
  const closedUnder = new Set<string>();
  let sinceClosed = 0;
  return (socket, _index, body) => {
    if (++sinceClosed < 10 || !answered.has(socket) || closedUnder.has(body)) {
      answered.add(socket);
      socket.write(plain(chatBody('yes')));
      return;
    }
    sinceClosed = 0;
    closedUnder.add(body);
    socket.destroy();
  };
}

async function play(script: Play) {
  const server = await scriptedServer(script);
  try {
    const load = {
      url: `http://127.0.0.1:${server.port}/v1/chat/completions`,
      headers: {},
      body: JSON.stringify({ messages: [{ role: 'user', content: `[[bench id=${ID_PLACEHOLDER}]]` }] }),
      streaming: false,
      level: LEVEL,
      warmupMs: 100,
      measureMs: 500,
      timeoutMs: 2000,
      expectedLatencyMs: 1,
      seed: 1,
      expected: { text: 'yes', tools: null, finishReason: 'stop', usage: null },
    } as const;
    const { record, columns } = await driver.run(load, new AbortController().signal);
    assert.ok(columns !== undefined);
    return { record, columns };
  } finally {
    await server.close();
  }
}

/** What a mock behind the server would have seen: each request as often as is said of it. */
function ledgerOf(columns: Uint8Array, times: (resent: boolean, nth: number) => number): LedgerRow[] {
  let resents = 0;
  return [...clientRows(readColumnFile(columns))].flatMap(({ id, resent, measured }) => {
    const nth = resent && measured ? resents++ : -1;
    const row = {
      id,
      arrivedUs: 0,
      arrivedWholeUs: 0,
      firstByteUs: 1,
      lastByteUs: 2,
      endUs: 2,
      frames: 1,
      status: 200,
      end: 'complete',
      fault: null,
      provider: 'mock',
      phase: null,
      connection: 'a',
    } as const;
    return Array.from({ length: times(resent, nth) }, () => row);
  });
}

describe('a connection that was closed while the next request was on its way', () => {
  it('is no error where the mock never saw the request: sent again, counted, its first intended time kept', async () => {
    const trial = await play(closing());
    const { record } = trial;
    const stale = record.staleConnections ?? 0;
    assert.ok(stale >= 4, String(stale));
    assert.deepEqual([record.ok, record.errors], [record.scheduled, {}]);
    const settled = await settleStale(
      trial,
      ledgerOf(trial.columns, () => 1),
    );
    assert.deepEqual(settled.record, record);
    assert.equal(judgeLoad(record, LEVEL, 0).state, 'valid');
    for (const { resent, begunUs, sentUs } of clientRows(readColumnFile(trial.columns)))
      assert.ok(begunUs !== null && sentUs !== null && (resent ? begunUs < sentUs : begunUs === sentUs));
  });

  it('is an error where the mock had seen the request, and where nobody can say', async () => {
    const trial = await play(closing());
    const stale = trial.record.staleConnections ?? 0;
    const one = await settleStale(
      trial,
      ledgerOf(trial.columns, (_resent, nth) => (nth === 0 ? 2 : 1)),
    );
    assert.deepEqual(one.record.errors, { reset: 1 });
    assert.equal(one.record.staleConnections, stale - 1);
    assert.equal(one.record.ok, trial.record.ok - 1);
    const unknown = await settleStale(trial, null);
    assert.deepEqual(unknown.record.errors, { reset: stale });
    assert.equal(unknown.record.staleConnections, 0);
    assert.equal(judgeLoad(unknown.record, LEVEL, 0).reason?.code, 'errors');
  });

  it('is an error at once on a connection that had never brought an answer, and when it happens twice', async () => {
    const { record } = await play((socket) => socket.destroy());
    assert.equal(record.staleConnections, 0);
    assert.deepEqual(record.errors, { reset: record.scheduled });
    const answered = new WeakSet();
    const { record: second } = await play((socket) => {
      if (answered.has(socket)) socket.destroy();
      else socket.write(plain(chatBody('yes')));
      answered.add(socket);
    });
    assert.deepEqual(second.errors, {});
  });
});
