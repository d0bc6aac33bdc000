import { busyShareBeside } from './awake.js';
import { mebibytes, MEMORY_SHARE_LIMIT, usedUpMemory } from './memory-limit.js';
import type { Reason } from './reason.js';
import { coresOf, THROTTLED_SHARE_LIMIT, throttlingOf } from './target-cpu.js';
import type { HostRecord, LedgerRecord, LoadRecord, ObserverRecord, ResourceRecord } from './trial.js';

/** What is known of a trial beside the load itself; null where nobody could know. */
export interface Surroundings {
  readonly load: LoadRecord;
  readonly ledger: LedgerRecord | null;
  readonly resources: ResourceRecord | null;
  readonly host: HostRecord | null;
  /** What this program itself used of the window. */
  readonly observer: ObserverRecord | null;
  /** What the target may use at most, where that is enforced. */
  readonly memoryLimitBytes: number | null;
  /** CPUs that the mock's workers used over the time of the load; 0 where the mock is the target itself. */
  readonly mockCores: number | null;
  /** What was loaded at the same time, the other side of a pair; null: nothing was. */
  readonly beside: { readonly load: LoadRecord | null; readonly resources: ResourceRecord | null } | null;
  /** Requests of the trial before that still reached the mock when this one was about to begin. */
  readonly leftOver: number | null;
}

/** A gate that a trial did not pass. */
export interface Gate {
  /** `void`: nothing can be read from the trial. `warning`: it can, with this in mind. */
  readonly effect: 'void' | 'warning';
  readonly reason: Reason;
}

/**
 * The limits. Where there are two, the lower warns and the higher voids. They are meant to catch what would move a result by more than the
 * interleaved blocks can level out, not every disturbance: those are in the intervals.
 */
const LIMIT = {
  /** Shares of the host's CPU time that the hypervisor took. */
  stealShare: { warning: 0.02, void: 0.1 },
  /** Milliseconds. Steering a clock is slower than the first; the second is a machine that stood still. */
  clockJumpMs: { warning: 20, void: 1000 },
  /** Share of the host's CPU that neither target, nor mock, nor driver used. */
  otherLoadShare: 0.25,
  /** Share of the host's CPU that the driver used. */
  driverShare: 0.6,
  /** Share of one core that this program used beside its driver: watching, recording, showing. */
  observerShare: 0.01,
  swappedBytes: 2 ** 20,
  /** Share of requests in the mock's ledger that are of no trial or another one. */
  strangeShare: 0.001,
} as const;

/**
 * Holds a trial against what else went on: steal time, clock jumps, other load, CPU quota, memory, swap, a busy driver, requests that the
 * trial before left behind. What cannot be known is not held against it.
 */
export function gatesOf(facts: Surroundings): Gate[] {
  return [
    ...leftOvers(facts),
    ...(facts.host === null ? [] : hostGates(facts.host)),
    ...otherLoadBeside(facts),
    ...busyDriver(facts),
    ...busyObserver(facts),
    ...throttling(facts),
    ...memory(facts),
    ...memoryKills(facts),
    ...unknownFigures(facts),
  ];
}

/**
 * What the machine itself did to a trial, whoever took part in it: steal time, a jump of the clock, work of others.
 * @param ownCores CPUs that all who took part used together
 */
export function machineGates(host: HostRecord, ownCores: number): Gate[] {
  return [...steal(host), ...clockJump(host), ...otherLoad(host, ownCores, `its own ${ownCores.toFixed(2)} CPUs`)];
}

/** What a host did to whatever ran on it: steal time, a jump of the clock, swap. */
export function hostGates(host: HostRecord): Gate[] {
  return [...steal(host), ...clockJump(host), ...swap(host)];
}

/** Whether a driver that has a host of its own used too much of it. */
export function driverGates(host: HostRecord, load: LoadRecord): Gate[] {
  return busyDriver({ host, load, beside: null });
}

function leftOvers({ leftOver, ledger, load }: Surroundings): Gate[] {
  if (leftOver !== null && leftOver > 0)
    return [
      gate('void', 'left-over', `requests of the trial before were still arriving at the mock (${leftOver})`, {
        requests: leftOver,
        limit: 0,
      }),
    ];
  const strange = ledger === null || load.scheduled === 0 ? 0 : ledger.strange / load.scheduled;
  if (strange <= LIMIT.strangeShare) return [];
  const message = `the mock saw requests that this trial did not send: ${ledger?.strange} beside ${load.scheduled}`;
  return [gate('void', 'left-over', message, { share: strange, limit: LIMIT.strangeShare })];
}

function steal({ stealShare, awakeShare }: HostRecord): Gate[] {
  if (stealShare === null || stealShare <= LIMIT.stealShare.warning) return [];
  // A hypervisor takes its time from cores that are kept awake rather than from those that sleep: what it took then says nothing of others.
  const effect = stealShare > LIMIT.stealShare.void && awakeShare === undefined ? 'void' : 'warning';
  const message = `the hypervisor took ${percent(stealShare)} of the CPU time (limit ${percent(LIMIT.stealShare[effect])})`;
  return [gate(effect, 'steal', message, { share: stealShare, limit: LIMIT.stealShare[effect] })];
}

