import type { ResourceSample, Standing } from '../runtime.js';
import { isAlive, type ProcessId, type ProcessStat, type ProcFs, TICK_US } from './procfs.js';
import type { ServiceGroup } from './service-group.js';
import { type Stoppable, trySignal } from './stop.js';
import { TreeMemory } from './tree-memory.js';

/** Variable that marks every process started here and what it starts itself, whatever group or session that moves to. */
export const MARKER = 'CRABLLM_BENCH_RUN';

/** What a tree needs of the group of its members. */
type Account = Pick<ServiceGroup, 'join' | 'cpuUs' | 'throttledMs'>;

/** What is remembered of a member so that its CPU time is neither lost nor counted twice when it ends. */
interface Member {
  readonly id: ProcessId;
  /** As last seen: a process whose parent ends is handed to another. */
  parentPid: number;
  /** Its own CPU time and that of the children it waited for, as last seen. */
  cpuUs: number;
}

/**
 * A process and everything it has started. Members are remembered once seen, so one that leaves its group, its session
 * or its parent stays a member.
 */
export class ProcessTree implements Stoppable {
  readonly #proc: ProcFs;
  readonly #root: ProcessId | null;
  readonly #rootPid: number;
  readonly #token: string;
  readonly #account: Account | null;
  readonly #memory: TreeMemory;
  readonly #members = new Map<number, Member>();
  /** CPU time of members that ended without a member to inherit it. */
  #orphanCpuUs = 0;
  #cpuUs = 0;

  /**
   * @param root the process; null when it is not known whether that pid is still the one (then only the mark counts)
   * @param token value of {@link MARKER} in the environment of the process
   * @param account counts the members' CPU time; null: it is read of each
   */
  constructor(proc: ProcFs, root: ProcessId | null, token: string, account: Account | null = null) {
    this.#proc = proc;
    this.#account = account;
    this.#memory = new TreeMemory(proc);
    this.#root = root;
    this.#rootPid = root?.pid ?? -1;
    this.#token = token;
    if (root !== null) this.#members.set(root.pid, { id: root, parentPid: 0, cpuUs: 0 });
    if (root !== null) account?.join(root.pid);
  }

