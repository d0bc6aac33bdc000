import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readCompose } from '#src/catalogue/compose.js';
import { BenchError } from '#src/errors.js';

const SERVICE = `services:
  gw:
    image: example/gw:1.2.3
    network_mode: host
    command: --config /etc/gw.toml "two words"
    cpus: 2
    mem_limit: 512m
    environment:
      LEVEL: error
      COUNT: 3
    volumes:
      - ./gw.toml:/etc/gw.toml:ro
    x-bench:
      port: 7000
      health: /health
      ready-timeout: 90s
      headers:
        authorization: Bearer x
`;

function composeFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'compose-'));
  writeFileSync(join(directory, 'gw.toml'), '');
  const path = join(directory, 'docker-compose.yml');
  writeFileSync(path, text);
  return path;
}

function faultOf(text: string, environment: NodeJS.ProcessEnv = {}): BenchError {
  try {
    readCompose(composeFile(text), environment);
  } catch (thrown) {
    if (thrown instanceof BenchError) return thrown;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

test('a service is read with its units', () => {
  const [service] = readCompose(composeFile(SERVICE));
  assert.equal(service?.name, 'gw');
  assert.equal(service?.role, 'gateway');
  assert.deepEqual(service?.command, ['--config', '/etc/gw.toml', 'two words']);
  assert.equal(service?.cpus, 2);
  assert.equal(service?.memoryBytes, 512 * 1024 * 1024);
  assert.deepEqual(service?.environment, { LEVEL: 'error', COUNT: '3' });
  assert.equal(service?.mounts[0]?.containerPath, '/etc/gw.toml');
  assert.equal(service?.readyTimeoutMs, 90_000);
  assert.deepEqual(service?.headers, { authorization: 'Bearer x' });
});

test('a Dockerfile is looked for in its build context, as Compose does, whatever the folder that the command runs in', () => {
  const path = composeFile(SERVICE.replace('    image: example/gw:1.2.3', '    image: example/gw:1.2.3\n    build: .'));
  const [service] = readCompose(path);
  assert.equal(service?.build?.contextDirectory, dirname(path));
  assert.equal(service?.build?.dockerfile, join(dirname(path), 'Dockerfile'));
});

test('what a gateway may do otherwise, and how its version is asked for, are read', () => {
  const process = 'process: { command: [gw], version: [gw, -v], environment: { FILE: "{config:/etc/gw.toml}" } }';
  const [service] = readCompose(composeFile(`${SERVICE}      accept: [no-done]\n      ${process}\n`));
  assert.deepEqual(service?.accept, ['no-done']);
  assert.deepEqual(service.process?.versionCommand, ['gw', '-v']);
  assert.deepEqual(service.process.environment, { FILE: '{config:/etc/gw.toml}' });
});

test('anchors and merge keys are followed', () => {
  const text = `x-limits: &limits\n  cpus: 1.5\n  mem_limit: 1g\n${SERVICE.replace('    cpus: 2\n    mem_limit: 512m\n', '    <<: *limits\n')}`;
  const [service] = readCompose(composeFile(text));
  assert.equal(service?.cpus, 1.5);
  assert.equal(service?.memoryBytes, 1024 ** 3);
});

const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  ['an unknown key', SERVICE.replace('    cpus: 2', '    cpu: 2'), /:6:5: unknown key "cpu" in services\.gw/],
  [
    'an unknown key of x-bench',
    SERVICE.replace('      health:', '      helth:'),
    /:15:7: unknown key "helth" in services\.gw\.x-bench/,
  ],
  ['a wrong size', SERVICE.replace('512m', '512 megs'), /:7:5: services\.gw\.mem_limit: not a size/],
  ['a wrong duration', SERVICE.replace('90s', 'soon'), /:16:7: services\.gw\.x-bench\.ready-timeout: not a duration/],
  [
    'another network',
    SERVICE.replace('network_mode: host', 'network_mode: bridge'),
    /:4:5: services\.gw\.network_mode: only host networking/,
  ],
  ['a missing file', SERVICE.replace('./gw.toml:', './missing.toml:'), /:12:9: there is no file .*missing\.toml/],
  ['a writable mount', SERVICE.replace(':ro', ''), /:12:9: volume .* cannot be used/],
  [
    'a placeholder where nothing replaces it',
    SERVICE.replace('LEVEL: error', 'LEVEL: "{config:/etc/gw.toml}"'),
    /:9:7: \{config:\/etc\/gw\.toml\} is not replaced here/,
  ],
  [
    'a deviation that nobody knows',
    SERVICE.replace('      health: /health', '      accept: [anything]'),
    /:15:16: services\.gw\.x-bench\.accept\.0: /,
  ],
  ['a port out of range', SERVICE.replace('7000', '70000'), /:14:7: services\.gw\.x-bench\.port: /],
  ['no x-bench', SERVICE.slice(0, SERVICE.indexOf('    x-bench')), /:2:3: services\.gw\.x-bench: /],
  ['broken YAML', 'services: [', /docker-compose\.yml:1:/],
  ['a reserved name', SERVICE.replace('gw:', 'direct:'), /service name "direct" cannot be used/],
];

for (const [what, text, message] of FAULTS) {
  test(`${what} is refused at its place`, () => {
    const fault = faultOf(text);
    assert.match(fault.message, message);
    assert.equal(fault.exitCode, 2);
    assert.ok(fault.hint);
  });
}

test('the hint of an unknown key lists what is allowed', () => {
  assert.match(faultOf(SERVICE.replace('      health:', '      helth:')).hint ?? '', /role, port, health/);
});

test('variables are interpolated and their absence has a default', () => {
  const text = SERVICE.replace('example/gw:1.2.3', 'example/gw:${TAG:-9}').replace(
    'LEVEL: error',
    () => 'LEVEL: cost$$',
  );
  assert.equal(readCompose(composeFile(text), {})[0]?.image, 'example/gw:9');
  assert.equal(readCompose(composeFile(text), { TAG: '10' })[0]?.image, 'example/gw:10');
  assert.equal(readCompose(composeFile(text), {})[0]?.environment['LEVEL'], 'cost$');
  assert.match(faultOf(SERVICE.replace('LEVEL: error', 'LEVEL: ${X:?no}')).message, /cannot interpolate/);
});

test('a file that is not there is named', () => {
  assert.throws(() => readCompose('/nowhere/compose.yml'), { code: 'compose-missing', exitCode: 2 });
});
