import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readKernelFile } from '../../kernel-file.js';

/**
 * Which process is meant: a process id alone is recycled, together with the start time it is unique until the next boot.
 */
export interface ProcessId {
  readonly pid: number;
  /** Start time in clock ticks since boot, field 22 of `/proc/PID/stat`. */
  readonly startTicks: number;
}

/** The fields of `/proc/PID/stat` that are of use here; see proc_pid_stat(5). */
export interface ProcessStat extends ProcessId {
  readonly name: string;
  /** One letter; `Z` and `X` are dead. */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  readonly sessionId: number;
  /** Its own CPU time, user and system, clock ticks. */
  readonly cpuTicks: number;
  /** CPU time of its children that ended and were waited for, with all of theirs, clock ticks. */
  readonly reapedCpuTicks: number;
}

const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4096;

/** Microseconds of a clock tick: the kernel reports to user space in hundredths of a second (USER_HZ) on every usual architecture. */
export const TICK_US = 10_000;

/**
 * Reads `/proc/PID/stat`. The name stands in parentheses and may itself hold spaces, parentheses and line feeds,
 * so it ends at the last closing parenthesis. Null for anything that is not such a line.
 */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 1 || close < open) return null;
  // Field 3 (state) is fields[0], so field N is fields[N - 3].
  const fields = text
    .slice(close + 1)
    .trim()
    .split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const stat: ProcessStat = {
    pid: Number(text.slice(0, open).trim()),
    name: text.slice(open + 1, close),
    state: fields[0] ?? '',
    parentPid: field(4),
    groupId: field(5),
    sessionId: field(6),
    cpuTicks: field(14) + field(15),
    reapedCpuTicks: field(16) + field(17),
    startTicks: field(22),
  };
  return Object.values(stat).some((value) => Number.isNaN(value)) ? null : stat;
}

/** False for a process that has ended and is only still listed because nobody has waited for it. */
export function isAlive(stat: ProcessStat): boolean {
  return stat.state !== 'Z' && stat.state !== 'X';
}

/**
 * A view of `/proc`, or of a folder that looks like it. Every read may meet a process that has just gone, or one of
 * another user: that is null, never an error. Reads are synchronous because the kernel answers from memory:
 * a detour over the thread pool would cost more than the read.
 */
export class ProcFs {
  readonly #root: string;
  #page: number | null = null;

  constructor(root = '/proc') {
    this.#root = root;
  }

  /** False where there is no such thing, as on macOS. */
  get available(): boolean {
    return this.#read('self/stat') !== null;
  }

  /** Ids of all visible processes, ascending, so that parents mostly come before their children. */
  pids(): number[] {
    return this.#list('.')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  stat(pid: number): ProcessStat | null {
    const text = this.#read(`${pid}/stat`);
    return text === null ? null : parseProcessStat(text);
  }

