import { groupBy } from '../grouping.js';
import type { PinnedRole } from '../record/pinning.js';

/** A CPU as the kernel numbers it: a core, or one of its hardware threads. */
export interface LogicalCpu {
  readonly id: number;
  /** Equal for the hardware threads of one core. */
  readonly core: number;
  /** NUMA node. */
  readonly node: number;
  /** Speed relative to the machine's other cores, in units of no meaning; equal for all where they are alike. */
  readonly capacity: number;
}

/** The CPUs that this program may use, which are online. */
export interface CpuTopology {
  readonly cpus: readonly LogicalCpu[];
}

/** Which CPUs each role has; disjoint, ascending. */
export type CoreLayout = Readonly<Record<PinnedRole, readonly number[]>>;

/** With fewer cores whoever is kept apart would have less than it has without. */
export const LEAST_CORES = 4;

/** How many cores are of use to each; everything else takes what is left. */
export interface CoresWanted {
  readonly mock: number;
  readonly target: number;
  readonly driver: number;
}

/** Those that are measured or measure. */
const MEASURING = ['mock', 'target', 'driver'] as const;
/** Who gets a spare core first. */
const IN_NEED = ['target', 'driver', 'mock'] as const;

interface Core {
  readonly cpus: readonly number[];
  readonly node: number;
  readonly capacity: number;
}

/**
 * Gives mock, target, driver and everything else cores of their own. The first three get cores that are alike and of one NUMA node, the
 * fastest kind of which there are three; hardware threads of a core stay together. Each gets one, then those with a use for more in turn.
 * Everything else has the cores of other nodes and kinds, else the first, on which kernels do most of their own work, and what is left.
 * @returns the layout; null with fewer than {@link LEAST_CORES} cores
 */
export function layOutCores({ cpus }: CpuTopology, wanted: CoresWanted): CoreLayout | null {
  const cores = coresOf(cpus);
  if (cores.length < LEAST_CORES) return null;
  const alike = alikeCores(cores);
  const apart = cores.filter((core) => !alike.includes(core));
  const pool = apart.length > 0 ? [...alike] : alike.slice(1);
  const rest = apart.length > 0 ? apart : alike.slice(0, 1);
  const counts = shares(pool.length, wanted);
  const [mock, target, driver] = MEASURING.map((role) => cpusOf(pool.splice(0, counts[role]))) as [
    number[],
    number[],
    number[],
  ];
  return { mock, target, driver, rest: cpusOf([...rest, ...pool]) };
}

/** CPUs of one core that were given to several roles, by hand: they share its caches and its arithmetic, and slow each other down. */
export function sharedCores(
  { cpus }: CpuTopology,
  lists: Partial<CoreLayout>,
): { readonly cpus: readonly number[]; readonly roles: readonly string[] }[] {
  return coresOf(cpus).flatMap(({ cpus: threads }) => {
    const users = Object.entries(lists).filter(([, own]) => threads.some((cpu) => own.includes(cpu)));
    const taken = threads.filter((cpu) => users.some(([, own]) => own.includes(cpu)));
    return users.length > 1 && taken.length > 1 ? [{ cpus: taken, roles: users.map(([role]) => role) }] : [];
  });
}

/** How many cores there are, whatever their hardware threads. */
export function coreCount({ cpus }: CpuTopology): number {
  return coresOf(cpus).length;
}

function coresOf(cpus: readonly LogicalCpu[]): Core[] {
  return [...groupBy(cpus, ({ core }) => core).values()]
    .map((threads) => ({
      cpus: threads.map(({ id }) => id).sort((a, b) => a - b),
      node: threads[0]?.node ?? 0,
      capacity: threads[0]?.capacity ?? 0,
    }))
    .sort((a, b) => (a.cpus[0] as number) - (b.cpus[0] as number));
}

/** The cores to choose from for those that measure: of one node and kind, else of one kind, else the fastest first. */
function alikeCores(cores: readonly Core[]): readonly Core[] {
  const best = (groups: Iterable<Core[]>): Core[] | undefined =>
    [...groups]
      .filter((group) => group.length >= MEASURING.length)
      .sort((a, b) => (b[0] as Core).capacity - (a[0] as Core).capacity || b.length - a.length)[0];
  return (
    best(groupBy(cores, ({ node, capacity }) => `${node} ${capacity}`).values()) ??
    best(groupBy(cores, ({ capacity }) => capacity).values()) ??
    [...cores].sort((a, b) => b.capacity - a.capacity).slice(0, MEASURING.length)
  );
}

/** Cores for each of a pool of at least three. */
function shares(pool: number, wanted: CoresWanted): CoresWanted {
  const counts = { mock: 1, target: 1, driver: 1 };
  let spare = pool - MEASURING.length;
  while (spare > 0) {
    const inNeed = IN_NEED.filter((role) => counts[role] < wanted[role]).slice(0, spare);
    if (inNeed.length === 0) break;
    for (const role of inNeed) counts[role] += 1;
    spare -= inNeed.length;
  }
  return counts;
}

function cpusOf(cores: readonly Core[]): number[] {
  return cores.flatMap((core) => core.cpus).sort((a, b) => a - b);
}
