import type { ProcessId, ProcFs } from './procfs.js';

/** Within a measured window memory is looked at no more often than this. */
const LIGHT_INTERVAL_MS = 1000;

/** The last exact look, from which light ones reckon. */
interface Known {
  readonly bytes: number;
  readonly residentOf: ReadonlyMap<number, number>;
}

/**
 * Memory of a process and all that it started. An exact look takes the proportional set sizes of several processes, because workers that
 * were forked share most of their pages and a sum of resident sets would count those once for each. That costs a third of a millisecond a
 * process and holds the lock of its address space meanwhile, so within a measured window only resident sets are read, one small file a
 * process, and what they grew by is added to the last exact look.
 */
export class TreeMemory {
  readonly #proc: ProcFs;
  #known: Known | null = null;
  #peakBytes: number | null = null;
  #lightAtMs = Number.NEGATIVE_INFINITY;

  constructor(proc: ProcFs) {
    this.#proc = proc;
  }

  /** The highest so far: of a single process the kernel's own mark, of several the highest look. */
  get peakBytes(): number | null {
    return this.#peakBytes;
  }

  /** Now, bytes: of a single process its resident set, as `ps` shows it. Null when one of them may not be looked at. */
  exact(living: readonly ProcessId[]): number | null {
    const bytes = living.length === 1 ? this.#single(living[0] as ProcessId) : this.#several(living);
    this.#known = bytes === null ? null : { bytes, residentOf: this.#residentOf(living) };
    return bytes;
  }

  /** The same by what resident sets grew by; null when it is too early for another look, or there was no exact one. */
  light(atMs: number): number | null {
    if (this.#known === null || atMs - this.#lightAtMs < LIGHT_INTERVAL_MS) return null;
    this.#lightAtMs = atMs;
    const { bytes, residentOf } = this.#known;
    let grown = 0;
    for (const [pid, before] of residentOf) grown += (this.#proc.residentNowBytes(pid) ?? 0) - before;
    const now = Math.max(0, bytes + grown);
    this.#peakBytes = Math.max(this.#peakBytes ?? 0, now);
    return now;
  }

  #single({ pid }: ProcessId): number | null {
    const resident = this.#proc.residentBytes(pid);
    if (resident !== null) this.#peakBytes = Math.max(this.#peakBytes ?? 0, resident.peak);
    return resident?.now ?? null;
  }

  #several(living: readonly ProcessId[]): number | null {
    if (living.length === 0) return null;
    let sum = 0;
    for (const { pid } of living) {
      const bytes = this.#proc.proportionalBytes(pid);
      if (bytes === null && this.#proc.stat(pid) !== null) return null;
      sum += bytes ?? 0;
    }
    this.#peakBytes = Math.max(this.#peakBytes ?? 0, sum);
    return sum;
  }

  #residentOf(living: readonly ProcessId[]): Map<number, number> {
    return new Map(living.map(({ pid }) => [pid, this.#proc.residentNowBytes(pid) ?? 0]));
  }
}