function clockJump({ clockJumpMs }: HostRecord): Gate[] {
  if (clockJumpMs === null || Math.abs(clockJumpMs) <= LIMIT.clockJumpMs.warning) return [];
  const effect = Math.abs(clockJumpMs) > LIMIT.clockJumpMs.void ? 'void' : 'warning';
  const limit = LIMIT.clockJumpMs[effect];
  const message = `the clock jumped by ${clockJumpMs.toFixed(0)} ms (limit ${limit} ms): set anew, or the machine stood still`;
  return [gate(effect, 'clock-jump', message, { clockJumpMs, limit })];
}

function swap({ swappedBytes }: HostRecord): Gate[] {
  if (swappedBytes === null || swappedBytes <= LIMIT.swappedBytes) return [];
  const message = `the host swapped ${mebibytes(swappedBytes)} (limit ${mebibytes(LIMIT.swappedBytes)})`;
  return [gate('warning', 'swap', message, { swappedBytes, limit: LIMIT.swappedBytes })];
}

/** Known only where the CPU time of all three is: else their own work would be called another's. */
function otherLoadBeside({ host, resources, load, mockCores, beside }: Surroundings): Gate[] {
  const target = together(coresOf(resources), beside === null ? 0 : coresOf(beside.resources));
  const driver = together(driverCores(load), driverCoresBeside(beside));
  if (host === null || target === null || driver === null || mockCores === null) return [];
  const own = `${beside === null ? 'target' : 'targets'} ${target.toFixed(2)}, driver ${driver.toFixed(2)}${mockCores === 0 ? '' : `, mock ${mockCores.toFixed(2)}`} CPUs`;
  return otherLoad(host, target + driver + mockCores, own);
}

function otherLoad(host: HostRecord, ownCores: number, own: string): Gate[] {
  const { cpus } = host;
  const busyShare = busyShareBeside(host);
  if (busyShare === null) return [];
  const share = busyShare - ownCores / cpus;
  if (share <= LIMIT.otherLoadShare) return [];
  const message = `other work kept ${percent(share)} of the host's ${cpus} CPUs busy (limit ${percent(LIMIT.otherLoadShare)}; ${own})`;
  return [gate('warning', 'other-load', message, { share, limit: LIMIT.otherLoadShare })];
}

function busyDriver({ host, load, beside }: Pick<Surroundings, 'host' | 'load' | 'beside'>): Gate[] {
  const cores = together(driverCores(load), driverCoresBeside(beside));
  if (host === null || cores === null || cores / host.cpus <= LIMIT.driverShare) return [];
  const share = cores / host.cpus;
  const message = `the driver itself used ${percent(share)} of the host's ${host.cpus} CPUs (limit ${percent(LIMIT.driverShare)})`;
  return [gate('warning', 'driver-busy', message, { share, limit: LIMIT.driverShare })];
}

function busyObserver({ observer }: Surroundings): Gate[] {
  if (observer === null) return [];
  const share = (observer.cpuUs + (observer.besideCpuUs ?? 0)) / 1000 / observer.ofMs;
  if (share <= LIMIT.observerShare) return [];
  const message = `watching took ${percent(share)} of a core within the window (limit ${percent(LIMIT.observerShare)})`;
  return [gate('warning', 'observer-busy', message, { share, limit: LIMIT.observerShare })];
}

/** The service itself goes on where one of its workers is killed, and its requests fail or wait. */
function memoryKills({ resources }: Surroundings): Gate[] {
  const kills = resources?.memoryKills ?? 0;
  if (kills === 0) return [];
  const message = `the kernel killed ${kills} ${kills === 1 ? 'process' : 'processes'} of the target for want of memory`;
  return [gate('warning', 'memory-kills', message, { kills, limit: 0 })];
}

/** What a reader would look for and not find. */
function unknownFigures({ resources }: Surroundings): Gate[] {
  return (resources?.unknown ?? []).map((reason) => ({ effect: 'warning', reason }));
}

function throttling(facts: Surroundings): Gate[] {
  const cost = throttlingOf(facts);
  if (cost === null || cost.share <= THROTTLED_SHARE_LIMIT) return [];
  const { share, throttledMs, windowMs } = cost;
  const message = `its CPU quota held the target’s CPUs up for ${throttledMs.toFixed(0)} ms, added up over them, of ${windowMs.toFixed(0)} ms (limit ${percent(THROTTLED_SHARE_LIMIT)})`;
  return [gate('warning', 'cpu-throttled', message, { share, limit: THROTTLED_SHARE_LIMIT })];
}

function memory({ resources, memoryLimitBytes }: Surroundings): Gate[] {
  const peak = resources?.memoryPeakBytes ?? null;
  const used = usedUpMemory(peak, memoryLimitBytes);
  if (used === null || peak === null || memoryLimitBytes === null) return [];
  const message = `the target ${used} (limit ${percent(MEMORY_SHARE_LIMIT)})`;
  return [gate('warning', 'memory-limit', message, { share: peak / memoryLimitBytes, limit: MEMORY_SHARE_LIMIT })];
}

function driverCoresBeside(beside: Surroundings['beside']): number | null {
  if (beside === null) return 0;
  return beside.load === null ? null : driverCores(beside.load);
}

function together(own: number | null, beside: number | null): number | null {
  return own === null || beside === null ? null : own + beside;
}

function driverCores({ driverCpuUs, windowMs }: LoadRecord): number | null {
  return driverCpuUs === null ? null : driverCpuUs / 1000 / windowMs;
}

function gate(effect: Gate['effect'], code: string, message: string, evidence: Reason['evidence']): Gate {
  return { effect, reason: { code, message, ...(evidence === undefined ? {} : { evidence }) } };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
