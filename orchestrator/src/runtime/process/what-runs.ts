import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** Programs that only start another: neither their version nor their content is that of what runs. */
const LAUNCHER =
  /^(env|sh|bash|dash|ash|zsh|busybox|nodejs?|deno|bun|java|ruby|perl|php[\d.]*|python[\d.]*|npx|uvx?|timeout|taskset|nice|numactl|chrt|stdbuf|sudo)$/;

/** How files begin that a kernel executes by themselves: ELF, Mach-O of either word size and byte order, universal, PE. */
const BINARY = ['7f454c46', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', '4d5a'];

/**
 * `sha256:` and the hash of a program's file; null where that file is not what runs (a script, a launcher), and when it may be executed
 * but not read.
 */
export async function programDigest(program: string): Promise<string | null> {
  if (isLauncher(program)) return null;
  try {
    if (!(await isBinary(program))) return null;
    const hash = createHash('sha256');
    await pipeline(createReadStream(program), hash);
    return `sha256:${hash.digest('hex')}`;
  } catch {
    return null;
  }
}

function isLauncher(program: string): boolean {
  return program === process.execPath || LAUNCHER.test(basename(program));
}

async function isBinary(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.subarray(0, bytesRead).toString('hex');
    return BINARY.some((magic) => start.startsWith(magic));
  } finally {
    await file.close();
  }
}

/** The version of the package that brought a program, by the metadata of pip or npm beside it; null for any other program. */
export function packageVersion(program: string): string | null {
  if (isLauncher(program)) return null;
  try {
    const file = realpathSync(program);
    return pipVersion(program) ?? pipVersion(file) ?? npmVersion(file);
  } catch {
    return null;
  }
}

// A wheel's RECORD lists every file that it installed, scripts as ../../../bin/NAME; its folder is NAME-VERSION.dist-info (PyPA, recording installed projects).
function pipVersion(program: string): string | null {
  const library = join(dirname(program), '..', 'lib');
  for (const python of entriesOf(library).filter((name) => /^python[\d.]*$/.test(name))) {
    for (const packages of ['site-packages', 'dist-packages']) {
      const directory = join(library, python, packages);
      for (const info of entriesOf(directory)) {
        const version = /^.+-(\d[^-]*)\.dist-info$/.exec(info)?.[1];
        if (version !== undefined && lists(join(directory, info, 'RECORD'), basename(program))) return version;
      }
    }
  }
  return null;
}

function lists(record: string, script: string): boolean {
  try {
    return readFileSync(record, 'utf8')
      .split('\n')
      .some((line) => line.startsWith('../') && line.split(',')[0]?.endsWith(`/bin/${script}`) === true);
  } catch {
    return false;
  }
}

const packageSchema = z.object({ name: z.string(), version: z.string() });

function npmVersion(file: string): string | null {
  if (!file.includes('/node_modules/')) return null;
  const { root } = parse(file);
  for (let directory = dirname(file); directory !== root; directory = dirname(directory)) {
    try {
      return packageSchema.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'))).version;
    } catch {
      // None here, or one without a version, as folders of a package may have.
    }
    if (basename(dirname(directory)) === 'node_modules') return null;
  }
  return null;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
