import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import { configurationDigest } from '#src/catalogue/configuration-digest.js';
import type { Service } from '#src/catalogue/service.js';

const directory = mkdtempSync(join(tmpdir(), 'configuration-'));
after(() => rmSync(directory, { recursive: true }));

const crabllm = readCatalogue([COMPOSE_FILE]).gateways.find(({ name }) => name === 'crabllm') as Service;
const digest = configurationDigest(crabllm);

function mounted(folder: string, text: string): Service {
  const hostPath = join(directory, folder, 'crabllm.toml');
  mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(hostPath, text);
  return { ...crabllm, mounts: [{ hostPath, containerPath: '/app/config/crabllm.toml' }] };
}

test('the same files elsewhere are the same configuration, another line in one is another', () => {
  assert.equal(configurationDigest(mounted('a', 'x = 1')), configurationDigest(mounted('b', 'x = 1')));
  assert.notEqual(configurationDigest(mounted('a', 'x = 1')), configurationDigest(mounted('a', 'x = 2')));
});

test('a folder that is mounted is all that is in it', () => {
  const folder = join(directory, 'folder');
  mkdirSync(join(folder, 'deep'), { recursive: true });
  writeFileSync(join(folder, 'deep', 'a.toml'), 'x = 1');
  const service: Service = { ...crabllm, mounts: [{ hostPath: folder, containerPath: '/etc/mine' }] };
  const before = configurationDigest(service);
  writeFileSync(join(folder, 'deep', 'a.toml'), 'x = 2');
  assert.notEqual(configurationDigest(service), before);
});

test('variables, headers, limits, addresses and helpers count', () => {
  const others: Service[] = [
    { ...crabllm, environment: { RUST_LOG: 'info' } },
    { ...crabllm, headers: { authorization: 'Bearer other' } },
    { ...crabllm, cpus: 1 },
    { ...crabllm, byKind: { messages: { basePath: '/anthropic' } } },
    { ...crabllm, helpers: [{ ...crabllm, name: 'redis', role: 'helper' }] },
    { ...crabllm, process: null },
  ];
  assert.equal(new Set([digest, ...others.map(configurationDigest)]).size, others.length + 1);
});
