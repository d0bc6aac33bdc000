#!/usr/bin/env node
// Makes the package that a stranger installs: mock and orchestrator in one, as built, with what they read.
//
//   npm run pack                       builds, then .bench/package (the folder) and .bench/crabllm-bench-VERSION.tgz
//   node scripts/pack.mjs --stage DIR  the folder only, from what is built
//
// Version, description, keywords, repository and licence stand in the package.json at the top, dependencies in those of the workspaces, exact versions in
// package-lock.json: nothing is said twice. The commit is stamped into the package's own package.json.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const PARTS = ['mock', 'orchestrator'];
/** Taken as they lie; the others are made here. */
const COPIED = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'LICENSE-APACHE',
  'LICENSE-MIT',
  'compose',
  'deploy',
  'docs',
  'orchestrator/assets',
  'orchestrator/schema',
  'scripts/container-entrypoint.sh',
];

const { values } = parseArgs({ options: { stage: { type: 'string' } } });
const stage = values.stage === undefined ? join(TOP, '.bench', 'package') : resolve(values.stage);
rmSync(stage, { recursive: true, force: true });
mkdirSync(stage, { recursive: true });
for (const name of COPIED) copy(name, name);
for (const part of PARTS) copyBuilt(part);
copyPage();
// The image of an installed program is built from the installed files, and not from sources.
for (const name of ['Dockerfile', '.dockerignore']) copy(join('scripts/package', name), name);
const manifest = packageManifest();
writeJson('package.json', manifest);
writeJson('npm-shrinkwrap.json', shrinkwrap(manifest));
if (values.stage === undefined) console.log(packTarball());
else console.log(stage);

function copy(from, to) {
  mkdirSync(dirname(join(stage, to)), { recursive: true });
  cpSync(join(TOP, from), join(stage, to), { recursive: true });
}

/** The programs, and the mock's types, which are an interface; nothing that a deleted source left behind. */
function copyBuilt(part) {
  const sources = join(TOP, part, 'src');
  for (const source of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
    if (!source.endsWith('.ts')) continue;
    const kinds = part === 'mock' ? ['.js', '.d.ts'] : ['.js'];
    for (const kind of kinds) {
      const file = join(part, 'dist', source.replace(/\.ts$/, kind));
      if (!existsSync(join(TOP, file))) fail(`${file} is not built: run npm run build`);
      const text = readFileSync(join(TOP, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
      mkdirSync(dirname(join(stage, file)), { recursive: true });
      writeFileSync(join(stage, file), text);
    }
  }
}

/** The script that report.html carries, bundled. */
function copyPage() {
  const file = 'orchestrator/dist/page/page.js';
  if (!existsSync(join(TOP, file))) fail(`${file} is not built: run npm run build`);
  copy(file, file);
}

function packageManifest() {
  const { name, version, description, license, keywords, repository, type, bin, engines } = readJson('package.json');
  const commit = commitOf();
  // Provenance is refused where it names another repository than the one that publishes, such as a fork.
  const publisher = process.env.GITHUB_REPOSITORY;
  return {
    name,
    version,
    // What `--version` and run.json say. Absent: unknown.
    ...(commit === null ? {} : { commit }),
    description,
    license,
    keywords,
    repository: publisher === undefined ? repository : { type: 'git', url: `git+https://github.com/${publisher}.git` },
    type,
    bin,
    exports: { ...mockExports(), './package.json': './package.json' },
    engines,
    dependencies: dependencies(),
    publishConfig: { access: 'public' },
  };
}

/** What the mock exports as a workspace, below `./mock`. */
function mockExports() {
  const entries = Object.entries(readJson('mock/package.json').exports ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key.replace(/^\./, './mock'),
      mapStrings(value, (path) => `./${join('mock', path)}`),
    ]),
  );
}

function mapStrings(value, map) {
  if (typeof value === 'string') return map(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapStrings(inner, map)]));
}

function dependencies() {
  const merged = {};
  for (const part of PARTS) {
    for (const [name, range] of Object.entries(readJson(join(part, 'package.json')).dependencies ?? {})) {
      if (merged[name] !== undefined && merged[name] !== range)
        fail(`${name} is wanted as ${merged[name]} and as ${range}: one package can have one of them`);
      merged[name] = range;
    }
  }
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The versions that are tested, for every installation: an instrument that differs from one machine to the next is none. */
function shrinkwrap({ name, version, license, dependencies: wanted, bin, engines }) {
  const { lockfileVersion, packages } = readJson('package-lock.json');
  const kept = {};
  for (const [path, entry] of Object.entries(packages)) {
    const place = path.replace(/^(mock|orchestrator)\/(?=node_modules\/)/, '');
    if (!place.startsWith('node_modules/') || entry.dev === true || entry.link === true) continue;
    if (kept[place] !== undefined && kept[place].version !== entry.version)
      fail(`${place} is needed at ${kept[place].version} and at ${entry.version}: bring the workspaces to one of them`);
    kept[place] = entry;
  }
  for (const needed of Object.keys(wanted))
    if (kept[`node_modules/${needed}`] === undefined)
      fail(`package-lock.json does not know ${needed}: run npm install`);
  return {
    name,
    version,
    lockfileVersion,
    requires: true,
    packages: { '': { name, version, license, dependencies: wanted, bin, engines }, ...kept },
  };
}

/** Twelve digits, with `-dirty` behind them where a tracked file was changed; null outside of a repository. */
function commitOf() {
  const git = (...words) =>
    execFileSync('git', words, { cwd: TOP, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const head = git('rev-parse', '--short=12', 'HEAD').trim();
    return git('status', '--porcelain', '--untracked-files=no').trim() === '' ? head : `${head}-dirty`;
  } catch {
    return process.env.COMMIT || null;
  }
}

function packTarball() {
  const destination = join(TOP, '.bench');
  const words = ['pack', stage, '--pack-destination', destination, '--json', '--loglevel=error'];
  const [packed] = Object.values(JSON.parse(execFileSync('npm', words, { cwd: destination, encoding: 'utf8' })));
  return join(destination, basename(packed.filename));
}

function readJson(path) {
  return JSON.parse(readFileSync(join(TOP, path), 'utf8'));
}

function writeJson(path, value) {
  writeFileSync(join(stage, path), `${JSON.stringify(value, null, 2)}\n`);
}

function fail(message) {
  console.error(`pack: ${message}`);
  process.exit(1);
}
