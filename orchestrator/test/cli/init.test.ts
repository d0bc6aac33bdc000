import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCompose } from '#src/catalogue/compose.js';
import { findGateway } from '#src/catalogue/find-gateway.js';
import { CommandLine } from '../support/command-line.js';

function folderOf(files: Readonly<Record<string, string>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'gateway-')));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const commands = new CommandLine();
after(() => commands.close());

const init = (directory: string, ...words: string[]) => commands.run(words, directory);

const FOUND: readonly (readonly [
  file: string,
  text: string,
  name: string,
  command: (directory: string) => string[],
])[] = [
  ['Cargo.toml', '[package]\nname = "My-GW"\nversion = "1"\n', 'my-gw', (at) => [`${at}/target/release/My-GW`]],
  [
    'Cargo.toml',
    '[package]\nname = "lib"\n\n[[bin]]\npath = "m.rs"\nname = "gw"\n',
    'gw',
    (at) => [`${at}/target/release/gw`],
  ],
  ['go.mod', 'module example.com/me/gw/v2\n\ngo 1.22\n', 'gw', (at) => [`${at}/gw`]],
  ['package.json', '{"name":"@me/gw","bin":{"gw":"cli.js"}}', 'gw', (at) => ['{node}', `${at}/cli.js`]],
  [
    'pyproject.toml',
    '[project]\nname = "gw"\n\n[project.scripts]\nserve = "gw:main"\n',
    'gw',
    (at) => [`${at}/.venv/bin/serve`],
  ],
];

for (const [file, text, name, command] of FOUND) {
  test(`${file} says what starts ${name}`, () => {
    const directory = folderOf({ [file]: text });
    const found = findGateway(directory);
    assert.deepEqual([found.name, found.command], [name, command(directory)]);
  });
}

test('a file that is not understood says nothing', () => {
  const directory = folderOf({ 'package.json': '{', 'Cargo.toml': '[workspace]\n' });
  assert.equal(findGateway(directory).command, null);
});

test('init writes what a run reads, without being asked anything', async () => {
  const directory = folderOf({ 'Cargo.toml': '[package]\nname = "mygw"\n', Dockerfile: 'FROM x\nEXPOSE 7000\n' });
  const { status, stdout, stderr } = await init(directory, 'init');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.match(
    stdout,
    /Cargo\.toml: mygw, .*\nDockerfile: listens at 7000\nwrote mygw\.compose\.yml and crabllm-bench\.yaml/,
  );
  const [service] = readCompose(join(directory, 'mygw.compose.yml'));
  assert.deepEqual(
    [service?.name, service?.port, service?.process?.command, service?.build?.contextDirectory],
    ['mygw', 7000, [`${directory}/target/release/mygw`], directory],
  );
  mkdirSync(join(directory, 'target', 'release'), { recursive: true });
  writeFileSync(join(directory, 'target', 'release', 'mygw'), '', { mode: 0o755 });
  const dry = await init(directory, '--dry-run', '--runtime', 'process', '--quick');
  assert.match(dry.stderr, /^settings of crabllm-bench\.yaml: --compose mygw\.compose\.yml --gateways mygw /);
  assert.match(dry.stdout, /^direct, mygw × /);
});

test('init overwrites nothing', async () => {
  const directory = folderOf({ 'crabllm-bench.yaml': 'bench:\n  rps: 100\n' });
  const { status, stderr } = await init(directory, 'init', 'gw');
  assert.match(stderr, /crabllm-bench\.yaml is there already\.\n {2}Nothing was written/);
  assert.equal(status, 2);
  assert.equal(readFileSync(join(directory, 'crabllm-bench.yaml'), 'utf8'), 'bench:\n  rps: 100\n');
});

test('what is typed is stronger than what is found, and a name that cannot be used is refused', async () => {
  const directory = folderOf({});
  const { status } = await init(
    directory,
    'init',
    'gw',
    '--port',
    '9000',
    '--command',
    'node server.js',
    '--health',
    '/up',
  );
  assert.equal(status, 0);
  const [service] = readCompose(join(directory, 'gw.compose.yml'));
  assert.deepEqual(
    [service?.port, service?.healthPath, service?.process?.command],
    [9000, '/up', ['node', 'server.js']],
  );
  assert.match((await init(directory, 'init', 'direct')).stderr, /"direct" cannot be the name of a gateway/);
});
