import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SharedCounts } from '#src/control/shared-counts.js';
import { behaviourOf } from '#src/faults/behaviour.js';
import { FaultPlan } from '#src/faults/plan.js';
import { checkSettings } from '#src/faults/settings.js';

const PATH = '/v1/chat/completions';

/** Plans of two workers that share their counts, as the primary lets them. */
function plans(settings: object, startedMs = performance.now()) {
  const behaviour = behaviourOf(checkSettings(settings));
  const counts = new SharedCounts();
  const count = (what: string, by = 1) => Promise.resolve(counts.add(what, by));
  const workers = [new FaultPlan(startedMs, count), new FaultPlan(startedMs, count)];
  return async (worker: number, key: string | number, path = PATH) =>
    (await workers[worker]?.choose(behaviour, {}, key, path))?.kind;
}

const keys = Array.from({ length: 2000 }, (_, i) => `id-${i}`);

describe('the fault plan', () => {
  it('plays nothing when nothing is asked for', async () => {
    assert.equal(await plans({})(0, 'a'), undefined);
  });

  it('fails the same requests whichever worker they meet and when, with the share that was asked for', async () => {
    const settings = { seed: 5, 'error-rate': 0.3 };
    const [choose, again] = [plans(settings), plans(settings)];
    const fates = await Promise.all(keys.map((key) => choose(0, key)));
    const others = await Promise.all([...keys].reverse().map((key) => again(1, key)));
    assert.deepEqual(others.reverse(), fates);
    const failed = fates.filter((fate) => fate === 'error').length;
    assert.ok(failed > 520 && failed < 680, `${failed} of 2000 at 30 %`);
  });

  it('fails others with another seed', async () => {
    const fates = [1, 2].map((seed) => {
      const choose = plans({ seed, 'error-rate': 0.3 });
      return Promise.all(keys.map((key) => choose(0, key)));
    });
    assert.notDeepEqual(await fates[0], await fates[1]);
  });

  it('draws anew for every attempt, counted over the workers, so that a retry may fare better', async () => {
    for (const settings of [
      { seed: 5, 'error-rate': 0.3 },
      { seed: 5, faults: [{ fault: 'error:500', share: 0.3 }] },
    ]) {
      const [choose, again] = [plans(settings), plans(settings)];
      const first = await Promise.all(keys.map((key) => choose(0, key)));
      const failed = keys.filter((_, i) => first[i] === 'error');
      const attempts: number[] = [];
      for (const key of failed) {
        let attempt = 1;
        while ((await choose(attempt % 2, key)) === 'error') attempt++;
        attempts.push(attempt);
      }
      const third = attempts.filter((attempt) => attempt > 1).length / attempts.length;
      assert.ok(third > 0.2 && third < 0.4, `${third} of the first retries failed, at 30 %`);
      // The same in another run, whichever worker is met; and who was spared once is spared always.
      for (const key of keys) await again(1, key);
      const other: number[] = [];
      for (const key of failed) {
        let attempt = 1;
        while ((await again(0, key)) === 'error') attempt++;
        other.push(attempt);
      }
      assert.deepEqual(other, attempts);
      const spared = keys.find((_, i) => first[i] === undefined) as string;
      for (let i = 0; i < 20; i++) assert.equal(await choose(0, spared), undefined);
    }
  });

  it('draws each rule by itself', async () => {
    const faults = [
      { fault: 'stall', share: 0.5 },
      { fault: 'refuse', share: 0.5 },
    ];
    const choose = plans({ faults });
    const fates = await Promise.all(keys.map((key) => choose(0, key)));
    const refused = fates.filter((fate) => fate === 'refuse').length;
    assert.ok(refused > 400 && refused < 600, `${refused} of 2000, where half of the other half was to be`);
  });

  it('fails the first requests of all workers together, then no more', async () => {
    const choose = plans({ faults: [{ fault: 'error:503', first: 3 }] });
    const fates: (string | undefined)[] = [];
    for (const worker of [0, 1, 1, 0, 1, 0]) fates.push(await choose(worker, 'same-id'));
    assert.deepEqual(fates, ['error', 'error', 'error', undefined, undefined, undefined]);
  });

  it('goes on with the next rule behind one that is spent', async () => {
    const choose = plans({ faults: [{ fault: 'refuse', first: 1 }, { fault: 'stall' }] });
    assert.deepEqual([await choose(0, 'a'), await choose(1, 'b'), await choose(0, 'c')], ['refuse', 'stall', 'stall']);
  });

  it('keeps to its time', async () => {
    const faults = [{ fault: 'refuse', from: '10s', to: '20s' }];
    const at = (seconds: number) => plans({ faults }, performance.now() - seconds * 1000)(0, 'a');
    assert.deepEqual([await at(5), await at(15), await at(25)], [undefined, 'refuse', undefined]);
  });

  it('comes back every so often', async () => {
    const faults = [{ fault: 'refuse', every: '4s', from: '1s', to: '2s' }];
    const at = (seconds: number) => plans({ faults }, performance.now() - seconds * 1000)(0, 'a');
    assert.deepEqual(await Promise.all([0.5, 1.5, 2.5, 4.5, 5.5, 401.5].map(at)), [
      undefined,
      'refuse',
      undefined,
      undefined,
      'refuse',
      'refuse',
    ]);
  });

  it('keeps to its paths', async () => {
    const choose = plans({ faults: [{ fault: 'refuse', path: '/v1/emb' }] });
    assert.deepEqual([await choose(0, 'a'), await choose(0, 'a', '/v1/embeddings')], [undefined, 'refuse']);
  });
});