  /** Processes that its main thread has started and that live; empty also on a kernel that does not list them (CONFIG_PROC_CHILDREN). */
  children(pid: number): number[] {
    return (this.#read(`${pid}/task/${pid}/children`) ?? '')
      .split(' ')
      .filter((word) => /^\d+$/.test(word))
      .map(Number);
  }

  identity(pid: number): ProcessId | null {
    const stat = this.stat(pid);
    return stat === null ? null : { pid, startTicks: stat.startTicks };
  }

  /** The process if it is still the one that is meant, dead or alive. */
  statOf(id: ProcessId): ProcessStat | null {
    const stat = this.stat(id.pid);
    return stat !== null && stat.startTicks === id.startTicks ? stat : null;
  }

  /**
   * CPU time of the threads that live, microseconds, from their nanosecond counters (sched-stats.txt of the kernel);
   * null on a kernel without them. It lacks what threads took that have ended.
   */
  liveThreadsCpuUs(pid: number): number | null {
    let sumNs = 0;
    for (const thread of this.#list(`${pid}/task`)) {
      const runNs = /^\d+/.exec(this.#read(`${pid}/task/${thread}/schedstat`) ?? '')?.[0];
      if (runNs === undefined) continue;
      sumNs += Number(runNs);
    }
    return sumNs === 0 ? null : sumNs / 1000;
  }

  /** The words that it was started with, joined by spaces; null of the dead and of kernel threads, which have none. */
  commandLine(pid: number): string | null {
    const words = this.#read(`${pid}/cmdline`)?.split('\0').join(' ').trim() ?? '';
    return words === '' ? null : words;
  }

  /** Whether the process was started with this variable at this value. */
  hasEnvironment(pid: number, name: string, value: string): boolean {
    const text = this.#read(`${pid}/environ`);
    return text !== null && `\0${text}\0`.includes(`\0${name}=${value}\0`);
  }

  /** Resident memory now and at its highest, as `ps` shows it, bytes. */
  residentBytes(pid: number): { readonly now: number; readonly peak: number } | null {
    const text = this.#read(`${pid}/status`);
    const now = kibibytes(text, 'VmRSS');
    const peak = kibibytes(text, 'VmHWM');
    return now === null || peak === null ? null : { now, peak };
  }

  /** Resident memory now, bytes, from the smallest file that has it. */
  residentNowBytes(pid: number): number | null {
    const pages = /^\d+ (\d+)/.exec(this.#read(`${pid}/statm`) ?? '')?.[1];
    return pages === undefined ? null : Number(pages) * this.#pageBytes();
  }

  /** Proportional set size, bytes: a page shared by n processes counts 1/n in each. */
  proportionalBytes(pid: number): number | null {
    return kibibytes(this.#read(`${pid}/smaps_rollup`), 'Pss');
  }

  /** How many processes the kernel has killed for want of memory since boot. */
  outOfMemoryKills(): number | null {
    const match = /^oom_kill (\d+)$/m.exec(this.#read('vmstat') ?? '');
    return match === null ? null : Number(match[1]);
  }

  /** Changes with each boot: start times are counted from there. */
  bootId(): string | null {
    return this.#read('sys/kernel/random/boot_id')?.trim() ?? null;
  }

  /** How many descriptors it has open, and how many of them are sockets; null when it may not be looked at. */
  openFiles(pid: number): { readonly all: number; readonly sockets: number } | null {
    const names = this.#list(`${pid}/fd`);
    if (names.length === 0) return null;
    const sockets = names.filter((name) => this.#link(`${pid}/fd/${name}`).startsWith('socket:')).length;
    return { all: names.length, sockets };
  }

  /** Inodes of the sockets that listen on a TCP port, IPv4 and IPv6. */
  listeningInodes(port: number): Set<string> {
    const inodes = new Set<string>();
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    for (const file of ['net/tcp', 'net/tcp6']) {
      for (const line of (this.#read(file) ?? '').split('\n').slice(1)) {
        const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
        // 0A is TCP_LISTEN.
        if (local?.endsWith(suffix) === true && state === '0A' && inode !== undefined) inodes.add(inode);
      }
    }
    return inodes;
  }

  /** The first process that has one of these sockets open and may be looked at. */
  socketHolder(inodes: ReadonlySet<string>): ProcessStat | null {
    if (inodes.size === 0) return null;
    for (const pid of this.pids()) {
      for (const fd of this.#list(`${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(this.#link(`${pid}/fd/${fd}`))?.[1];
        if (inode !== undefined && inodes.has(inode)) return this.stat(pid);
      }
    }
    return null;
  }

  /** From the auxiliary vector that the kernel gave this program (getauxval(3)): pairs of words, of which AT_PAGESZ has this key. */
  #pageBytes(): number {
    if (this.#page !== null) return this.#page;
    const vector = Buffer.from(this.#read('self/auxv') ?? '', 'latin1');
    let page = USUAL_PAGE_BYTES;
    for (let at = 0; at + 16 <= vector.length; at += 16)
      if (vector.readBigUInt64LE(at) === AT_PAGESZ) page = Number(vector.readBigUInt64LE(at + 8));
    this.#page = page;
    return page;
  }

  #read(path: string): string | null {
    return readKernelFile(join(this.#root, path));
  }

  #list(path: string): string[] {
    try {
      return readdirSync(join(this.#root, path));
    } catch {
      return [];
    }
  }

  #link(path: string): string {
    try {
      return readlinkSync(join(this.#root, path));
    } catch {
      return '';
    }
  }
}

/** A line such as `VmRSS:     1752 kB` of a status file, in bytes. */
function kibibytes(text: string | null, key: string): number | null {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text ?? '');
  return match === null ? null : Number(match[1]) * 1024;
}
