import type { Service } from '../../catalogue/service.js';
import type { LimitLeftOut } from '../../record/limit-left-out.js';
import type { EngineLimits } from './engine.js';

/** A service's limits as far as an engine can enforce them. */
export type EnforcedLimits = Pick<Service, 'cpus' | 'memoryBytes' | 'cpuset'> & {
  /** Whether memory may be bounded together with swap. */
  readonly swapToo: boolean;
};

/**
 * The limits that an engine can enforce. Others are not sent: an engine without the kernel's support, mostly a rootless one, refuses the
 * container for some, and takes the rest with a warning that nobody sees.
 */
export function enforceable(service: Service, limits: EngineLimits): EnforcedLimits {
  return {
    cpus: limits.cpuQuota ? service.cpus : null,
    memoryBytes: limits.memory ? service.memoryBytes : null,
    cpuset: limits.cpuset ? service.cpuset : null,
    swapToo: limits.swap,
  };
}

/** What a service asks for and cannot have from an engine, with the member of the engine's `/info` that says so. */
export function leftOut(service: Service, limits: EngineLimits): LimitLeftOut[] {
  const memory: LimitLeftOut[] =
    service.memoryBytes === null
      ? []
      : !limits.memory
        ? [{ limit: 'memory', said: 'MemoryLimit' }]
        : limits.swap
          ? []
          : [{ limit: 'swap', said: 'SwapLimit' }];
  return [
    ...(service.cpus === null || limits.cpuQuota ? [] : [{ limit: 'cpus', said: 'CpuCfsQuota' } as const]),
    ...memory,
    ...(service.cpuset === null || limits.cpuset ? [] : [{ limit: 'cpuset', said: 'CPUSet' } as const]),
  ];
}
