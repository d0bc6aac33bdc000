#!/usr/bin/env node
// Installs the gateways that run without a container engine, at the versions that compose/docker-compose.yml pins.
//
//   node scripts/gateways.mjs                all of them
//   node scripts/gateways.mjs litellm        one
//   node scripts/gateways.mjs crabllm@0.0.24 one at another version, beside the pinned one
//
// Everything goes into .bench/, where the process runtime looks first. What is there at the right version is left alone.
// Ends with 1 when a gateway that was named could not be installed; without names each is optional.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atVersion } from '../orchestrator/dist/catalogue/at-version.js';
import { readCompose } from '../orchestrator/dist/catalogue/compose.js';
import { BenchHome } from '../orchestrator/dist/runtime/process/bench-home.js';
import { findProgram } from '../orchestrator/dist/runtime/process/find-program.js';
import { installPackages } from '../orchestrator/dist/runtime/process/npm-packages.js';

const home = new BenchHome();

/** On npm; fetches the program of the version asked for into the user's cache. */
const BIFROST_LAUNCHER = '@maximhq/bifrost@1.6.3';

/** How each is installed: a function of its folder and its service; returns null when it worked, else what is missing. */
const RECIPES = {
  crabllm: installCrate,
  bifrost: installLauncher,
  litellm: installVenv,
  portkey: installNpm,
};

const composeFile = fileURLToPath(new URL('../compose/docker-compose.yml', import.meta.url));
const services = new Map(readCompose(composeFile).map((service) => [service.name, service]));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(RECIPES, name.split('@', 1)[0]));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: no way to install this is known; known are ${Object.keys(RECIPES).join(', ')}`);
  process.exit(2);
}
let failed = 0;
for (const name of asked.length > 0 ? asked : Object.keys(RECIPES)) {
  if (!(await install(name))) failed += 1;
}
process.exitCode = asked.length > 0 && failed > 0 ? 1 : 0;

async function install(name) {
  const [gateway, version] = name.split('@', 2);
  let service = services.get(gateway);
  try {
    if (version !== undefined) service = atVersion(service, version);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    return false;
  }
  const wanted = service.version;
  const directory = join(home.gatewaysDirectory, name);
  const versionFile = join(directory, 'version');
  if (existsSync(versionFile) && readFileSync(versionFile, 'utf8').trim() === wanted) {
    console.log(`${gateway} ${wanted}: ready`);
    return true;
  }
  const missing = await RECIPES[gateway](directory, service);
  console.log(`${gateway} ${wanted}: ${missing === null ? 'ready' : `not installed: ${missing}`}`);
  return missing === null;
}

function installCrate(directory, { version }) {
  if (findProgram('cargo', []) === null) return 'cargo is not on PATH (it comes with Rust, see https://rustup.rs)';
  rmSync(directory, { recursive: true, force: true });
  const args = ['install', 'crabllm', '--version', version, '--locked', '--root', directory];
  return run('cargo', args) ?? noteVersion(directory, version);
}

function installLauncher(directory, { version }) {
  const tag = `v${version}`;
  const fetched = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'bifrost', tag, 'bin', 'bifrost-http');
  if (!existsSync(fetched)) {
    const failure = run('npx', ['--yes', BIFROST_LAUNCHER, '--transport-version', tag, '--help']);
    // It ends with an error of the program's own where that knows no --help; what counts is whether the program is there.
    if (!existsSync(fetched))
      return `its launcher ${BIFROST_LAUNCHER} brought no ${fetched}${failure === null ? '' : ` (${failure})`}: it fetches the program from the maker's site, which has to be reachable; or bring a bifrost-http of your own (--binary bifrost=PATH)`;
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'bin'), { recursive: true });
  const program = join(directory, 'bin', 'bifrost-http');
  copyFileSync(fetched, program);
  chmodSync(program, 0o755);
  return noteVersion(directory, version);
}

function installVenv(directory, { version }) {
  // The newest first: what LiteLLM asks for moves upwards.
  const python = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'].find(canMakeVenv);
  if (python === undefined) return 'no Python from 3.10 on with the venv module was found on PATH';
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const pip = join(directory, 'bin', 'pip');
  return (
    run(python, ['-m', 'venv', directory]) ??
    run(pip, ['install', '--quiet', '--disable-pip-version-check', `litellm[proxy]==${version}`]) ??
    noteVersion(directory, version)
  );
}

async function installNpm(_directory, { name, process: { npmDirectory } }) {
  try {
    // Its own folder says by the hash of the lock file whether it is there.
    await installPackages(npmDirectory, name, home.npmDirectory, console.log, new AbortController().signal);
    return null;
  } catch (error) {
    return error.message;
  }
}

function canMakeVenv(python) {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  return findProgram(python, []) !== null && spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
}

/** Written last, so that it says of a whole installation what it is. */
function noteVersion(directory, version) {
  writeFileSync(join(directory, 'version'), `${version}\n`);
  return null;
}

/** Runs a command, showing it and its output; null when it worked. */
function run(program, args) {
  console.log([program, ...args].join(' '));
  const { status, signal, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return status === 0 ? null : `${program} ${args[0]} failed (${error?.message ?? signal ?? `exit ${status}`})`;
}
