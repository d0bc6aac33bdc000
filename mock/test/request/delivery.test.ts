import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULT_KINDS } from '#src/faults/fault.js';
import { ledgerRecords, type LedgerRecord } from '#src/ledger/export.js';
import type { Message } from '#src/wire/message.js';
import { toHostUs } from '#src/timing/clock.js';
import type { Outlet } from '#src/wire/outlet.js';
import { serviceOf } from '../support/in-process.js';

const NAMES = { faults: FAULT_KINDS, providers: ['mock'], phases: [] };

/** How long a write takes here, in milliseconds: much longer than two looks at a clock. */
const WRITE_MS = 5;

/** Takes its time for every write; the kernel takes it all at once, or only when told to. */
class SlowOutlet implements Outlet {
  readonly chunked = true;
  readonly arrivedMs = undefined;
  readonly socket = { destroyed: false } as Socket;
  readonly congested = false;
  /** When each write was begun, behind any look at the clock before it. */
  readonly begunMs: number[] = [];
  flushed = true;
  flush: ((taken: boolean) => void) | undefined;
  lose: (() => void) | undefined;
  send = () => this.#write();
  sendStream = () => this.#write();
  open = () => this.#write();
  frame = () => this.#write();
  lastFrame = () => this.#write();
  close = () => this.#write();
  whenDrained = () => assert.fail('it is never congested');
  whenFlushed = (callback: (taken: boolean) => void) => void (this.flush = callback);
  whenLost = (callback: () => void) => void (this.lose = callback);

  #write(): number {
    const startMs = performance.now();
    this.begunMs.push(startMs);
    while (performance.now() - startMs < WRITE_MS);
    return 1;
  }
}

function chat(marker: string, more: object = {}): Message {
  const messages = [{ role: 'user', content: `[[bench ${marker}]]` }];
  const body = Buffer.from(JSON.stringify({ model: 'bench-chat', messages, ...more }));
  return { method: 'POST', path: '/v1/chat/completions', query: '', header: () => undefined, body };
}

/** The record of one request when it has ended, or is only waiting for the kernel. */
async function recordOf(message: Message, outlet: SlowOutlet): Promise<{ now: () => LedgerRecord }> {
  const { service, ledger } = serviceOf(['--chunks', '2']);
  const now = () => ledgerRecords([ledger.records()], NAMES)[0] as LedgerRecord;
  service.serve(message, outlet);
  while (now().outcome === 'open' && outlet.flush === undefined) await sleep(1);
  return { now };
}

describe('the last byte in the ledger', () => {
  for (const [manner, marker] of [
    ['at once', 'id=a'],
    ['with a delay', 'id=a ttft=3'],
    ['a stream at once', 'id=a'],
    ['a stream with a delay', 'id=a ttft=3'],
  ] as const) {
    it(`has the time at which its write began: ${manner}`, async () => {
      const { now } = await recordOf(chat(marker, { stream: manner.startsWith('a stream') }), new SlowOutlet());
      const { outcome, sentFirstUs, sentLastUs, endedUs } = now();
      assert.equal(outcome, 'complete');
      assert.equal(sentLastUs, sentFirstUs);
      assert.ok(Math.abs((endedUs ?? 0) - (sentLastUs ?? 0)) <= 1);
    });
  }

  it('has the time at which its write began: the last frame of a paced stream', async () => {
    const outlet = new SlowOutlet();
    const { now } = await recordOf(chat('id=a gap=1', { stream: true }), outlet);
    const { frames, sentLastUs } = now();
    assert.equal(frames, outlet.begunMs.length);
    assert.ok((sentLastUs ?? 0) <= toHostUs(outlet.begunMs.at(-1) ?? 0) + 0.1);
  });

  for (const marker of ['id=a', 'id=a ttft=3']) {
    it(`has the time at which the kernel took it, when that was later: ${marker}`, async () => {
      const outlet = new SlowOutlet();
      outlet.flushed = false;
      const { now } = await recordOf(chat(marker), outlet);
      assert.equal(now().outcome, 'open');
      outlet.flush?.(true);
      const { outcome, sentFirstUs, sentLastUs } = now();
      assert.equal(outcome, 'complete');
      assert.ok((sentLastUs ?? 0) > (sentFirstUs ?? 0));
    });
  }
});

describe('an answer whose client goes', () => {
  it('is aborted when the kernel never took it', async () => {
    const outlet = new SlowOutlet();
    outlet.flushed = false;
    const { now } = await recordOf(chat('id=a ttft=3'), outlet);
    outlet.flush?.(false);
    assert.equal(now().outcome, 'aborted');
  });

  it('is aborted when it went before anything was sent', async () => {
    const { service, ledger } = serviceOf();
    const outlet = new SlowOutlet();
    service.serve(chat('id=a ttft=1000'), outlet);
    outlet.lose?.();
    assert.deepEqual(
      ledgerRecords([ledger.records()], NAMES).map(({ outcome, bytes }) => [outcome, bytes]),
      [['aborted', 0]],
    );
  });
});

describe('a fault that would change nothing', () => {
  for (const [about, fault, more] of [
    ['duplicate of a plain answer', 'duplicate', {}],
    ['no-done of a plain answer', 'no-done', {}],
    ['reorder of the last frame', 'reorder:5', { stream: true }],
    ['reorder of two equal frames', 'reorder:3 tokens=4', { stream: true }],
  ] as const) {
    it(`is none: ${about}`, async () => {
      const { now } = await recordOf(chat(`id=a fault=${fault}`, more), new SlowOutlet());
      assert.deepEqual([now().outcome, now().fault], ['complete', null]);
    });
  }

  it('and one that changes something is one', async () => {
    const { now } = await recordOf(chat('id=a fault=reorder:1', { stream: true }), new SlowOutlet());
    assert.deepEqual([now().outcome, now().fault], ['fault', 'reorder']);
  });
});
