import type { Catalogue } from '../catalogue/catalogue.js';
import type { Service } from '../catalogue/service.js';
import { canPin, pinProgram } from '../clock/affinity.js';
import { type BenchError, messageOf, usageError } from '../errors.js';
import {
  type CoreLayout,
  type CoresWanted,
  type CpuTopology,
  coreCount,
  LEAST_CORES,
  layOutCores,
  sharedCores,
} from '../plan/core-layout.js';
import { formatCpuList, parseCpuList } from '../record/cpu-list.js';
import { PINNED_ROLES, type Pinned, type PinnedRole, type PinningRecord } from '../record/pinning.js';
import { readTopology } from '../resources/cpu-topology.js';

/** What is wanted: nothing, a layout of this program's own making, or CPUs for some or all of the roles. */
export type PinChoice =
  | { readonly kind: 'none' | 'auto' }
  | { readonly kind: 'lists'; readonly lists: Partial<CoreLayout> };

/** Where everything runs, for `run.json` and for a person. */
export interface Placing {
  readonly record: PinningRecord;
  readonly text: string;
}

/** What bears on where everything is put. */
export interface PinningFacts {
  /** Null: the system does not tell. */
  readonly topology: CpuTopology | null;
  /** Whether this program can keep its own threads somewhere. */
  readonly canPin: boolean;
  /** Why the runtime cannot keep there what it starts; null: it can. */
  readonly runtime: string | null;
  /** Targets that already run, and stay where they are. */
  readonly externals: readonly string[];
}

/** What the driver has a use for: its native form keeps the time in one thread and reads answers in another. */
const DRIVER_CORES = 2;
/** Of a service without a limit: as many as those of this project have. */
const UNLIMITED_CORES = 2;

/** How many cores the services of a catalogue have a use for. */
export function coresWanted({ mock, gateways }: Catalogue): CoresWanted {
  const of = ({ cpus }: Service): number => Math.ceil(cpus ?? UNLIMITED_CORES);
  return { mock: of(mock), target: Math.max(1, ...gateways.map(of)), driver: DRIVER_CORES };
}

/** Reads from this machine what bears on it. @param runtime why what it starts cannot be kept anywhere; null: it can */
export function pinningFacts(runtime: string | null, externals: readonly string[]): PinningFacts {
  return { topology: readTopology(), canPin: canPin(), runtime, externals };
}

/**
 * Decides where mock, target, driver and everything else run.
 * @returns null: nothing was asked for
 * @throws BenchError `pin-unfit`: what was asked for cannot be had here
 */
export function choosePlaces(choice: PinChoice, wanted: CoresWanted, facts: PinningFacts): Placing | null {
  if (choice.kind === 'none') return null;
  const topology = placesOf(facts);
  const usable = topology.cpus.map(({ id }) => id);
  if (choice.kind === 'lists') {
    checkLists(choice.lists, usable, facts.externals);
    return placingOf(recordOf('lists', usable, choice.lists), topology);
  }
  const [external] = facts.externals;
  if (external !== undefined) throw unreachable('--pin auto', external);
  const layout = layOutCores(topology, wanted);
  return placingOf(
    layout === null ? { state: 'left-out', reason: tooFew(topology) } : recordOf('auto', usable, layout),
    topology,
  );
}

function placingOf(record: PinningRecord, topology: CpuTopology): Placing {
  return { record, text: placingText(record, topology) };
}

/** CPUs that share a core although their roles differ are named: nobody would see it in their numbers. */
function placingText(pinning: PinningRecord, topology: CpuTopology): string {
  if (pinning.state === 'left-out') return `nothing is pinned: ${pinning.reason.message}`;
  const placed = PINNED_ROLES.filter((role) => pinning[role] !== null).map(
    (role) => `${role === 'rest' ? 'everything else' : role} on CPU ${pinning[role]}`,
  );
  const anywhere = PINNED_ROLES.filter((role) => pinning[role] === null);
  const shared = sharedCores(topology, listsOf(pinning));
  return [
    `pinned: ${placed.join(', ')}${anywhere.length === 0 ? '' : ` (${anywhere.join(' and ')} anywhere)`}`,
    ...shared.map(({ cpus, roles }) => `CPUs ${formatCpuList(cpus)} are one core, which ${roles.join(' and ')} share`),
  ].join('; ');
}

/** CPUs of the driver, as the kernel lists them; null: nothing is pinned. */
export function driverPlace({ record }: Placing): string | null {
  return record.state === 'pinned' ? (record.driver ?? record.usable) : null;
}

