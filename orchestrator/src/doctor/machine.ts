import { readFile } from 'node:fs/promises';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';

/** What a machine says of itself; null where it does not say. */
export interface Machine {
  readonly platform: string;
  readonly kernel: string;
  readonly cpuModel: string | null;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** How the kernel chooses the clock rate, the same for all CPUs or joined by `, `. */
  readonly governor: string | null;
  readonly virtualised: boolean | null;
  readonly cgroupVersion: '1' | '2' | null;
  /** Programs that wanted to run in the last minute, on average; null where the system counts none. */
  readonly loadAverage: number | null;
}

/** Reads it. Never throws: what a system does not tell is null. */
export async function readMachine(): Promise<Machine> {
  const processors = cpus();
  const [governors, processorInfo, controllers] = await Promise.all([
    Promise.all(processors.map((_, i) => readText(`/sys/devices/system/cpu/cpu${i}/cpufreq/scaling_governor`))),
    readText('/proc/cpuinfo'),
    readText('/sys/fs/cgroup/cgroup.controllers'),
  ]);
  const known = [...new Set(governors.filter((governor) => governor !== null))].sort();
  return {
    platform: platform(),
    kernel: release(),
    cpuModel: processors[0]?.model.trim() ?? null,
    cpus: processors.length,
    memoryBytes: totalmem(),
    governor: known.length === 0 ? null : known.join(', '),
    // The kernel lists the flag `hypervisor` on x86 guests; other architectures do not tell.
    virtualised:
      processorInfo === null || !/^flags\s*:/m.test(processorInfo) ? null : /\bhypervisor\b/.test(processorInfo),
    cgroupVersion: platform() !== 'linux' ? null : controllers === null ? '1' : '2',
    loadAverage: platform() === 'win32' ? null : (loadavg()[0] ?? null),
  };
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}
