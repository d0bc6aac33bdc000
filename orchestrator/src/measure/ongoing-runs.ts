import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ProcFs } from '../runtime/process/procfs.js';

const ongoingSchema = z.strictObject({
  pid: z.number(),
  startTicks: z.number(),
  bootId: z.string(),
  /** ISO 8601. */
  since: z.string(),
  output: z.string(),
  mockPort: z.number(),
});

/** A run that is measuring on this host now. */
export type OngoingRun = z.infer<typeof ongoingSchema>;

/**
 * Runs of this host say here that they measure: two at once disturb each other, and want the same ports. One file a run; that of a process
 * which is gone is taken away by whoever finds it. Without `/proc` nobody can tell whether a process is gone, and nobody says anything.
 */
export class OngoingRuns {
  readonly #directory: string;
  readonly #proc: ProcFs;

  constructor(directory: string, proc = new ProcFs()) {
    this.#directory = directory;
    this.#proc = proc;
  }

  /**
   * Says that this process measures. A place that cannot be written is no reason not to.
   * @returns takes it back
   */
  announce(run: Pick<OngoingRun, 'output' | 'mockPort'>): () => void {
    const self = this.#proc.identity(process.pid);
    const bootId = this.#proc.bootId();
    if (self === null || bootId === null) return () => {};
    const path = join(this.#directory, `${self.pid}.json`);
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(path, JSON.stringify({ ...self, bootId, since: new Date().toISOString(), ...run }));
    } catch {
      return () => {};
    }
    return () => takeAway(path);
  }

  /** Runs of other processes, the earliest first. */
  others(): OngoingRun[] {
    const runs: OngoingRun[] = [];
    for (const name of this.#names()) {
      const path = join(this.#directory, name);
      const run = read(path);
      if (run !== null && this.#isAlive(run)) {
        if (run.pid !== process.pid) runs.push(run);
      } else takeAway(path);
    }
    return runs.sort((a, b) => a.since.localeCompare(b.since) || a.pid - b.pid);
  }

  #isAlive({ pid, startTicks, bootId }: OngoingRun): boolean {
    return bootId === this.#proc.bootId() && this.#proc.identity(pid)?.startTicks === startTicks;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
  }
}

function read(path: string): OngoingRun | null {
  try {
    return ongoingSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

/** `a run is measuring since 14:03 (pid 4711, into results)`. */
export function describeOngoing({ since, pid, output }: OngoingRun): string {
  const at = new Date(since);
  const time = [at.getHours(), at.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
  return `a run is measuring since ${time} (pid ${pid}, into ${output})`;
}

/** What cannot be taken away, in a folder that is read-only or somebody else's, is left to whoever can. */
function takeAway(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays, and is seen to be of a process that is gone.
  }
}
