// Pins every package of the gateways that are installed without Docker: each with the hashes of its files, for `pip --require-hashes`, and
// the lock files for `npm ci`.
//
//   npm run pin:gateways                 all of them, from compose/requirements/*.in and the folders with a package.json
//   npm run pin:gateways -- litellm      this one
//
// A new version: change it in compose/docker-compose.yml and in the .in file (or package.json), run this, and commit what it writes.
// `crabllm-bench gateways --newer` says which versions there are. Needs uv (pip install uv) and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compose = fileURLToPath(new URL('../compose/', import.meta.url));
const requirements = join(compose, 'requirements');
const asked = process.argv.slice(2);
const isAsked = (name) => asked.length === 0 || asked.includes(name);
const pip = readdirSync(requirements).flatMap((file) => (file.endsWith('.in') ? file.slice(0, -3) : []));
const npm = readdirSync(compose).filter((folder) => existsSync(join(compose, folder, 'package.json')));
const unknown = asked.filter((name) => !pip.includes(name) && !npm.includes(name));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: nothing is pinned under that name; there are ${[...pip, ...npm].join(', ')}`);
  process.exit(2);
}

// For every system and every Python from 3.10 on at once, as the installer takes any of them.
const UV = 'pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.10';
const NPM = 'install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error';
for (const name of pip.filter(isAsked)) run('uv', [...UV.split(' '), `${name}.in`, '-o', `${name}.txt`], requirements);
for (const name of npm.filter(isAsked)) run('npm', NPM.split(' '), join(compose, name));

function run(program, words, cwd) {
  console.log([program, ...words].join(' '));
  const { status, error } = spawnSync(program, words, { cwd, stdio: 'inherit' });
  if (status === 0) return;
  const missing =
    error !== undefined && 'code' in error && error.code === 'ENOENT'
      ? `${program} is not on PATH${program === 'uv' ? ': pip install uv' : ''}`
      : error?.message;
  console.error(missing ?? `${program} ended with ${status}`);
  process.exitCode = 1;
}
