import { arch, cpus, platform, release, totalmem } from 'node:os';

/** What the machine is, for `run.json`. No name and no address: run directories are sent around. */
export function describeHost(): Record<string, unknown> {
  const processors = cpus();
  return {
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpuModel: processors[0]?.model ?? null,
    cpus: processors.length,
    memoryBytes: totalmem(),
  };
}
