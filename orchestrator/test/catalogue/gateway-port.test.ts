import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { withGatewayPort } from '#src/catalogue/gateway-port.js';
import { fakeService } from '../support/fake-runtime.js';

const PROCESS = {
  command: ['gw', '--port', '{port}'],
  versionCommand: null,
  environment: {},
  npmDirectory: null,
  versionFolder: null,
  install: null,
};

test('every mention of the port is rewritten, in a copy of the config file, and no longer number', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-port-'));
  const hostPath = join(directory, 'gw.toml');
  writeFileSync(hostPath, 'listen = "0.0.0.0:6666"\nlimit = 66660\nshare = 0.6666\nup = "127.0.0.1:9999"');
  const service = {
    ...fakeService('gw'),
    port: 6666,
    command: ['--port', '6666'],
    mounts: [{ hostPath, containerPath: '/gw.toml' }],
  };
  const moved = withGatewayPort(service, 6667, 'docker', join(directory, 'copies'));
  assert.equal(moved.port, 6667);
  assert.deepEqual(moved.command, ['--port', '6667']);
  assert.equal(
    readFileSync(moved.mounts[0]?.hostPath ?? '', 'utf8'),
    'listen = "0.0.0.0:6667"\nlimit = 66660\nshare = 0.6666\nup = "127.0.0.1:9999"',
  );
  assert.match(readFileSync(hostPath, 'utf8'), /6666"/);
});

test('a command that is told its port needs no rewriting; one that never says it cannot be moved', () => {
  const told = { ...fakeService('gw'), port: 6666, process: PROCESS };
  assert.deepEqual(withGatewayPort(told, 6667, 'process', '/nowhere'), { ...told, port: 6667 });
  const silent = { ...told, process: { ...PROCESS, command: ['gw'] } };
  assert.throws(() => withGatewayPort(silent, 6667, 'process', '/nowhere'), { code: 'port-shared' });
});

test('what the process is told does not reach a container, nor the other way round', () => {
  const inImage = { ...fakeService('gw'), port: 6666, command: null, process: PROCESS };
  assert.throws(() => withGatewayPort(inImage, 6667, 'docker', '/nowhere'), { code: 'port-shared' });
  const headers = { ...inImage, headers: { 'x-to': 'http://127.0.0.1:6666' } };
  assert.throws(() => withGatewayPort(headers, 6667, 'docker', '/nowhere'), { code: 'port-shared' });
  const inContainer = {
    ...inImage,
    environment: { PORT: '6666' },
    process: { ...PROCESS, command: ['gw'] },
  };
  assert.deepEqual(withGatewayPort(inContainer, 6667, 'docker', '/nowhere').environment, { PORT: '6667' });
  assert.throws(() => withGatewayPort(inContainer, 6667, 'process', '/nowhere'), { code: 'port-shared' });
});
