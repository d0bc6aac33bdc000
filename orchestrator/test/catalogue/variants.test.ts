import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCatalogue, selectGateways } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import type { Service } from '#src/catalogue/service.js';
import { variantDifferences } from '#src/catalogue/variant-differences.js';
import { BenchError } from '#src/errors.js';
import { altered } from '#src/execute/altered.js';
import { FakeRuntime } from '../support/fake-runtime.js';

const BASE = `services:
  gw: &gw
    image: example/gw:1
    network_mode: host
    command: ["--config", "/etc/gw.toml"]
    environment:
      LEVEL: error
      API_KEY: one
    volumes: ["./gw.toml:/etc/gw.toml:ro"]
    x-bench: &bench
      port: 7000
`;
const CACHED = `  gw-cache:
    <<: *gw
    profiles: [gw-cache]
    volumes: ["./cached.toml:/etc/gw.toml:ro"]
    environment:
      LEVEL: error
      API_KEY: two
    depends_on: [redis]
    x-bench:
      <<: *bench
      variant-of: gw
      variant: cache
  redis:
    image: redis:7
    network_mode: host
    profiles: [gw-cache]
    depends_on: [volume]
  volume:
    image: busybox:1
    network_mode: host
    profiles: [gw-cache]
`;

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'variants-'));
  writeFileSync(join(directory, 'gw.toml'), 'retries = 0\nlog = "error"\n');
  writeFileSync(join(directory, 'cached.toml'), 'retries = 0\nlog = "error"\n[cache]\nttl = 60\napi_key = "one"\n');
  const path = join(directory, 'compose.yml');
  writeFileSync(path, text);
  return path;
}

function faultOf(text: string): string {
  try {
    readCatalogue([COMPOSE_FILE, file(text)]);
  } catch (thrown) {
    if (thrown instanceof BenchError) return `${thrown.message} ${thrown.hint ?? ''}`;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

function select(text: string, ...names: string[]): Service[] {
  return selectGateways(readCatalogue([COMPOSE_FILE, file(text)]), names);
}

test('a variant is a service with a name made of its gateway’s, and brings what it depends on', () => {
  const [cached, bare] = select(BASE + CACHED, 'gw+cache', 'gw');
  assert.deepEqual([cached?.name, cached?.variant, cached?.isActive], ['gw+cache', { of: 'gw', name: 'cache' }, false]);
  // What others wait for first.
  assert.deepEqual(
    cached?.helpers?.map(({ name, role, port }) => [name, role, port]),
    [
      ['volume', 'helper', 0],
      ['redis', 'helper', 0],
    ],
  );
  assert.equal(bare?.helpers, undefined);
});

test('what a variant has otherwise is told from the resolved services, secrets only as set', () => {
  const [cached, bare, again] = select(BASE + CACHED, 'gw+cache', 'gw', 'gw+bare') as [Service, Service, Service];
  assert.deepEqual(variantDifferences(bare, cached), [
    { what: 'environment API_KEY', bare: '(set)', here: '(set)' },
    { what: '/etc/gw.toml', bare: null, here: '[cache]\nttl = 60\napi_key = (set)' },
    { what: 'helpers', bare: null, here: 'volume redis' },
  ]);
  assert.deepEqual(variantDifferences(bare, again), []);
  assert.equal(again.name, 'gw+bare');
});

test('a variant at a version is the program of that version', () => {
  const [variant] = selectGateways(readCatalogue([COMPOSE_FILE]), ['crabllm+auth@0.0.24']);
  assert.equal(variant?.name, 'crabllm+auth@0.0.24');
  assert.equal(variant?.image, 'ghcr.io/crabtalk/crabllm:0.0.24');
  assert.equal(variant?.process?.versionFolder, 'crabllm@0.0.24');
  assert.equal(variant?.process?.install, 'crabllm-bench gateways crabllm@0.0.24');
});

test('an unknown variant is refused with the nearest one', () => {
  assert.throws(() => select(BASE + CACHED, 'gw+cahe'), {
    code: 'unknown-variant',
    message: 'gw has no variant "cahe". Did you mean "cache"?',
  });
});

test('a variant is read strictly', () => {
  const changed = (from: string, to: string): string => faultOf(BASE + CACHED.replace(from, to));
  assert.match(
    changed('variant-of: gw', 'variant-of: gv'),
    /compose\.yml:12:3: the variant cache of gv is called gw-cache/,
  );
  assert.match(changed('      variant: cache\n', ''), /whose variant it is and not which/);
  assert.match(changed('variant: cache', 'variant: bare'), /variant must be a name in small letters/);
  assert.match(changed('  gw-cache:', '  gw-cached:'), /Call the service gw-cache/);
  assert.match(changed('    profiles: [gw-cache]\n', ''), /without a profile/);
  assert.match(changed('    depends_on: [redis]\n', ''), /redis has no x-bench, and no service depends on it/);
  assert.match(
    faultOf(
      BASE.replace('  gw:', '  gw-a:').replace('port: 7000', 'port: 7000\n      variant-of: mock\n      variant: a'),
    ),
    /Call the service mock-a/,
  );
});

test('whoever replaces a gateway replaces its variants', () => {
  const own = BASE.replace('  gw:', '  crabllm:');
  assert.throws(() => select(own, 'crabllm+ext'), { code: 'unknown-variant' });
});

test('every feature of the compose file names the key that switches it on, and has that text', () => {
  const { gateways } = readCatalogue([COMPOSE_FILE]);
  const features = gateways.filter(({ attest }) => attest !== undefined);
  assert.ok(features.length >= 28, `${features.length} features`);
  const directory = mkdtempSync(join(tmpdir(), 'misspelt-'));
  for (const service of features) {
    const { misspelt } = service.attest ?? assert.fail();
    assert.ok(misspelt !== undefined, `${service.name} names no key`);
    assert.notEqual(misspelt.from, misspelt.to);
    const target = { name: service.name, kind: 'gateway' as const, service, runtime: new FakeRuntime() };
    const changed = altered(target, misspelt, join(directory, service.name));
    assert.ok(changed !== null, `nothing of ${service.name} has ${misspelt.from}`);
    if (service.attest !== undefined && 'change' in service.attest)
      assert.ok(
        altered(changed, service.attest.change, join(directory, 'changed')) !== null,
        `${service.name} keeps what is changed`,
      );
  }
});

test('a feature that an entry lacks is none of its variants', () => {
  const { gateways } = readCatalogue([COMPOSE_FILE]);
  for (const { name, lacks = {} } of gateways.filter(({ variant }) => variant === undefined))
    for (const feature of Object.keys(lacks))
      assert.ok(!gateways.some((other) => other.name === `${name}+${feature}`), `${name} lacks ${feature} and has it`);
});
