import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '#src/catalogue/service.js';
import { Helpers } from '#src/execute/helpers.js';
import { FakeRuntime, fakeService } from '../support/fake-runtime.js';

const { signal } = new AbortController();

function needing(...names: string[]): Service {
  return {
    ...fakeService('gw'),
    helpers: names.map((name): Service => ({ ...fakeService(name), role: 'helper' })),
  };
}

test('helpers are up while anybody needs them, and go in reverse', async () => {
  const runtime = new FakeRuntime();
  const helpers = new Helpers();
  const [both, one] = [needing('store', 'cache'), needing('store')];
  const first = await helpers.start(both, runtime, signal);
  const second = await helpers.start(one, runtime, signal);
  assert.deepEqual(
    [first.helpers.map(({ name }) => name), second.helpers.map(({ name }) => name)],
    [['store', 'cache'], ['store']],
  );
  await helpers.release(one);
  assert.deepEqual(runtime.diary, ['start store', 'start cache']);
  await helpers.release(both);
  assert.deepEqual(runtime.diary, ['start store', 'start cache', 'stop cache', 'stop store']);
});

test('the next one has a helper afresh, and waits until the last one’s is gone', async () => {
  const runtime = new FakeRuntime();
  const helpers = new Helpers();
  await helpers.start(needing('store'), runtime, signal);
  const going = helpers.release(needing('store'));
  await helpers.start(needing('store'), runtime, signal);
  await going;
  assert.deepEqual(runtime.diary, ['start store', 'stop store', 'start store']);
  await helpers.close();
});

test('without one of its helpers a service is not started, and those that were go again', async () => {
  const runtime = new FakeRuntime({}, { cache: 'start-failed' });
  const helpers = new Helpers();
  const { reason } = await helpers.start(needing('store', 'cache'), runtime, signal);
  assert.equal(reason?.reason.code, 'helper-not-ready');
  assert.match(reason?.reason.message ?? '', /^its helper cache cannot be used: /);
  assert.deepEqual(runtime.diary, ['start store', 'stop store']);
});