  /**
   * CPU time and memory of the whole tree, each as exactly as it can be had: walks over all processes, so never within a measured window.
   * Null once the first process has gone.
   *
   * CPU: what the account counted; without one the own time of each member and of the children it waited for, which is where an ended
   * child's time goes.
   */
  sample(atMs: number): ResourceSample | null {
    const stats = this.#join(this.#walk());
    if (!stats.has(this.#rootPid)) return null;
    const memoryBytes = this.#memory.exact([...stats.values()].filter(isAlive));
    const cpuUs = this.#account?.cpuUs() ?? this.#cpu(stats);
    return { atMs, cpuUs, memoryBytes, memoryPeakBytes: this.#memory.peakBytes, throttledMs: this.#throttledMs() };
  }

  /**
   * What may be read within a measured window: the account's one figure, and now and then the resident sets of the members known. Null
   * once the first process has gone.
   */
  lightSample(atMs: number): ResourceSample | null {
    if (this.#root === null || this.#proc.statOf(this.#root) === null) return null;
    const memoryBytes = this.#memory.light(atMs);
    const cpuUs = this.#account?.cpuUs() ?? null;
    return { atMs, cpuUs, memoryBytes, memoryPeakBytes: null, throttledMs: this.#throttledMs() };
  }

  /** Who of the tree is alive, and what they have open. */
  standing(): Standing {
    const living = this.#alive({ marked: false });
    const open = living.map(({ pid }) => this.#proc.openFiles(pid));
    const memory = living.map(({ pid }) => this.#proc.residentNowBytes(pid));
    return {
      processes: living.map(({ pid, startTicks }) => `${pid}/${startTicks}`),
      descriptors: open.reduce((sum, files) => sum + (files?.all ?? 0), 0),
      connections: open.reduce((sum, files) => sum + (files?.sockets ?? 0), 0),
      memoryBytes: memory.some((bytes) => bytes === null)
        ? null
        : memory.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    };
  }

  /** Of the living members, their words joined by spaces; one that goes meanwhile is left out. */
  commandLines(): string[] {
    return this.#alive({ marked: true }).flatMap(({ pid }) => this.#proc.commandLine(pid) ?? []);
  }

  /** Sends a signal to every living member; one that has gone meanwhile, or may not be signalled, is passed over. */
  signal(signal: NodeJS.Signals): void {
    for (const id of this.#alive({ marked: true })) {
      // Again right before: between the walk and here the process may have gone and its pid been given away.
      if (this.#proc.statOf(id) !== null) trySignal(id.pid, signal);
    }
  }

  /** Whether no member is alive. The marks, which cost more to read, are looked at only when the tree seems empty. */
  isGone(): boolean {
    return this.#alive({ marked: false }).length === 0 && this.#alive({ marked: true }).length === 0;
  }

  /** Members that are alive. With `marked`, all processes that carry the mark are looked for and become members. */
  #alive(options: { readonly marked: boolean }): ProcessId[] {
    const all = this.#walk();
    if (options.marked) {
      for (const stat of all.values()) {
        if (!this.#members.has(stat.pid) && this.#proc.hasEnvironment(stat.pid, MARKER, this.#token)) this.#add(stat);
      }
    }
    return [...this.#join(all).values()].filter(isAlive);
  }

  #walk(): Map<number, ProcessStat> {
    const all = new Map<number, ProcessStat>();
    for (const pid of this.#proc.pids()) {
      const stat = this.#proc.stat(pid);
      if (stat !== null) all.set(pid, stat);
    }
    return all;
  }

  /** Takes in every process that belongs to the tree by parent, group or session; returns the members among `all`. */
  #join(all: ReadonlyMap<number, ProcessStat>): Map<number, ProcessStat> {
    const found = new Map<number, ProcessStat>();
    for (const { id } of this.#members.values()) {
      const stat = all.get(id.pid);
      if (stat?.startTicks === id.startTicks) found.set(id.pid, stat);
    }
    // The pid of a dead first process may have been given to the leader of a foreign group.
    const groupIsOurs =
      this.#root !== null && (all.get(this.#rootPid)?.startTicks ?? this.#root.startTicks) === this.#root.startTicks;
    for (let before = -1; before !== found.size; ) {
      before = found.size;
      for (const stat of all.values()) {
        const inGroup = groupIsOurs && (stat.groupId === this.#rootPid || stat.sessionId === this.#rootPid);
        if (found.has(stat.pid) || !(inGroup || found.has(stat.parentPid))) continue;
        this.#add(stat);
        found.set(stat.pid, stat);
      }
    }
    return found;
  }

  #throttledMs(): number | null {
    return this.#account?.throttledMs() ?? null;
  }

  #add(stat: ProcessStat): void {
    const { pid, startTicks, parentPid } = stat;
    // It may have been started before its parent was counted.
    if (!this.#members.has(pid)) this.#account?.join(pid);
    this.#members.set(pid, { id: { pid, startTicks }, parentPid, cpuUs: 0 });
  }

  #cpu(stats: ReadonlyMap<number, ProcessStat>): number {
    let sumUs = 0;
    for (const [pid, member] of this.#members) {
      const stat = stats.get(pid);
      if (stat === undefined) continue;
      member.parentPid = stat.parentPid;
      member.cpuUs = this.#ownCpuUs(stat) + stat.reapedCpuTicks * TICK_US;
      sumUs += member.cpuUs;
    }
    const gone = [...this.#members.values()].filter((member) => !stats.has(member.id.pid));
    for (const member of gone) if (!this.#isInherited(member, stats)) this.#orphanCpuUs += member.cpuUs;
    for (const member of gone) this.#members.delete(member.id.pid);
    // The files are not read at one instant: a child that ends in between may be missed once. CPU time never falls.
    this.#cpuUs = Math.max(this.#cpuUs, sumUs + this.#orphanCpuUs);
    return this.#cpuUs;
  }

  /**
   * Neither source ever says too much: ticks are cut off (20 ms at most, much in a short trial), the threads' exact
   * counters lack ended threads. So the larger is the better.
   */
  #ownCpuUs(stat: ProcessStat): number {
    return Math.max(stat.cpuTicks * TICK_US, this.#proc.liveThreadsCpuUs(stat.pid) ?? 0);
  }

  /** Whether the time of an ended member has gone to a living one: to its parent, or through parents that ended too. */
  #isInherited(member: Member, stats: ReadonlyMap<number, ProcessStat>): boolean {
    let parentPid = member.parentPid;
    // As many steps as there are members: recycled pids could otherwise make the chain a ring.
    for (let step = 0; step < this.#members.size; step++) {
      if (stats.has(parentPid)) return true;
      parentPid = this.#members.get(parentPid)?.parentPid ?? 0;
    }
    return false;
  }
}
