import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BenchHome, userCache } from '#src/runtime/process/bench-home.js';
import { RunRecords } from '#src/runtime/process/run-record.js';

test('the cache folder is the one of the XDG specification', () => {
  assert.equal(userCache({ XDG_CACHE_HOME: '/var/cache/me' }, '/home/me'), '/var/cache/me/crabllm-bench');
  assert.equal(userCache({}, '/home/me'), '/home/me/.cache/crabllm-bench');
  assert.equal(userCache({ XDG_CACHE_HOME: '' }, '/home/me'), '/home/me/.cache/crabllm-bench');
  assert.equal(
    userCache({ XDG_CACHE_HOME: 'cache' }, '/home/me'),
    '/home/me/.cache/crabllm-bench',
    'relative: ignored',
  );
  assert.equal(userCache({}, ''), join(tmpdir(), 'crabllm-bench'), 'a user without a home');
});

test('programs of a certain version are not among those for everybody', () => {
  const home = new BenchHome('/nowhere');
  assert.deepEqual(home.programDirectories(), []);
  assert.equal(home.versionDirectory('crabllm@0.0.24'), '/nowhere/gateways/crabllm@0.0.24/bin');
});

test('a cache folder that cannot be written is named, with what to do', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'home-')), 'file');
  writeFileSync(file, '');
  const record = { service: 'mock', owner: { pid: 1, startTicks: 1 }, root: null, bootId: 'b', directory: '/tmp/x' };
  assert.throws(() => new RunRecords(join(file, 'run')).write('t', record), {
    code: 'place-unwritable',
    hint: /CRABLLM_BENCH_HOME=DIR/,
  });
});
