import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { House, type Tenant } from '#src/execute/house.js';
import type { Stage, StageTarget } from '#src/execute/stage.js';
import type { Service } from '#src/catalogue/service.js';
import { ExternalRuntime } from '#src/runtime/external/external-runtime.js';
import type { RunningService } from '#src/runtime/runtime.js';
import { FakeDriver, FakeRuntime, fakeService } from '../support/fake-runtime.js';
import { fakeStage } from '../support/fake-stage.js';

/** Services that are gone only when the test lets them go. */
class ReluctantRuntime extends FakeRuntime {
  readonly #goes = new Map<string, (fault: Error | null) => void>();

  override async start(service: Service): Promise<RunningService> {
    const running = await super.start(service);
    if (service.role === 'mock') return running;
    return {
      ...running,
      stop: async () => {
        const fault = await new Promise<Error | null>((resolve) => this.#goes.set(service.name, resolve));
        await running.stop();
        if (fault !== null) throw fault;
      },
    };
  }

  /** Lets a service end that was told to. */
  letGo(name: string, fault: Error | null = null): void {
    (this.#goes.get(name) ?? assert.fail(`${name} was not told to stop`))(fault);
  }
}

function setting(t: TestContext, change: Partial<Stage> = {}) {
  const runtime = new ReluctantRuntime();
  t.after(async () => Promise.all([...runtime.up.values()].map(async ({ provider }) => provider.close())));
  const house = new House(fakeStage(runtime, new FakeDriver(), change), SCENARIOS[0] ?? assert.fail());
  const target = (name: string, port: number): StageTarget => ({
    name,
    kind: 'gateway',
    service: { ...fakeService(name, 'gateway', 20_000), port },
    runtime,
  });
  const settleIn = async (whom: StageTarget): Promise<Tenant> => {
    const arrival = await house.moveIn(whom);
    return 'tenant' in arrival ? arrival.tenant : assert.fail(arrival.reason.message);
  };
  /** Until the runtime's diary says something. */
  const written = async (entry: string): Promise<void> => {
    while (!runtime.diary.includes(entry)) await new Promise((resolve) => setImmediate(resolve));
  };
  return { runtime, house, target, settleIn, written };
}

describe('who is alone', () => {
  test('whoever is up while no other target is: not one of a pair, nor one who came before the other is gone', async (t) => {
    const { runtime, house, target, settleIn, written } = setting(t);
    const [a, b] = [target('a', 1), target('b', 2)];
    const mock = await house.mock();
    const first = await settleIn(a);
    assert.deepEqual([first.isAlone(), mock.isAlone()], [true, false]);
    const second = await settleIn(b);
    assert.deepEqual([first.isAlone(), second.isAlone()], [false, false]);
    house.moveOut(a, first);
    assert.equal(second.isAlone(), false);
    runtime.letGo('a');
    await written('stop a');
    await house.moveIn({ ...target('direct', 3), kind: 'direct' });
    assert.equal(second.isAlone(), true);
    await runtime.kill('b', { exitCode: 1, signal: null, outOfMemory: false });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(mock.isAlone(), true);
  });

  test('nobody is beside what runs already', async (t) => {
    const url = 'http://127.0.0.1:1';
    const there = (name: string) => ({
      name,
      kind: 'external' as const,
      service: fakeService(name),
      runtime: new ExternalRuntime(new Map([[name, url]])),
      limitsEnforced: false,
    });
    const { target, settleIn } = setting(t, { targets: new Map([['there', there('there')]]) });
    assert.equal((await settleIn(target('a', 1))).isAlone(), false);
  });
});

describe('moving out', () => {
  test('the next one starts meanwhile, and is in only when the one before is gone', async (t) => {
    const { runtime, house, target, settleIn, written } = setting(t);
    const [a, b] = [target('a', 1), target('b', 2)];
    house.moveOut(a, await settleIn(a));
    const arriving = settleIn(b).then(() => runtime.diary.push('b is in'));
    await written('start b');
    assert.ok(!runtime.diary.includes('stop a'), 'b starts before a is gone');
    runtime.letGo('a');
    await arriving;
    assert.deepEqual(runtime.diary, ['start mock', 'start a', 'start b', 'stop a', 'b is in']);
    await house.endBlock();
  });

  test('on one port the next one starts only behind it', async (t) => {
    const { runtime, house, target, settleIn } = setting(t);
    const [a, b] = [target('a', 7), target('b', 7)];
    house.moveOut(a, await settleIn(a));
    const arriving = settleIn(b);
    runtime.letGo('a');
    await arriving;
    assert.deepEqual(runtime.diary, ['start mock', 'start a', 'stop a', 'start b']);
  });

  test('direct too is measured only when the one before is gone', async (t) => {
    const { runtime, house, target, settleIn } = setting(t);
    const a = target('a', 1);
    house.moveOut(a, await settleIn(a));
    const arriving = settleIn({ ...target('direct', 3), kind: 'direct' }).then(() =>
      runtime.diary.push('direct is in'),
    );
    runtime.letGo('a');
    await arriving;
    assert.deepEqual(runtime.diary.slice(-2), ['stop a', 'direct is in']);
  });

  test('what goes wrong with it is thrown to the next one, once', async (t) => {
    const { runtime, house, target, settleIn } = setting(t);
    const a = target('a', 1);
    house.moveOut(a, await settleIn(a));
    const block = house.endBlock();
    runtime.letGo('a', new Error('the engine is gone'));
    await assert.rejects(block, /the engine is gone/);
    await house.close();
  });

  test('who has come when it goes wrong leaves again', async (t) => {
    const { runtime, house, target, settleIn, written } = setting(t);
    const [a, b] = [target('a', 1), target('b', 2)];
    house.moveOut(a, await settleIn(a));
    const arriving = assert.rejects(settleIn(b), /the engine is gone/);
    await written('start b');
    runtime.letGo('a', new Error('the engine is gone'));
    await arriving;
    const closing = house.close();
    runtime.letGo('b');
    await closing;
    assert.deepEqual([...runtime.up.keys()], []);
  });
});
