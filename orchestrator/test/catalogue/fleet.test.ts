import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asFleet } from '#src/catalogue/fleet.js';
import { fakeService } from '../support/fake-runtime.js';

test('the mock plays its providers from its own port on, with the control endpoint behind them', () => {
  const mock = { ...fakeService('mock', 'mock'), port: 9999, command: ['mock', '--port', '9999', '--lenient'] };
  const { service, controlUrl } = asFleet(mock, ['a', 'b']);
  assert.deepEqual(service.command, ['mock', '--providers', 'a:9999,b:10000', '--control-port', '10001', '--lenient']);
  assert.equal(controlUrl, 'http://127.0.0.1:10001');
});
