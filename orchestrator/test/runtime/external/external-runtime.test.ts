import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExternalRuntime } from '#src/runtime/external/external-runtime.js';
import { serviceOf } from '../process/support.js';

test('gives the URL and claims to know nothing else', async () => {
  const runtime = new ExternalRuntime(new Map([['mine', 'http://10.0.0.7:8080/gw']]));
  const unknown = { state: 'available', version: null, digest: null, limitsEnforced: false };
  assert.deepEqual(await runtime.prepare(), unknown);
  const mine = await runtime.start(serviceOf(1, null, { name: 'mine' }));
  assert.equal(mine.url, 'http://10.0.0.7:8080/gw');
  assert.equal((await runtime.start(serviceOf(6666, null))).url, 'http://127.0.0.1:6666');
  assert.equal(await mine.sample('whole'), null);
  await mine.stop();
  const pending = Symbol('pending');
  assert.equal(await Promise.race([mine.exited, Promise.resolve(pending)]), pending);
  assert.equal(await runtime.sweep(), 0);
  await runtime.close();
  await runtime.close();
});

test('runs no tools, and says what to do instead', async () => {
  const runtime = new ExternalRuntime();
  assert.equal((await runtime.prepareTool()).state, 'absent');
  await assert.rejects(runtime.runTool(), { code: 'not-supported', hint: 'Use --driver native.' });
});
