import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { BenchError } from '../../errors.js';
import { MANIFEST, TRIALS } from '../../record/run-directory.js';

/** Two blocks of zeros end an archive; without them another one may follow. */
const TRAILER_BYTES = 1024;
/** The extended header of an entry that holds a file from this byte on; what the file has before it stays. */
const FROM = 'crabllm-bench.from';

/**
 * What has come to a run directory, as archives: each holds what is new or was changed since the one before, of the records only the lines
 * that were added. Unpacked one after another they make the directory again, and one after another they are one archive.
 */
export class RunArchive {
  readonly #directory: string;
  /** Of each file: when it was changed last, and how large it was. */
  readonly #packed = new Map<string, { readonly mtimeMs: number; readonly size: number }>();

  /** What lies in the directory by now is taken to be known to whoever unpacks them. */
  constructor(directory: string) {
    this.#directory = directory;
    for (const { name, ...state } of this.#files()) this.#packed.set(name, state);
  }

  /** @returns what there is since the last time; empty: nothing */
  async next(): Promise<Buffer> {
    const tar = pack();
    const whole = buffer(tar);
    // Records last: what they name is there then, wherever it ends.
    const fresh = this.#files()
      .filter((file) => isChanged(file, this.#packed.get(file.name)))
      .toSorted((a, b) => Number(a.name === TRIALS) - Number(b.name === TRIALS) || a.name.localeCompare(b.name));
    for (const { name, ...state } of fresh) {
      const before = this.#packed.get(name)?.size ?? 0;
      const from = name === TRIALS && before <= state.size ? before : 0;
      const content = readFileSync(join(this.#directory, name)).subarray(from, state.size);
      // oxlint-disable-next-line no-await-in-loop -- an archive has one entry after another
      await new Promise<void>((resolve, reject) => {
        const header = { name, size: content.length, ...(from === 0 ? {} : { pax: { [FROM]: String(from) } }) };
        tar.entry(header, content, (error) => (error instanceof Error ? reject(error) : resolve()));
      });
      this.#packed.set(name, state);
    }
    tar.finalize();
    return (await whole).subarray(0, -TRAILER_BYTES);
  }

  #files(): { readonly name: string; readonly mtimeMs: number; readonly size: number }[] {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
      const state = statSync(join(this.#directory, name), { throwIfNoEntry: false });
      // Copies of config files with the addresses of Pods that are gone, and files that are being written.
      if (state?.isFile() !== true || name.startsWith('.services') || name.endsWith('.part')) return [];
      return { name, mtimeMs: state.mtimeMs, size: state.size };
    });
  }
}

/** An interrupted run as far as one that goes on has to know it. */
export async function packStored(directory: string): Promise<Buffer> {
  const tar = pack();
  const whole = buffer(tar);
  for (const name of [MANIFEST, TRIALS]) tar.entry({ name }, readFileSync(join(directory, name)));
  tar.finalize();
  return whole;
}

/** Unpacks an archive into a directory. @returns how many files it held. @throws BenchError `result-lost` for one that leads out of it */
export async function unpack(archive: Uint8Array, directory: string): Promise<number> {
  const entries = extract();
  Readable.from([archive]).pipe(entries);
  let files = 0;
  for await (const entry of entries) {
    const { name, type, pax } = entry.header;
    const content = await buffer(entry);
    if (type !== 'file') continue;
    const path = normalize(name);
    if (isAbsolute(path) || path.startsWith('..'))
      throw resultLost(`it holds a file ${name}, which leads out of its directory`);
    write(
      join(directory, path),
      content,
      Number((pax as Readonly<Record<string, string>> | null | undefined)?.[FROM] ?? 0),
    );
    files += 1;
  }
  return files;
}

/** What of a run was to be fetched did not come. */
export function resultLost(why: string): BenchError {
  return new BenchError({
    code: 'result-lost',
    message: `the result of the run could not be fetched from the cluster: ${why}`,
  });
}

function write(path: string, content: Uint8Array, from: number): void {
  mkdirSync(dirname(path), { recursive: true });
  if (from === 0) return writeFileSync(path, content);
  const had = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (had < from) throw resultLost(`of ${path} there are ${had} bytes, and what came goes on behind ${from}`);
  truncateSync(path, from);
  writeFileSync(path, content, { flag: 'a' });
}

function isChanged(
  now: { readonly mtimeMs: number; readonly size: number },
  before: { readonly mtimeMs: number; readonly size: number } | undefined,
): boolean {
  return before === undefined || before.mtimeMs !== now.mtimeMs || before.size !== now.size;
}
