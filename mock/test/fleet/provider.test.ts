import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { changed, firstSettings } from '#src/control/current.js';
import type { TimelineEvent } from '#src/control/messages.js';
import { checkTimeline } from '#src/faults/timeline.js';
import type { Door } from '#src/fleet/door.js';
import { EventLog } from '#src/fleet/event-log.js';
import { Provider } from '#src/fleet/provider.js';
import { Counters } from '#src/health/counters.js';
import type { Service } from '#src/request/service.js';
import { toHostUs } from '#src/timing/clock.js';

const TIMELINE = checkTimeline({
  phases: [
    { name: 'before' },
    { name: 'outage', from: '2s', faults: [{ fault: 'connection-refused' }] },
    { name: 'after', from: '4s' },
  ],
});

/** What a reading of the clock takes here, in milliseconds: far longer than in life, that every place between two is met. */
const READING_MS = 0.25;

/** A door that is there at once. */
function fakeDoor(): Door {
  const door = {
    port: 1,
    open: false,
    begin(): Promise<void> {
      door.open = true;
      return Promise.resolve();
    },
    set(open: boolean, done: () => void): void {
      if (open === door.open) return;
      door.open = open;
      done();
    },
  };
  return door as unknown as Door;
}

describe('a provider that keeps to its times', () => {
  let nowMs = 0;

  beforeEach(() => {
    nowMs = 1_000_000;
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => (nowMs += READING_MS));
  });

  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  /** All that happened while timers came so much before their time, as Node's do when their loop was held up. */
  async function eventsWith(earlyMs: number): Promise<readonly Pick<TimelineEvent, 'event' | 'phase'>[]> {
    const waiting = changed(
      firstSettings({ settings: {}, providers: {} }, TIMELINE, toHostUs(nowMs)),
      { what: 'start', phase: undefined },
      toHostUs(nowMs),
    );
    const events = new EventLog(0);
    const provider = new Provider(
      {
        name: 'a',
        index: 0,
        service: {} as Service,
        counters: new Counters(),
        door: fakeDoor(),
        events,
        place: { worker: 0, workers: 1 },
        count: () => Promise.resolve(1),
      },
      waiting,
    );
    await provider.open();
    const endMs = nowMs + 6000;
    nowMs -= earlyMs;
    while (nowMs < endMs) {
      nowMs++;
      mock.timers.tick(1);
    }
    provider.stop();
    return events.all().map(({ event, phase }) => ({ event, phase }));
  }

  it('misses no change, however early a timer comes', async () => {
    for (let earlyMs = 0; earlyMs <= 4; earlyMs += READING_MS / 2) {
      assert.deepEqual(
        await eventsWith(earlyMs),
        [
          { event: 'phase', phase: 'outage' },
          { event: 'closed', phase: 'outage' },
          { event: 'phase', phase: 'after' },
          { event: 'opened', phase: 'after' },
        ],
        `a timer that comes ${earlyMs} ms early`,
      );
    }
  });
});
