import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it, mock } from 'node:test';
import { Frames, rawFrame } from '#src/wire/frames.js';
import { PacedStream, type StreamWatcher } from '#src/stream/paced.js';
import { Wheel } from '#src/stream/wheel.js';
import type { Outlet } from '#src/wire/outlet.js';
import { streamReply } from '#src/wire/reply.js';

/** Writes down what it is given. */
class Notebook extends EventEmitter implements Outlet {
  readonly chunked = true;
  readonly written: string[] = [];
  readonly arrivedMs = undefined;
  readonly flushed = true;
  readonly socket = new EventEmitter() as Socket;
  congested = false;
  send = () => this.#note('reply');
  sendStream = () => this.#note('stream');
  open = (_stream: unknown, { data }: { data: Buffer }) => this.#note(`open ${data.toString()}`);
  frame = ({ data }: { data: Buffer }) => this.#note(data.toString());
  lastFrame = ({ data }: { data: Buffer }) => this.#note(`last ${data.toString()}`);
  close = () => this.#note('close');
  whenDrained = (callback: () => void) => void this.once('drain', callback);
  whenFlushed = (callback: (taken: boolean) => void) => callback(true);
  whenLost = () => {};

  #note(text: string): number {
    this.written.push(text);
    this.emit('written');
    return text.length;
  }
}

function frames(count: number) {
  return streamReply(
    [],
    new Frames(Array.from({ length: count }, (_, i) => ({ frame: rawFrame(String(i)), times: 1 }))),
  );
}

/** Sends a stream; resolves with how late each frame was when it is over. */
function send(outlet: Notebook, count: number, gapMs: number, wheel = new Wheel()): Promise<number[]> {
  const late: number[] = [];
  return new Promise((resolve) => {
    const watcher: StreamWatcher = {
      sent: (_frames, _bytes, _sentMs, latenessMs) => late.push(latenessMs ?? NaN),
      blocked: (waitedMs) => outlet.emit('blocked', waitedMs),
      over: () => resolve(late),
    };
    void new PacedStream(frames(count), outlet, wheel, performance.now(), () => gapMs, watcher, {
      answer: 1,
      tookMs: 0,
    });
  });
}

describe('a paced stream', () => {
  it('sends each frame in its own write, the last one with the end', async () => {
    const outlet = new Notebook();
    const late = await send(outlet, 4, 3);
    assert.deepEqual(outlet.written, ['open 0', '1', '2', 'last 3']);
    for (const ms of late) assert.ok(ms >= 0);
  });

  it('closes behind a single frame', async () => {
    const outlet = new Notebook();
    await send(outlet, 1, 3);
    assert.deepEqual(outlet.written, ['open 0', 'close']);
  });

  it('keeps pace when gaps are shorter than the wheel’s millisecond', async () => {
    const wheel = new Wheel();
    const waits = mock.method(wheel, 'add');
    const late = await send(new Notebook(), 400, 0.05, wheel);
    assert.equal(late.length, 400);
    // 20 ms from the first frame to the last, so that many ticks at most.
    assert.ok(waits.mock.callCount() <= 21, `${waits.mock.callCount()} ticks for 400 frames`);
  });

  it('waits while the peer takes nothing, and then goes on', async () => {
    const outlet = new Notebook();
    outlet.once('written', () => {
      outlet.congested = true;
      setTimeout(() => {
        assert.deepEqual(outlet.written, ['open 0']);
        outlet.congested = false;
        outlet.emit('drain');
      }, 20);
    });
    await send(outlet, 3, 1);
    assert.deepEqual(outlet.written, ['open 0', '1', 'last 2']);
  });

  it('counts what the peer made it wait, and that not as its own lateness', async (t) => {
    const outlet = new Notebook();
    const blocked: number[] = [];
    outlet.on('blocked', (waitedMs: number) => blocked.push(waitedMs));
    let nowMs = 1000;
    t.mock.method(performance, 'now', () => nowMs);
    const wheel = new Wheel();
    // Fires what is due only when the clock of this test says so.
    t.mock.method(wheel, 'add', (entry: { dueMs: number; fire(now: number): void }) => {
      nowMs = entry.dueMs + 1;
      setImmediate(() => entry.fire(nowMs));
    });
    outlet.once('written', () => {
      outlet.congested = true;
    });
    outlet.on('newListener', (event) => {
      if (event !== 'drain') return;
      setImmediate(() => {
        nowMs += 500;
        outlet.congested = false;
        outlet.emit('drain');
      });
    });
    const late = await send(outlet, 4, 10, wheel);
    // The second frame is due at 1010, seen to be blocked at 1011 and sent at 1511, as is each one that is overdue by then.
    assert.deepEqual(late, [0, 0, 0, 0]);
    assert.deepEqual(blocked, [500]);
  });

  it('sends nothing more once it is stopped', async () => {
    const outlet = new Notebook();
    const watcher = { sent: () => {}, blocked: () => {}, over: () => assert.fail('it was stopped') };
    const stream = new PacedStream(frames(5), outlet, new Wheel(), performance.now(), () => 2, watcher, {
      answer: 1,
      tookMs: 0,
    });
    stream.stop();
    await send(new Notebook(), 5, 5);
    assert.deepEqual(outlet.written, ['open 0']);
  });
});
