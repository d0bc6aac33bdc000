#!/usr/bin/env node
// Does a stranger get what we have? Installs the tarball into an empty prefix with an empty home, and works with it from an empty folder
// without a container engine. Nothing may be written into the installation, and nothing elsewhere but into the run directory and the
// user's cache folder. Also asks npm what it would say of a publication.
//
//   node scripts/check-package.mjs                      what `npm run pack` makes
//   node scripts/check-package.mjs --tarball FILE       that one
//   node scripts/check-package.mjs -- WORDS             measures with these words instead of --quick --gateways portkey
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Of one step. */
const LONGEST_MS = 15 * 60_000;
const TOP = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({ options: { tarball: { type: 'string' } }, allowPositionals: true });
const measured = positionals.length > 0 ? positionals : ['--quick', '--runtime', 'process', '--gateways', 'portkey'];

const work = mkdtempSync(join(tmpdir(), 'check-package-'));
const [prefix, home, folder, project] = ['prefix', 'home', 'folder', 'project'].map((name) => {
  mkdirSync(join(work, name));
  return join(work, name);
});
// A stranger's home. How this machine reaches the registry (proxy, certificates, npm's own settings) is its own affair.
const npm = { npm_config_userconfig: npmSetting('userconfig'), npm_config_cache: npmSetting('cache') };
/** @type {NodeJS.ProcessEnv} */
const environment = { ...process.env, ...npm, HOME: home, DOCKER_HOST: 'unix:///nonexistent' };
delete environment.XDG_CACHE_HOME;

try {
  const tarball = values.tarball === undefined ? pack() : resolve(values.tarball);
  step('install into an empty prefix, with an empty home');
  run('npm', ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', '--loglevel=error', tarball], work);
  const installation = join(prefix, 'lib', 'node_modules', 'crabllm-bench');
  const manifest = JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8'));
  const before = listing(prefix);
  environment.PATH = [join(prefix, 'bin'), environment.PATH].join(delimiter);

  step('it says what it is');
  const said = run('crabllm-bench', ['--version']).stdout.trim();
  expect(said === `${manifest.version} (commit ${manifest.commit ?? 'unknown'})`, `--version says ${said}`);
  for (const words of [
    ['--help'],
    ['mock', '--help'],
    ['relay', '--help'],
    ['sink', '--help'],
    ['compare', '--help'],
    ['doctor', '--help'],
  ])
    expect(run('crabllm-bench', words).stdout.length > 100, `${words.join(' ')} says nothing`);

  step(`it measures: ${measured.join(' ')}`);
  // 3 says that some cell has no result; what follows decides.
  run('crabllm-bench', measured, folder, 'inherit', [0, 3]);
  const results = join(folder, 'results');
  const { run: measuredRun, cells } = JSON.parse(readFileSync(join(results, 'summary.json'), 'utf8'));
  expect(measuredRun.complete, 'the run did not come to its end');
  // Answered, not judged: a busy machine lets trials be void, and that is no fault of the package.
  const trials = readFileSync(join(results, 'trials.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const target of new Set(cells.map((cell) => cell.target)))
    expect(
      trials.some((trial) => trial.target === target && trial.load !== null),
      `${target} was not loaded`,
    );

  step('it shows, checks and exports');
  run('crabllm-bench', ['chart', '--png', '--html', '--markdown', 'report.md']);
  for (const file of ['report.html', 'charts'])
    expect(existsSync(join(folder, 'results', file)), `${file} was not drawn`);
  expect(
    readdirSync(join(folder, 'results', 'charts')).some((name) => name.endsWith('.png')),
    'no PNG was drawn',
  );
  run('crabllm-bench', ['verify', 'results']);
  run('crabllm-bench', ['export', 'results', '--csv']);

  step('nothing was written where it does not belong');
  expect(listing(prefix) === before, 'the installation has changed');
  expect(onlyHolds(folder, ['report.md', 'results']), `the folder holds ${readdirSync(folder).join(', ')}`);
  expect(onlyHolds(home, ['.cache', '.npm']), `the home holds ${readdirSync(home).join(', ')}`);

  step('its image has what it is built from');
  const context = join(work, 'context');
  mkdirSync(context);
  for (const name of ['package.json', 'npm-shrinkwrap.json']) cpSync(join(installation, name), join(context, name));
  run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], context);
  for (const name of [
    'Dockerfile',
    '.dockerignore',
    'scripts/container-entrypoint.sh',
    'compose/portkey/package-lock.json',
  ])
    expect(existsSync(join(installation, name)), `${name} is missing`);

  if (manifest.exports['./mock'] !== undefined) {
    step('the mock as a dependency');
    writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }\n');
    run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball], project);
    const script =
      "import { startMock } from 'crabllm-bench/mock'; if (typeof startMock !== 'function') process.exit(1);";
    run(process.execPath, ['--input-type=module', '-e', script], project);
  }

  step('what npm would say of a publication');
  const publication = run('npm', ['publish', '--dry-run', '--ignore-scripts', tarball], work);
  const warnings = publication.stderr.split('\n').filter((line) => /^npm (warn|error)/i.test(line));
  // A tag other than latest, or a log-in, is a matter of the day; the package itself must be without fault.
  const faults = warnings.filter((line) => !/requires you to be logged in/.test(line));
  expect(faults.length === 0, faults.join('\n'));
  console.log('the package holds');
} finally {
  rmSync(work, { recursive: true, force: true });
}

function pack() {
  const { stdout } = run('npm', ['run', '--silent', 'pack'], TOP);
  return stdout.trim().split('\n').at(-1);
}

function run(program, words, directory = folder, stderr = 'pipe', allowed = [0]) {
  const env = directory === TOP ? process.env : environment;
  const result = spawnSync(program, words, {
    cwd: directory,
    env,
    encoding: 'utf8',
    stdio: /** @type {any} */ (['ignore', 'pipe', stderr]),
    timeout: LONGEST_MS,
  });
  if (allowed.includes(result.status)) return result;
  console.error(result.stdout ?? '', result.stderr ?? '', result.error ?? '');
  throw new Error(`${program} ${words.join(' ')} ended with ${result.status ?? result.signal}`);
}

/** Every file with size and time of its last change. */
function listing(directory) {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  return files.map((file) => `${file} ${changed(join(directory, file))}`).join('\n');
}

function changed(path) {
  const { size, mtimeMs } = statSync(path);
  return `${size} ${mtimeMs}`;
}

function onlyHolds(directory, names) {
  return readdirSync(directory).every((name) => names.includes(name));
}

function npmSetting(name) {
  return spawnSync('npm', ['config', 'get', name], { encoding: 'utf8' }).stdout.trim();
}

function step(what) {
  console.log(`== ${what}`);
}

function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
