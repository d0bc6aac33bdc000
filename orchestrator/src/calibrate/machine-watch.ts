import { availableParallelism } from 'node:os';
import { Heartbeat, type Stall } from '../clock/heartbeat.js';
import { outlasts } from '../record/standstill.js';
import { machineGates } from '../record/surroundings.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { type ProcessStat, type ProcFs, TICK_US } from '../runtime/process/procfs.js';

/** Watches the machine while somebody on it is stopped on purpose. */
export interface MachineWatch {
  /** Ends it, once: what the machine itself did meanwhile, for a person; null: nothing that was noticed. */
  finish(): Promise<string | null>;
}

/**
 * Begins to watch, from a process that nobody stops: whether its own loop runs, what the hypervisor takes, and how much of the CPUs goes to
 * work that neither this process does nor any that it started.
 */
export function watchMachine(proc: ProcFs): MachineWatch {
  const host = startHostSampling(availableParallelism());
  const heartbeat = new Heartbeat();
  const beganMs = performance.now();
  const beganCpuUs = ownCpuUs(proc);
  const end = async (): Promise<string | null> => {
    const stalls = heartbeat.stop();
    const watchedMs = performance.now() - beganMs;
    const ownCores = (ownCpuUs(proc) - beganCpuUs) / 1000 / watchedMs;
    const gates = machineGates(await host.finish(null), ownCores);
    // Steal and clock are told of long before they explain anything; work of others has but one limit.
    const felt = gates.filter(({ effect, reason }) => effect === 'void' || reason.code === 'other-load');
    const said = [...stoodStill(stalls, watchedMs), ...felt.map(({ reason }) => reason.message)];
    return said.length === 0 ? null : said.join('; ');
  };
  let finished: Promise<string | null> | null = null;
  return { finish: async () => (finished ??= end()) };
}

function stoodStill(stalls: readonly Stall[], watchedMs: number): string[] {
  const lengths = stalls.map(({ lengthUs }) => lengthUs);
  const totalUs = lengths.reduce((sum, length) => sum + length, 0);
  const longestUs = Math.max(0, ...lengths);
  if (!outlasts(totalUs, longestUs, watchedMs)) return [];
  const seconds = (us: number): string => (us / 1e6).toFixed(2);
  return [
    `this program, which nobody stopped, did not run for ${seconds(totalUs)} s, up to ${seconds(longestUs)} s at a time`,
  ];
}

/** CPU time of this process and of all that it started, those that ended included. */
function ownCpuUs(proc: ProcFs): number {
  const stats = proc.pids().flatMap((pid) => proc.stat(pid) ?? []);
  const own = new Set([process.pid]);
  for (let before = 0; before !== own.size; ) {
    before = own.size;
    for (const { pid, parentPid } of stats) if (own.has(parentPid)) own.add(pid);
  }
  const ticks = ({ cpuTicks, reapedCpuTicks }: ProcessStat): number => cpuTicks + reapedCpuTicks;
  return stats.reduce((sum, stat) => sum + (own.has(stat.pid) ? ticks(stat) : 0), 0) * TICK_US;
}
