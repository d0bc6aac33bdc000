import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configurationOf } from '#src/catalogue/service-configuration.js';
import type { Service } from '#src/catalogue/service.js';
import { configurationSchema } from '#src/record/configuration.js';
import { configurationText } from '#src/report/target-text.js';
import { fakeService } from '../support/fake-runtime.js';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const SECRETS = ['planted-one-1', 'planted-two-2', 'planted-three-3', 'planted-four-4'];
const [one, two, three, four] = SECRETS as [string, string, string, string];
const service: Service = {
  ...fakeService('gw'),
  command: ['serve', '--api-key', one, '--level', 'info'],
  environment: { GW_TOKEN: two, LOG: `as ${two}`, OFF: null },
  headers: { authorization: `Bearer ${three}`, 'x-team': 'a' },
  mounts: [
    { hostPath: file('gw.yaml', `port: 80 # ${two}\nmaster_key: ${four}\n`), containerPath: '/gw.yaml' },
    { hostPath: file('gw.bin', new Uint8Array([1, 0, 2])), containerPath: '/gw.bin' },
    { hostPath: folder, containerPath: '/folder' },
    { hostPath: join(folder, 'gone'), containerPath: '/gone' },
  ],
  process: {
    command: ['gw', '--password', one],
    versionCommand: null,
    environment: { GW_SECRET: four },
    npmDirectory: null,
    versionFolder: null,
    install: null,
  },
};

test('what ran is kept for the runtime that started it, without a secret anywhere', () => {
  for (const as of ['container', 'process', 'external'] as const) {
    const kept = configurationSchema.parse(JSON.parse(JSON.stringify(configurationOf(service, as))));
    for (const secret of SECRETS) assert.ok(!JSON.stringify(kept).includes(secret), `${secret} as ${as}`);
  }
  const container = configurationOf(service, 'container');
  assert.deepEqual(container.command, ['serve', '--api-key', '(set)', '--level', 'info']);
  assert.deepEqual(container.environment, { GW_TOKEN: '(set)', LOG: 'as (set)', OFF: null });
  assert.deepEqual(container.headers, { authorization: '(set)', 'x-team': 'a' });
  assert.deepEqual(configurationOf(service, 'process').command, ['gw', '--password', '(set)']);
});

test('a file that is no configuration to read is named with the reason', () => {
  assert.deepEqual(configurationOf(service, 'container').files, [
    { path: '/gw.yaml', text: 'port: 80 # (set)\nmaster_key: (set)\n' },
    { path: '/gw.bin', text: null, note: '3 bytes that are no text' },
    { path: '/folder', text: null, note: 'a folder' },
    { path: '/gone', text: null, note: 'was not there' },
  ]);
});

test('it is shown in the words of a Compose file', () => {
  const text = configurationText('gw', configurationOf(service, 'container'));
  const [compose = ''] = text.split('\n# /gw.yaml');
  assert.deepEqual(Object.keys(parse(compose).services.gw), ['image', 'command', 'environment', 'x-bench']);
  assert.match(text, /\n# \/gw\.yaml\nport: 80/);
  assert.match(text, /\n# \/folder: a folder/);
});
