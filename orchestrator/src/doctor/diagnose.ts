import { LEAST_EFFECT } from '../analyse/overhead.js';
import type { HostRecord } from '../record/trial.js';
import type { CellSummary, NoiseFloor } from '../record/summary.js';
import type { Machine } from './machine.js';
import type { ProbeResult } from './probes.js';

/** How well a machine does in one respect. */
export type Grade = 'good' | 'limited' | 'poor' | 'unknown';

/** One thing about a machine that decides what can be measured on it. */
export interface Remark {
  readonly subject: string;
  readonly grade: Grade;
  /** What was found. */
  readonly found: string;
  /** What follows from it for results; empty when nothing does. */
  readonly means: string;
}

/** All that was looked at. */
export interface Examination {
  readonly machine: Machine;
  /** The version of the engine, or why none answers. */
  readonly engine: { readonly answers: boolean; readonly detail: string };
  readonly sleep: ProbeResult;
  readonly loopback: ProbeResult;
  /** What went on while nothing was measured, and during the self-test. */
  readonly idle: HostRecord;
  readonly busy: HostRecord;
  readonly selfTest: SelfTest;
}

/** What a short run of `direct` against `direct` showed. */
export interface SelfTest {
  readonly runtime: string;
  readonly driver: string;
  readonly blocks: number;
  readonly cell: Pick<CellSummary, 'scenario' | 'level' | 'state' | 'reason' | 'requests' | 'latencyUs'>;
  readonly noiseFloor: NoiseFloor | null;
}

/** The smallest overhead that this machine can tell from none, microseconds; null where the self-test does not carry it. */
export interface SmallestOverheadUs {
  readonly p50: number | null;
  readonly p99: number | null;
}

/**
 * The floor, or the least share of direct's own quantile that is called a difference, whichever is more (the rule of
 * {@link import('../analyse/overhead.js').judgeOverhead}). A run with more blocks than the self-test narrows the floor.
 */
export function smallestOverhead({ cell, noiseFloor }: SelfTest): SmallestOverheadUs {
  const least = (floor: number | null | undefined, direct: number | undefined): number | null =>
    floor === null || floor === undefined || direct === undefined
      ? null
      : Math.round(Math.max(floor, LEAST_EFFECT * direct));
  return {
    p50: least(noiseFloor?.p50Us, cell.latencyUs.p50?.value),
    p99: least(noiseFloor?.p99Us, cell.latencyUs.p99?.value),
  };
}

/** What each finding means, in the order in which it is read. */
export function diagnose(seen: Examination): Remark[] {
  return [
    ofCores(seen.machine),
    ofGovernor(seen.machine),
    ofOthers(seen.idle),
    ofSteal(seen.idle, seen.busy),
    ofSleep(seen.sleep),
    ofLoopback(seen.loopback),
    ofEngine(seen),
    ofNoise(seen.selfTest),
  ];
}

/** Driver, gateway and mock want a core each before they stop waiting for one another. */
const CORES_WANTED = 4;

function ofCores({ cpus, cpuModel, virtualised }: Machine): Remark {
  const kind = virtualised === true ? ', virtual' : '';
  const found = `${cpus} × ${cpuModel ?? 'unknown CPU'}${kind}`;
  if (cpus >= CORES_WANTED) return remark('cores', 'good', found);
  return remark(
    'cores',
    cpus === 1 ? 'poor' : 'limited',
    found,
    'Driver, gateway and mock share them: gateways that use several threads saturate early, and tails hold waiting for a core.',
  );
}

function ofGovernor({ governor }: Machine): Remark {
  if (governor === null) return remark('governor', 'unknown', 'the system does not tell (usual in virtual machines)');
  if (governor === 'performance') return remark('governor', 'good', governor);
  return remark(
    'governor',
    'limited',
    governor,
    'Clock rates rise with load, so light load looks slow. Better: cpupower frequency-set -g performance.',
  );
}

function ofOthers({ busyShare }: HostRecord): Remark {
  if (busyShare === null) return remark('other load', 'unknown', 'the system does not tell');
  const found = `${percent(busyShare)} of the CPUs in use while nothing was measured`;
  if (busyShare < 0.05) return remark('other load', 'good', found);
  return remark(
    'other load',
    busyShare < 0.2 ? 'limited' : 'poor',
    found,
    'Other programs run beside the measurement; stop them, or expect wide intervals.',
  );
}

function ofSteal(idle: HostRecord, busy: HostRecord): Remark {
  if (idle.stealShare === null || busy.stealShare === null)
    return remark('steal', 'unknown', 'the system does not tell');
  const steal = Math.max(idle.stealShare, busy.stealShare);
  const found = `${percent(steal)} of CPU time went to other guests of the host`;
  if (steal < 0.005) return remark('steal', 'good', found);
  return remark(
    'steal',
    steal < 0.03 ? 'limited' : 'poor',
    found,
    'The hypervisor takes the CPU away at moments of its own: the tail shows it whatever the gateway does.',
  );
}

function ofSleep({ p50Us, p99Us }: ProbeResult): Remark {
  const found = `a sleep of 1 ms ends ${formatMicroseconds(p50Us)} late in the middle, ${formatMicroseconds(p99Us)} at p99`;
  if (p99Us < 300) return remark('timers', 'good', found);
  return remark(
    'timers',
    p99Us < 1000 ? 'limited' : 'poor',
    found,
    'The load driver wakes late by as much now and then; latency counts from the intended time and includes it.',
  );
}

function ofLoopback({ p50Us, p99Us }: ProbeResult): Remark {
  const found = `one byte there and back takes ${formatMicroseconds(p50Us)} in the middle, ${formatMicroseconds(p99Us)} at p99`;
  return p50Us < 200
    ? remark('loopback', 'good', found)
    : remark('loopback', 'limited', found, 'Every hop costs this much before a gateway does anything.');
}

function ofEngine({ machine, engine }: Examination): Remark {
  const cgroup = machine.cgroupVersion === null ? '' : `, cgroup v${machine.cgroupVersion}`;
  if (engine.answers) return remark('engine', 'good', `${engine.detail}${cgroup}`);
  return remark(
    'engine',
    'limited',
    `${engine.detail}${cgroup}`,
    'Gateways run as processes: their CPU and memory limits are not enforced, and only what is installed can be measured.',
  );
}

function ofNoise({ cell, noiseFloor, blocks }: SelfTest): Remark {
  const direct = cell.latencyUs.p50?.value;
  const floor = noiseFloor?.p50Us ?? null;
  if (cell.state !== 'ok' || direct === undefined || floor === null) {
    const why = cell.reason?.message ?? 'too few requests';
    return remark(
      'self-test',
      'poor',
      `direct could not be measured against itself: ${why}`,
      'Nothing can be told here.',
    );
  }
  const found = `direct differs from itself by up to ${formatMicroseconds(floor)} of ${formatMicroseconds(direct)} at p50 (${blocks} blocks)`;
  const share = floor / direct;
  if (share < 0.1) return remark('self-test', 'good', found);
  return remark(
    'self-test',
    share < 0.3 ? 'limited' : 'poor',
    found,
    'More blocks (--blocks, --precision) or a quieter machine would tell smaller differences.',
  );
}

function remark(subject: string, grade: Grade, found: string, means = ''): Remark {
  return { subject, grade, found, means };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Whole microseconds, from 1 ms on milliseconds with one digit. */
export function formatMicroseconds(us: number): string {
  return us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(1)} ms`;
}
