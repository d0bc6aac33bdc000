import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homeFault } from './bench-home.js';
import type { ProcFs } from './procfs.js';

const processIdSchema = z.strictObject({ pid: z.number(), startTicks: z.number() });

const runRecordSchema = z.strictObject({
  /** Name of the service or tool. */
  service: z.string(),
  /** The process of this program that started it; while that lives it is its business. */
  owner: processIdSchema,
  /** The first process; null when the owner went away before it could be written. */
  root: processIdSchema.nullable(),
  bootId: z.string(),
  /** Its private folder. */
  directory: z.string(),
});

/** What is written of a started service or tool, so that a later run can clear it away when its owner was killed. */
export type RunRecord = z.infer<typeof runRecordSchema>;

/** A record of something about to be started. Null without `/proc`: what cannot be recognised again must not be killed later. */
export function newRecord(service: string, directory: string, proc: ProcFs): RunRecord | null {
  const owner = proc.identity(process.pid);
  const bootId = proc.bootId();
  return owner === null || bootId === null ? null : { service, owner, root: null, bootId, directory };
}

/**
 * One file a running service or tool, named after the mark that its processes carry. Synchronous: a record must stand before the
 * process does, and must be removable while the program exits.
 */
export class RunRecords {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Writes or replaces a record; a crash leaves the old one or the new one, never half of one.
   * @throws BenchError `place-unwritable`, `disk-full`
   */
  write(token: string, record: RunRecord): void {
    const path = this.#path(token);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(record));
      renameSync(`${path}.new`, path);
    } catch (thrown) {
      throw homeFault(thrown, this.#directory);
    }
  }

  remove(token: string): void {
    rmSync(this.#path(token), { force: true });
  }

  /** All records; one that cannot be read has null for its content, its mark still says what to look for. */
  list(): Map<string, RunRecord | null> {
    const records = new Map<string, RunRecord | null>();
    for (const name of this.#names()) records.set(name.slice(0, -'.json'.length), this.#read(name));
    return records;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
  }

  #read(name: string): RunRecord | null {
    try {
      return runRecordSchema.parse(JSON.parse(readFileSync(join(this.#directory, name), 'utf8')));
    } catch {
      return null;
    }
  }

  #path(token: string): string {
    return join(this.#directory, `${token}.json`);
  }
}
