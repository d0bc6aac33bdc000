import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, EXIT, messageOf } from '../../errors.js';
import { findProgram } from './find-program.js';
import { startProgram } from './program-group.js';
import { runToEnd } from './run-to-end.js';

/** Packages of a lock file, installed. */
export interface InstalledPackages {
  /** Holds `node_modules`. */
  readonly directory: string;
  /** `sha256:` and the hash of the lock file: the same digest is the same tree of packages. */
  readonly digest: string;
  /** Version of the one package that is asked for; null when there are several. */
  readonly version: string | null;
}

const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** How much of npm's own words is shown when it fails. */
const SHOWN_LINES = 6;

/**
 * Installs what a folder's package.json and lock file say, once for each content of the lock file, without running
 * install scripts.
 * @param source folder with package.json and package-lock.json
 * @param name begins the name of the folder that is filled under `npmDirectory`
 * @throws BenchError `install-failed` with npm's last lines, `interrupted`
 */
export async function installPackages(
  source: string,
  name: string,
  npmDirectory: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<InstalledPackages> {
  const lock = await readLock(source);
  const digest = createHash('sha256').update(lock).digest('hex');
  const directory = join(npmDirectory, `${name}-${digest.slice(0, 12)}`);
  if (!existsSync(directory)) {
    tell(`${name}: installing its npm packages into ${directory}`);
    await fillDirectory(source, directory, signal);
  }
  return { directory, digest: `sha256:${digest}`, version: soleVersion(lock) };
}

async function readLock(source: string): Promise<string> {
  try {
    return await readFile(join(source, 'package-lock.json'), 'utf8');
  } catch (error) {
    throw new BenchError({
      code: 'install-failed',
      message: `${source} has no readable package-lock.json: ${messageOf(error)}`,
      hint: 'Packages are installed from a lock file only, so that every machine gets the same ones.',
      cause: error,
    });
  }
}

/** Installs beside the place and renames: the folder is there whole or not at all, whatever interrupts this. */
async function fillDirectory(source: string, directory: string, signal: AbortSignal): Promise<void> {
  const draft = `${directory}.${randomUUID()}`;
  try {
    await mkdir(draft, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) await cp(join(source, file), join(draft, file));
    await runNpm(draft, signal);
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another run was quicker: it installed the same lock file.
    if (existsSync(directory)) return;
    if (error instanceof BenchError) throw error;
    throw new BenchError({
      code: 'install-failed',
      message: `${directory} could not be filled: ${messageOf(error)}`,
      cause: error,
    });
  }
}

async function runNpm(directory: string, signal: AbortSignal): Promise<void> {
  const npm = findProgram('npm', []);
  if (npm === null) {
    throw new BenchError({
      code: 'install-failed',
      message: 'npm was not found on PATH',
      hint: 'It comes with Node.js.',
    });
  }
  const words = [npm, 'ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm alone sees the whole environment: proxies, certificates and registries are set there.
  const group = await startProgram(words, {
    directory,
    environment: process.env,
    stdoutBytes: 65_536,
    stderrBytes: null,
  });
  const end = await runToEnd(group, { signal, timeoutMs: INSTALL_TIMEOUT_MS, softSignal: 'SIGTERM' });
  if (end.cutShort === 'abort') {
    throw new BenchError({
      code: 'interrupted',
      message: 'interrupted while npm was installing',
      exitCode: EXIT.interrupted,
    });
  }
  if (end.exitCode !== 0) {
    const how =
      end.cutShort === 'timeout'
        ? `took longer than ${INSTALL_TIMEOUT_MS / 60_000} minutes`
        : `ended with ${end.exitCode ?? end.signal}`;
    const lines = group.stdout.text().trim().split('\n').slice(-SHOWN_LINES).join('\n');
    throw new BenchError({ code: 'install-failed', message: `npm ci ${how}: ${lines}` });
  }
}

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dependencies: z.record(z.string(), z.string()).optional() }),
  ),
});

function soleVersion(lock: string): string | null {
  try {
    const { packages } = lockSchema.parse(JSON.parse(lock));
    const [name, ...others] = Object.keys(packages['']?.dependencies ?? {});
    return name === undefined || others.length > 0 ? null : (packages[`node_modules/${name}`]?.version ?? null);
  } catch {
    // Only npm judges lock files; it has accepted this one.
    return null;
  }
}
