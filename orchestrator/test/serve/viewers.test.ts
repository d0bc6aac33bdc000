import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, test } from 'node:test';
import type { LivePhase, LiveState } from '#src/report/live-model.js';
import type { PageModel } from '#src/report/page-model.js';
import { Viewers } from '#src/serve/viewers.js';

/** A connection of a browser that takes what it is sent, or sleeps. */
class FakeResponse extends EventEmitter {
  asleep = false;
  written: string[] = [];
  #waiting: string[] = [];

  get writableLength(): number {
    return this.#waiting.join('').length;
  }

  writeHead(): this {
    return this;
  }

  write(text: string): void {
    (this.asleep ? this.#waiting : this.written).push(text);
  }

  wake(): void {
    this.asleep = false;
    this.written.push(...this.#waiting.splice(0));
    this.emit('drain');
  }

  end(): void {
    this.emit('close');
  }

  /** Name and number of each event that arrived. */
  get events(): string[] {
    return [...this.written.join('').matchAll(/event: (\w+)\nid: (\d+)\n/g)].map(([, name, id]) => `${name} ${id}`);
  }
}

const phase = (doing: string): LivePhase => ({
  state: 'measuring',
  doing,
  progress: '',
  done: 0,
  total: 0,
  rests: 'block',
});
const model = (question: string): PageModel => ({ question }) as PageModel;

function setting() {
  let doing = 'start';
  const state = (): LiveState => ({ phase: phase(doing), lines: [], model: null });
  const viewers = new Viewers(state, () => true);
  return {
    viewers,
    join: (lastEventId: string | null = null): FakeResponse => {
      const response = new FakeResponse();
      viewers.add(response as unknown as ServerResponse, lastEventId);
      return response;
    },
    say: (what: string): void => {
      doing = what;
      viewers.publish('phase', phase(what));
      viewers.flush();
    },
  };
}

describe('those who look on', () => {
  test('each begins with the whole state and gets every event once, in order', () => {
    const { join, say } = setting();
    const first = join();
    say('one');
    const second = join();
    say('two');
    assert.deepEqual(first.events, ['state 0', 'phase 1', 'phase 2']);
    assert.deepEqual(second.events, ['state 1', 'phase 2']);
    assert.match(first.written.at(-1) ?? '', /^event: phase\nid: 2\ndata: \{.*"doing":"two".*\}\n\n$/);
  });

  test('who reconnects gets what it missed, or the state where that is too much or was never said', () => {
    const { join, say } = setting();
    const there = join();
    for (const what of ['one', 'two', 'three']) say(what);
    assert.deepEqual(join('1').events, ['phase 2', 'phase 3']);
    assert.deepEqual(join('3').events, []);
    for (const strange of ['4', '999999999999999999', '-1', 'x', ''])
      assert.deepEqual(join(strange).events, ['state 3']);
    for (let i = 0; i < 600; i += 1) say(`more ${i}`);
    assert.deepEqual(join('1').events, ['state 603']);
    assert.equal(there.events.length, 604);
  });

  test('a viewer that sleeps costs no more than a bounded buffer, and wakes up to the state', () => {
    const { viewers, join, say } = setting();
    const [sleeper, other] = [join(), join()];
    sleeper.asleep = true;
    const large = 'x'.repeat(100_000);
    for (let i = 0; i < 1000; i += 1) say(`${i} ${large}`);
    assert.ok(sleeper.writableLength < 1_300_000, String(sleeper.writableLength));
    assert.equal(other.events.length, 1001);
    sleeper.wake();
    assert.equal(sleeper.events.at(-1), 'state 1000');
    say('after');
    assert.equal(sleeper.events.at(-1), 'phase 1001');
    assert.equal(viewers.count, 2);
  });

  test('of models only the newest is sent to who was behind', () => {
    const { viewers, join } = setting();
    const there = join();
    for (const text of ['a', 'b']) viewers.publish('model', model(text));
    viewers.publish('phase', phase('behind'));
    viewers.flush();
    assert.deepEqual(there.events, ['state 0', 'model 2', 'phase 3']);
  });

  test('who went is forgotten, and without anybody nothing is kept', () => {
    const { viewers, join, say } = setting();
    join().end();
    assert.deepEqual([viewers.count, viewers.mostAtOnce], [0, 1]);
    say('nobody hears it');
    say('nor this');
    assert.deepEqual(join('1').events, ['state 2']);
  });
});