/**
 * Tells every service where it runs.
 * @throws BenchError `pin-unfit` for a service whose compose file has already said where
 */
export function withPlaces(catalogue: Catalogue, placing: Placing | null): Catalogue {
  if (placing?.record.state !== 'pinned') return catalogue;
  const pinning = placing.record;
  const place = (service: Service, role: 'mock' | 'target'): Service => {
    const own = pinning[role];
    if (own !== null && service.cpuset !== null && service.isActive)
      throw unfit(
        `the compose file keeps ${service.name} on CPU ${service.cpuset}, and --pin puts it on ${own}`,
        'Take cpuset out of the compose file, or leave --pin out.',
      );
    return { ...service, cpuset: own ?? service.cpuset ?? pinning.usable };
  };
  return {
    mock: place(catalogue.mock, 'mock'),
    gateways: catalogue.gateways.map((gateway) => place(gateway, 'target')),
  };
}

/**
 * Keeps this program where everything else is while it works; its load is made by threads that place themselves.
 * @param tell what could not be undone behind it: the work is done by then, and is not thrown away for that
 * @throws BenchError `pin-unfit` before any work, where this program cannot be kept there
 */
export async function inPlace<T>(
  placing: Placing | null,
  tell: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  if (placing?.record.state !== 'pinned' || placing.record.rest === null) return work();
  const { rest, usable } = placing.record;
  try {
    pinProgram(rest);
  } catch (thrown) {
    throw unfit(messageOf(thrown), 'Once more, or leave rest out of --pin, or --pin itself.');
  }
  try {
    return await work();
  } finally {
    try {
      pinProgram(usable);
    } catch (thrown) {
      tell(`what is left to do stays on CPU ${rest}: ${messageOf(thrown)}`);
    }
  }
}

function placesOf({ topology, canPin: can, runtime }: PinningFacts): CpuTopology {
  const why =
    topology === null || topology.cpus.length === 0
      ? 'this system does not tell which CPUs there are (Linux does, in /sys)'
      : can
        ? runtime
        : 'taskset of util-linux is not on PATH, or does nothing here';
  if (topology !== null && why === null) return topology;
  throw unfit(why ?? '', 'Leave --pin out.');
}

function checkLists(lists: Partial<CoreLayout>, usable: readonly number[], externals: readonly string[]): void {
  for (const [role, cpus] of Object.entries(lists)) {
    const missing = cpus.filter((cpu) => !usable.includes(cpu));
    if (missing.length > 0)
      throw unfit(
        `${role}=${formatCpuList(cpus)}: CPU ${formatCpuList(missing)} is not one that may be used`,
        `Choose among ${formatCpuList(usable)}: those are online and allowed to this program.`,
      );
  }
  const [external] = externals;
  if (external !== undefined && lists.target !== undefined) throw unreachable('--pin target=…', external);
}

function unreachable(asked: string, external: string): BenchError {
  return unfit(
    `${asked} does not reach ${external}, which already runs`,
    'Put it on CPUs of its own by hand (taskset, cpuset), and name those of the others: --pin mock=…,driver=…,rest=….',
  );
}

function tooFew(topology: CpuTopology): { readonly code: string; readonly message: string } {
  const [cores, cpus] = [coreCount(topology), topology.cpus.length];
  return {
    code: 'too-few-cores',
    message: `${cores} ${cores === 1 ? 'core' : 'cores'} (${cpus} ${cpus === 1 ? 'CPU' : 'CPUs'}) that may be used, and ${LEAST_CORES} are needed for each to have its own`,
  };
}

function recordOf(asked: Pinned['asked'], usable: readonly number[], lists: Partial<CoreLayout>): Pinned {
  const listOf = (role: PinnedRole): string | null => {
    const cpus = lists[role];
    return cpus === undefined ? null : formatCpuList(cpus);
  };
  return {
    state: 'pinned',
    asked,
    usable: formatCpuList(usable),
    mock: listOf('mock'),
    target: listOf('target'),
    driver: listOf('driver'),
    rest: listOf('rest'),
  };
}

function listsOf(pinning: Pinned): Partial<CoreLayout> {
  return Object.fromEntries(
    PINNED_ROLES.flatMap((role) => {
      const cpus = pinning[role] === null ? null : parseCpuList(pinning[role]);
      return cpus === null ? [] : [[role, cpus]];
    }),
  );
}

function unfit(what: string, hint: string): BenchError {
  return usageError('pin-unfit', `--pin cannot be done: ${what}.`, hint);
}
