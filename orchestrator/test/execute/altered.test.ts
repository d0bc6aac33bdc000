import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { altered } from '#src/execute/altered.js';
import { FakeRuntime, fakeService } from '../support/fake-runtime.js';

function target() {
  const directory = mkdtempSync(join(tmpdir(), 'altered-'));
  const hostPath = join(directory, 'gw.toml');
  writeFileSync(hostPath, 'limit = 1000\n');
  const service = {
    ...fakeService('gw+rate-limit'),
    mounts: [{ hostPath, containerPath: '/etc/gw.toml' }],
    headers: { 'x-config': '{"first":"http://127.0.0.1:9999/v1"}' },
  };
  return {
    target: { name: 'gw+rate-limit', kind: 'gateway' as const, service, runtime: new FakeRuntime() },
    directory,
  };
}

test('a text of a file is changed in a copy, one of a header as it is', () => {
  const { target: before, directory } = target();
  const limited = altered(before, { from: 'limit = 1000', to: 'limit = 1' }, join(directory, 'copies'));
  const path = limited?.service.mounts[0]?.hostPath ?? assert.fail();
  assert.equal(readFileSync(path, 'utf8'), 'limit = 1\n');
  assert.equal(readFileSync(before.service.mounts[0]?.hostPath ?? '', 'utf8'), 'limit = 1000\n');
  const down = altered(before, { from: '127.0.0.1:9999/v1', to: '127.0.0.1:9/v1' }, join(directory, 'copies'));
  assert.equal(down?.service.headers['x-config'], '{"first":"http://127.0.0.1:9/v1"}');
});

test('a text that nothing of the service has changes nothing, and is told', () => {
  const { target: before, directory } = target();
  assert.equal(altered(before, { from: 'limits = 1000', to: 'limits = 1' }, directory), null);
});
