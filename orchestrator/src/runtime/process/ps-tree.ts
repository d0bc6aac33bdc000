import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ResourceSample } from '../runtime.js';

/** One line of `ps`. */
interface PsRow {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly residentBytes: number;
  readonly cpuUs: number;
}

/** Columns without headings, in POSIX's words, so that every `ps` knows them. `rss` is in KiB everywhere. */
const WORDS = ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'pgid=', '-o', 'rss=', '-o', 'time='];
const TIMEOUT_MS = 2000;

const run = promisify(execFile);

/**
 * What `ps` tells of a process and all that it has started, where there is no `/proc` (macOS). It is a program that has to be started, so
 * it is for moments when nothing is measured.
 *
 * CPU: of the members that live, and of ended ones what was last seen of them; a process that came and went between two looks is missing.
 * Memory: the resident set of a single process. Of several it is null: they share pages, `ps` does not say how many, and a sum would
 * count those once for each. A peak nobody keeps.
 */
export class PsTree {
  readonly #rootPid: number;
  readonly #seenUs = new Map<number, number>();
  #cpuUs = 0;

  constructor(rootPid: number) {
    this.#rootPid = rootPid;
  }

  /** Null once the first process has gone, or when `ps` cannot be asked. */
  async sample(atMs: number): Promise<ResourceSample | null> {
    const rows = await askPs();
    if (rows === null || !rows.some(({ pid }) => pid === this.#rootPid)) return null;
    const members = membersOf(rows, this.#rootPid);
    for (const { pid, cpuUs } of members) this.#seenUs.set(pid, cpuUs);
    const sumUs = [...this.#seenUs.values()].reduce((sum, cpuUs) => sum + cpuUs, 0);
    // A pid may be given away again, to a process that has used less.
    this.#cpuUs = Math.max(this.#cpuUs, sumUs);
    const [only] = members;
    return {
      atMs,
      cpuUs: this.#cpuUs,
      memoryBytes: members.length === 1 && only !== undefined ? only.residentBytes : null,
      memoryPeakBytes: null,
      throttledMs: null,
    };
  }
}

async function askPs(): Promise<PsRow[] | null> {
  try {
    const { stdout } = await run('ps', WORDS, {
      timeout: TIMEOUT_MS,
      maxBuffer: 2 ** 24,
      env: { ...process.env, LC_ALL: 'C' },
    });
    return parsePs(stdout);
  } catch {
    return null;
  }
}

/** The first process, what shares its group, and what any of them started. */
function membersOf(rows: readonly PsRow[], rootPid: number): PsRow[] {
  const found = new Map<number, PsRow>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const row of rows)
      if (row.pid === rootPid || row.groupId === rootPid || found.has(row.parentPid)) found.set(row.pid, row);
  }
  return [...found.values()];
}

/** Lines that are not understood are passed over. @internal exported for tests */
export function parsePs(text: string): PsRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parentPid, groupId, rss, time, ...more] = line.trim().split(/\s+/);
    const cpuUs = parseCpuTime(time ?? '');
    const numbers = [pid, parentPid, groupId, rss].map((word) =>
      /^\d+$/.test(word ?? '') ? Number(word) : Number.NaN,
    );
    if (cpuUs === null || more.length > 0 || numbers.some((number) => Number.isNaN(number))) return [];
    const [a, b, c, d] = numbers as [number, number, number, number];
    return [{ pid: a, parentPid: b, groupId: c, residentBytes: d * 1024, cpuUs }];
  });
}

/**
 * `[[DD-]HH:]MM:SS` of POSIX, and `MM:SS.cc` of macOS and the BSDs, where minutes go on beyond an hour.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/ps.html
 * @returns microseconds; null for anything else
 * @internal exported for tests
 */
export function parseCpuTime(text: string): number | null {
  const match = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d{2}(?:\.\d+)?)$/.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((word) => Number(word ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1e6);
}
