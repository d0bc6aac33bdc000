import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withMockPort } from '#src/catalogue/mock-port.js';
import { fakeService } from '../support/fake-runtime.js';

test('every mention of the mock is rewritten, in copies of config files; the originals stay', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mock-port-'));
  const [speaking, silent] = ['a', 'b'].map((name) => join(directory, name));
  assert.ok(speaking !== undefined && silent !== undefined);
  writeFileSync(speaking, 'base_url = "http://127.0.0.1:9999/v1"');
  writeFileSync(silent, 'nothing');
  const mock = { ...fakeService('mock', 'mock'), port: 9999, command: ['mock', '--port', '9999'] };
  const gateway = {
    ...fakeService('gw'),
    environment: { UPSTREAM: 'http://127.0.0.1:9999' },
    headers: { 'x-host': 'http://127.0.0.1:9999/v1' },
    mounts: [
      { hostPath: speaking, containerPath: '/a' },
      { hostPath: silent, containerPath: '/b' },
    ],
  };
  const moved = withMockPort({ mock, gateways: [gateway] }, 9998, join(directory, 'copies'));
  const [service] = moved.gateways;
  assert.equal(moved.mock.port, 9998);
  assert.deepEqual(moved.mock.command, ['mock', '--port', '9998']);
  assert.deepEqual(service?.environment, { UPSTREAM: 'http://127.0.0.1:9998' });
  assert.deepEqual(service?.headers, { 'x-host': 'http://127.0.0.1:9998/v1' });
  assert.equal(readFileSync(service?.mounts[0]?.hostPath ?? '', 'utf8'), 'base_url = "http://127.0.0.1:9998/v1"');
  assert.equal(service?.mounts[1]?.hostPath, silent);
  assert.match(readFileSync(speaking, 'utf8'), /9999/);
});

test('the port that it has anyway changes nothing', () => {
  const catalogue = { mock: { ...fakeService('mock', 'mock'), port: 9999 }, gateways: [] };
  assert.equal(withMockPort(catalogue, 9999, '/nowhere'), catalogue);
});

test('providers beside it move along, each once, also where one comes to stand on the place of another', () => {
  const mock = { ...fakeService('mock', 'mock'), port: 9999 };
  const gateway = { ...fakeService('gw'), environment: { A: 'http://127.0.0.1:9999', B: 'http://127.0.0.1:10000' } };
  const environmentOf = (beside: number) =>
    withMockPort({ mock, gateways: [gateway] }, 10_000, '/nowhere', beside).gateways[0]?.environment;
  assert.deepEqual(environmentOf(1), { A: 'http://127.0.0.1:10000', B: 'http://127.0.0.1:10001' });
  assert.deepEqual(environmentOf(0), { A: 'http://127.0.0.1:10000', B: 'http://127.0.0.1:10000' });
});
