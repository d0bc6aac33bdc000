import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
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
  const more = `accept: [no-done]\n      serves: [messages, chat]\n      ${process}`;
  const [service] = readCompose(composeFile(`${SERVICE}      ${more}\n`));
  assert.deepEqual(service?.accept, ['no-done']);
  assert.deepEqual(service?.serves, ['messages', 'chat']);
  assert.equal(readCompose(composeFile(SERVICE))[0]?.serves, undefined, 'it is asked');
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
  [
    'a wrong size',
    SERVICE.replace('512m', '512 megs'),
    /:7:5: services\.gw\.mem_limit must be a size .*, not the text "512 megs"/,
  ],
  [
    'a wrong duration',
    SERVICE.replace('90s', 'soon'),
    /:16:7: services\.gw\.x-bench\.ready-timeout must be a duration/,
  ],
  [
    'another network',
    SERVICE.replace('network_mode: host', 'network_mode: bridge'),
    /:4:5: services\.gw\.network_mode must be host, not the text "bridge" \(only host networking/,
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
    /:15:16: services\.gw\.x-bench\.accept\.0 must be no-done, not the text "anything"/,
  ],
  [
    'a port out of range',
    SERVICE.replace('7000', '70000'),
    /:14:7: services\.gw\.x-bench\.port must be a port from 1 to 65535, not the number 70000/,
  ],
  [
    'no x-bench',
    SERVICE.slice(0, SERVICE.indexOf('    x-bench')),
    /:2:3: services\.gw has no x-bench, and no service depends on it/,
  ],
  [
    'a misspelt x-bench',
    SERVICE.replace('    x-bench:', '    x-bnech:'),
    /13:5: unknown key "x-bnech" in services\.gw\. Did you mean "x-bench"\?/,
  ],
  [
    'a key that Compose alone knows',
    SERVICE.replace('cpus: 2', 'ports: ["80:80"]'),
    /:6:5: "ports" .* is not read here/,
  ],
  [
    'a tag of Compose on a list',
    SERVICE.replace('cpus: 2', 'depends_on: !override []'),
    /:6:\d+: services\.gw\.depends_on: the tag !override is not read/,
  ],
  [
    'a tag of Compose on a map',
    SERVICE.replace('environment:', 'environment: !override'),
    /:\d+:\d+: services\.gw\.environment: the tag !override is not read/,
  ],
  [
    'an unknown key at the top',
    `service: {}\n${SERVICE}`,
    /:1:1: unknown key "service" at the top\. Did you mean "services"/,
  ],
  ['a size that Compose takes for none', SERVICE.replace('512m', '1e9'), /:7:5: .* no limit/],
  ['a size of nothing', SERVICE.replace('512m', '0m'), /:7:5: .* no limit/],
  [
    'a version that is cut short',
    SERVICE.replace('port: 7000', 'port: 7000\n      version: 1.10'),
    /:15:7: .*in quotes/,
  ],
  [
    'an image that no engine takes',
    SERVICE.replace('example/gw:1.2.3', 'example/GW'),
    /:3:5: services\.gw\.image: no engine takes/,
  ],
  ['an open quote in a command', SERVICE.replace('"two words"', "it's"), /:5:5: .*quote/],
  [
    'a command that Compose cuts off',
    SERVICE.replace('"two words"', '&& exit'),
    /:5:5: .*drops everything from the bare "&" on/,
  ],
  [
    'an alias inside of its own anchor',
    SERVICE.replace('environment:', 'environment: &e\n      X: *e'),
    /:9:10: "\*e" stands inside/,
  ],
  ['a date', SERVICE.replace('LEVEL: error', 'LEVEL: 2024-01-02'), /:9:14: .*is a date/],
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
  assert.match(
    faultOf(SERVICE.replace('      health:', '      helth:')).hint ?? '',
    /role, variant-of, variant, port, health/,
  );
});

test('variables are interpolated and their absence has a default', () => {
  const text = SERVICE.replace('example/gw:1.2.3', 'example/gw:${TAG:-9}').replace(
    'LEVEL: error',
    () => 'LEVEL: cost$$',
  );
  assert.equal(readCompose(composeFile(text), {})[0]?.image, 'example/gw:9');
  assert.equal(readCompose(composeFile(text), { TAG: '10' })[0]?.image, 'example/gw:10');
  assert.equal(readCompose(composeFile(text), {})[0]?.environment['LEVEL'], 'cost$');
  assert.match(faultOf(SERVICE.replace('LEVEL: error', 'LEVEL: ${X:?no}')).message, /the variable X is required: no/);
});

test('a file that is not there is named', () => {
  assert.throws(() => readCompose('/nowhere/compose.yml'), { code: 'compose-missing', exitCode: 2 });
});

test('a folder and a device are no compose files, and are not waited for', () => {
  for (const path of [tmpdir(), '/dev/zero']) {
    assert.throws(() => readCompose(path), { code: 'compose-missing', exitCode: 2 }, path);
  }
});

