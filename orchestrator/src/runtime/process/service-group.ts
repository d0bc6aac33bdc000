/** What a service may use at most; null: no bound. */
export interface GroupLimits {
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
}

/** The control group of one service: counts what it and everything it starts use, and bounds it where that was asked for. */
export interface ServiceGroup {
  /** Takes in a process, and what it will start; one that has gone is passed over. */
  join(pid: number): void;
  /** CPU time of all that was ever in it, microseconds; null once the group is gone. */
  cpuUs(): number | null;
  /** Time lost to the CPU quota, milliseconds; null where there is no quota. */
  throttledMs(): number | null;
  /** Processes that the kernel killed for the memory limit; null where there is none. */
  memoryKills(): number | null;
  /** The processes in it now. */
  pids(): number[];
  /** Removes the group; one with a process in it stays for a later sweep. */
  remove(): void;
}
