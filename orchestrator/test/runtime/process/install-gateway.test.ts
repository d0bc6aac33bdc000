import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCatalogue, selectGateways } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import type { Service } from '#src/catalogue/service.js';
import { installed } from '#src/installation.js';
import { BenchHome } from '#src/runtime/process/bench-home.js';
import { installGateway } from '#src/runtime/process/install-gateway.js';

const NEVER = new AbortController().signal;

function gateway(name: string): Service {
  return selectGateways(readCatalogue([COMPOSE_FILE]), [name])[0] as Service;
}

/** A PATH that holds nothing but these programs, each a shell script. */
function onPath(t: TestContext, programs: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'path-'));
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env['PATH'];
  process.env['PATH'] = directory;
  t.after(() => (process.env['PATH'] = before));
  return directory;
}

test('a crate is installed at the version of its service, noted, and not installed again', async (t) => {
  // As cargo does: it makes the folder that --root names.
  const directory = onPath(t, { cargo: 'echo "$*" >> "$0.log"; /bin/mkdir -p "$7"' });
  const home = new BenchHome(mkdtempSync(join(tmpdir(), 'home-')));
  const told: string[] = [];
  const install = () => installGateway(gateway('crabllm@0.0.24'), home, (line) => told.push(line), NEVER);
  const place = join(home.gatewaysDirectory, 'crabllm@0.0.24');
  const words = `install crabllm --version 0.0.24 --locked --root ${place}`;
  assert.equal(await install(), null);
  assert.equal(await install(), null);
  assert.equal(readFileSync(join(directory, 'cargo.log'), 'utf8'), `${words}\n`);
  assert.equal(readFileSync(join(place, 'version'), 'utf8'), '0.0.24\n');
  assert.deepEqual(told, ['crabllm@0.0.24: compiled from source: minutes, and 10 MB when done', `cargo ${words}`]);
});

test('what fails is told with its exit code, and leaves nothing that looks installed', async (t) => {
  onPath(t, { cargo: 'exit 101' });
  const home = new BenchHome(mkdtempSync(join(tmpdir(), 'home-')));
  const missing = await installGateway(gateway('crabllm'), home, () => {}, NEVER);
  assert.equal(missing, 'cargo install failed (exit 101)');
  assert.equal(existsSync(join(home.gatewaysDirectory, 'crabllm', 'version')), false);
});

test('what is needed and missing is named', async (t) => {
  onPath(t, {});
  const home = new BenchHome(mkdtempSync(join(tmpdir(), 'home-')));
  const missing = (name: string) => installGateway(gateway(name), home, () => {}, NEVER);
  assert.match((await missing('crabllm')) ?? '', /^cargo is not on PATH/);
  assert.match((await missing('litellm')) ?? '', /^no Python from 3\.10 on/);
  assert.match((await missing('bifrost')) ?? '', /^npx is not on PATH/);
});

/** A Python that makes a folder of a venv in which pip notes what it is asked for. */
const PYTHON =
  '[ "$1" = -c ] && exit 0; /bin/mkdir -p "$3/bin"; printf \'#!/bin/sh\\necho "$*" >> "%s/asked"\\n\' "$3" > "$3/bin/pip"; /bin/chmod +x "$3/bin/pip"';

test('the pinned version is installed with hashes, another one without, and it is said', async (t) => {
  onPath(t, { 'python3.12': PYTHON });
  const home = new BenchHome(mkdtempSync(join(tmpdir(), 'home-')));
  const told: string[] = [];
  const asked = async (name: string): Promise<string> => {
    assert.equal(await installGateway(gateway(name), home, (line) => told.push(line), NEVER), null);
    return readFileSync(join(home.gatewaysDirectory, name, 'asked'), 'utf8');
  };
  assert.match(await asked('smg'), /--require-hashes --requirement \S+requirements\/smg\.txt\n$/);
  assert.ok(!told.some((line) => line.includes('not checked against hashes')));
  assert.match(await asked('smg@1.2.3'), / smg==1\.2\.3\n$/);
  assert.ok(told.includes('smg@1.2.3: at this version packages are not checked against hashes'));
});

test('what is pinned with hashes is the version that the compose file names', () => {
  const folder = installed('compose/requirements');
  const names = readdirSync(folder).flatMap((file) => (file.endsWith('.in') ? file.slice(0, -3) : []));
  assert.deepEqual(names.toSorted(), ['envoy', 'litellm', 'mlflow', 'smg', 'vllm-router']);
  for (const name of names) {
    const [, asked] = /^[\w[\]-]+==(\S+)$/m.exec(readFileSync(join(folder, `${name}.in`), 'utf8')) ?? [];
    assert.equal(asked, gateway(name).version, `${name}.in`);
    const pinned = readFileSync(join(folder, `${name}.txt`), 'utf8');
    const packages = pinned.split('\n').filter((line) => /^[\w.-]+==/.test(line));
    assert.ok(
      packages.some((line) => line.includes(`==${asked} `)),
      `${name}.txt: npm run pin:gateways -- ${name}`,
    );
    for (const line of packages) assert.match(line, / \\$/, `${name}.txt has a package without hashes: ${line}`);
  }
});