test('aliases of aliases are given up before they fill the memory', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `  l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]\n`,
  );
  const { message } = faultOf(`x-bomb:\n  l0: &l0 [a]\n${levels.join('')}${SERVICE}`);
  assert.match(message, /more than 100000 values/);
  assert.doesNotMatch(message, /services must be/, 'what was not read is not missed');
});

test('a file in another coding is refused by its name, and never read as other words', () => {
  const files: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from(`\ufeff${SERVICE}`, 'utf16le'), /no text in UTF-8: it begins as UTF-16 does/],
    [gzipSync(SERVICE), /it begins as gzip does/],
    [Buffer.from(SERVICE.replace('LEVEL: error', 'LEVEL: "caf\u00e9"'), 'latin1'), /some of its bytes are none/],
    [Buffer.concat([Buffer.from(SERVICE), Buffer.alloc(1)]), /byte \d+ is 0/],
  ];
  for (const [bytes, message] of files) {
    const path = composeFile(SERVICE);
    writeFileSync(path, bytes);
    assert.throws(() => readCompose(path, {}), {
      code: 'compose-invalid',
      exitCode: 2,
      message,
      hint: 'Save it as UTF-8.',
    });
  }
  assert.equal(readCompose(composeFile(`\ufeff${SERVICE.replaceAll('\n', '\r\n')}`), {}).length, 1);
});

test('all that is wrong with a file is told at once, unknown keys first', () => {
  const text = SERVICE.replace('network_mode: host', 'user: 1000')
    .replace('cpus: 2', 'cpuz: 2')
    .replace('port: 7000', 'port: many')
    .replace('./gw.toml:', './gone.toml:');
  const lines = faultOf(text)
    .message.split('\n')
    .filter((line) => /:\d+:\d+: /.test(line));
  assert.deepEqual(
    lines.map((line) => line.replace(/^.*yml:/, '').replace(/\/\S*gone\.toml/, 'GONE')),
    [
      '6:5: unknown key "cpuz" in services.gw. Did you mean "cpus"?',
      '2:3: services.gw.network_mode is missing: it must be host (only host networking is measured)',
      '4:5: services.gw.user must be a text such as "1000:1000", not the number 1000',
      '12:9: there is no file GONE',
      '14:7: services.gw.x-bench.port must be a port from 1 to 65535, not the text "many"',
    ],
  );
});

test('what is wrong with what a merge brought is told where it was written', () => {
  const text = `x-limits: &limits\n  cpus: two\n${SERVICE.replace('    cpus: 2\n', '    <<: *limits\n')}`;
  assert.match(faultOf(text).message, /:2:3: services\.gw\.cpus must be a number of CPUs/);
});

test('a service that is only ever a process needs no image', () => {
  const text = SERVICE.replace('    image: example/gw:1.2.3\n', '');
  assert.match(faultOf(text).message, /neither an image nor a process/);
  const [service] = readCompose(composeFile(`${text}      process: { command: [gw] }\n`), {});
  assert.equal(service?.image, null);
});

test('a service may be another one with something else, by way of a merge', () => {
  const text = `${SERVICE.replace('  gw:', '  gw: &gw')}  gw-auth:
    <<: *gw
    profiles: [variants]
    x-bench: { port: 7001 }
`;
  const services = readCompose(composeFile(text), {});
  assert.deepEqual(
    services.map(({ name, port, isActive, cpus }) => ({ name, port, isActive, cpus })),
    [
      { name: 'gw', port: 7000, isActive: true, cpus: 2 },
      { name: 'gw-auth', port: 7001, isActive: false, cpus: 2 },
    ],
  );
  assert.equal(readCompose(composeFile(text), { COMPOSE_PROFILES: 'variants' })[1]?.isActive, true);
});

test('depends_on may name what an earlier file describes', () => {
  const text = SERVICE.replace('    cpus: 2', '    depends_on: [mock]');
  assert.match(faultOf(text).message, /:6:18: gw depends on mock, which is no service/);
  assert.equal(readCompose(composeFile(text), {}, ['mock']).length, 1);
});

test('a .env beside the file is read, its faults have its own name and line, and a folder of that name is passed over', () => {
  const path = composeFile(SERVICE.replace('gw:1.2.3', () => 'gw:${TAG}'));
  const dotenv = join(dirname(path), '.env');
  writeFileSync(dotenv, '# versions\nTAG=4.5\n');
  assert.equal(readCompose(path, {})[0]?.image, 'example/gw:4.5');
  writeFileSync(dotenv, 'TAG=4.5\n<html>\n\nA="open\n');
  assert.throws(() => readCompose(path, {}), /\.env:2:1: "<html>" sets no variable[^]*\.env:4:1: A: the quote/);
  rmSync(dotenv);
  mkdirSync(dotenv);
  assert.throws(() => readCompose(path, {}), /the variable TAG is not set/);
});
