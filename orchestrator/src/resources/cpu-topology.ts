import { readFileSync } from 'node:fs';
import type { CpuTopology } from '../plan/core-layout.js';
import { parseCpuList } from '../record/cpu-list.js';

const CPUS = '/sys/devices/system/cpu';
const NODES = '/sys/devices/system/node';

/**
 * Reads which CPUs this program may use, and how they belong together. Its affinity counts, which its cpuset bounds: the kernel keeps
 * both in `Cpus_allowed_list` (proc_pid_status(5)). Cores and nodes are as in Documentation/admin-guide/cputopology.rst and
 * Documentation/ABI/stable/sysfs-devices-node of the kernel.
 * @param read a file's text, null where there is none; given by tests
 * @returns null where the system does not tell, which is everywhere but on Linux
 */
export function readTopology(read: (path: string) => string | null = readText): CpuTopology | null {
  const online = listIn(read(`${CPUS}/online`));
  const allowed = listIn(/^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status') ?? '')?.[1] ?? null);
  if (online === null || allowed === null) return null;
  const nodes = (listIn(read(`${NODES}/online`)) ?? []).map((node) => ({
    node,
    cpus: listIn(read(`${NODES}/node${node}/cpulist`)) ?? [],
  }));
  const slow = listIn(read('/sys/devices/cpu_atom/cpus')) ?? [];
  return {
    cpus: online
      .filter((id) => allowed.includes(id))
      .map((id) => {
        const threads = listIn(
          read(`${CPUS}/cpu${id}/topology/core_cpus_list`) ?? read(`${CPUS}/cpu${id}/topology/thread_siblings_list`),
        );
        return {
          id,
          core: threads?.[0] ?? id,
          node: nodes.find(({ cpus }) => cpus.includes(id))?.node ?? 0,
          capacity: capacityOf(read(`${CPUS}/cpu${id}/cpu_capacity`), slow.includes(id)),
        };
      }),
  };
}

/**
 * ARM kernels tell each CPU's capacity, 1024 being the fastest (Documentation/ABI/testing/sysfs-devices-system-cpu); on x86 the two
 * kinds of a hybrid processor have performance counters of their own, which name their CPUs. The highest clock is no sign: it differs
 * by a few per cent between cores of one kind.
 */
function capacityOf(told: string | null, isSlow: boolean): number {
  const capacity = Number(told ?? Number.NaN);
  if (Number.isFinite(capacity)) return capacity;
  return isSlow ? 512 : 1024;
}

function listIn(text: string | null): number[] | null {
  return text === null ? null : parseCpuList(text);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
