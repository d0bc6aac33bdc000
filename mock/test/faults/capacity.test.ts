import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Capacity } from '#src/faults/capacity.js';
import fc from 'fast-check';

describe('capacity', () => {
  it('starts at most its slots, lets the queue wait in its order, refuses the others', () => {
    const capacity = new Capacity(2, 1);
    const started: string[] = [];
    const taken = ['a', 'b', 'c', 'd'].map((name) => capacity.start(() => started.push(name)));
    assert.deepEqual(
      [taken, started],
      [
        [true, true, true, false],
        ['a', 'b'],
      ],
    );
    capacity.release();
    assert.deepEqual(started, ['a', 'b', 'c']);
  });

  it('forgets who has left the queue', () => {
    const capacity = new Capacity(1, 5);
    const started: string[] = [];
    const b = () => started.push('b');
    capacity.start(() => started.push('a'));
    capacity.start(b);
    capacity.start(() => started.push('c'));
    assert.deepEqual([capacity.cancel(b), capacity.cancel(b)], [true, false]);
    capacity.release();
    assert.deepEqual(started, ['a', 'c']);
  });

  it('lets any number of those who are over at once follow each other', () => {
    const capacity = new Capacity(1, 20_000);
    let started = 0;
    capacity.start(() => {});
    for (let i = 0; i < 20_000; i++) {
      capacity.start(() => {
        started++;
        capacity.release();
      });
    }
    capacity.release();
    assert.equal(started, 20_000);
    assert.equal(
      capacity.start(() => {}),
      true,
    );
  });

  it('keeps the order while some leave', () => {
    const leaves = fc.array(fc.boolean(), { maxLength: 200 });
    fc.assert(
      fc.property(leaves, (leaving) => {
        const capacity = new Capacity(1, 1000);
        capacity.start(() => {});
        const started: number[] = [];
        const all = leaving.map((_, i) => () => {
          started.push(i);
          capacity.release();
        });
        for (const begin of all) capacity.start(begin);
        leaving.forEach((leaves_, i) => leaves_ && capacity.cancel(all[i] as () => void));
        capacity.release();
        assert.deepEqual(
          started,
          leaving.flatMap((leaves_, i) => (leaves_ ? [] : [i])),
        );
      }),
    );
  });

  it('never runs more than its slots and loses none, whatever happens', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean(), { maxLength: 100 }), (slots, steps) => {
        const capacity = new Capacity(slots, 1000);
        let running = 0;
        let unfinished = 0;
        for (const begin of steps) {
          if (begin) {
            unfinished++;
            capacity.start(() => running++);
          } else if (running > 0) {
            running--;
            unfinished--;
            capacity.release();
          }
          assert.equal(running, Math.min(slots, unfinished));
        }
      }),
    );
  });

  it('is divided among workers without loss', () => {
    const slots = [0, 1, 2].map((worker) => {
      const capacity = Capacity.share({ slots: 7, queue: 0 }, worker, 3);
      let started = 0;
      while (capacity.start(() => started++));
      return started;
    });
    assert.deepEqual(slots, [3, 2, 2]);
  });
});
