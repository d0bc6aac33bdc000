import { busyShareBeside } from '../record/awake.js';
import type { CapacityAnswer } from '../record/capacity.js';
import type { TargetRecord } from '../record/manifest.js';
import type { WindowVerdict } from '../record/objective.js';
import { saysEnded } from '../record/reason.js';
import { coresOf } from '../record/target-cpu.js';
import type { TrialRecord } from '../record/trial.js';
import { medianOf } from './student.js';

/** A resource is used up from this share of it on: schedulers and samplers leave the rest. */
const USED_UP = 0.9;
/** From here on the wait for one of two CPUs is as long as the work itself (M/M/2: ρ²/(1 − ρ²)), and whose wait it is cannot be told. */
const CROWDED = 0.7;

interface Judged {
  readonly trial: TrialRecord;
  readonly verdict: WindowVerdict;
}

interface GaveWay {
  readonly limit: NonNullable<CapacityAnswer['limit']>;
  readonly message: string;
}

/**
 * What stood in the way at a rate that did not hold, from the windows there: driver or mock, an end of the program, its memory, its CPU
 * (all that it may use), the machine that it shares with driver and mock, one thread's worth of CPU while the machine had more to give;
 * else nothing that can be seen.
 * @param control what `direct` did at that rate; null when it was not asked
 * @param cpus of the host; null when unknown
 */
export function limitOf(
  windows: readonly Judged[],
  control: CapacityAnswer['control'],
  { limits }: TargetRecord,
  cpus: number | null,
): GaveWay {
  if (control !== null && 2 * control.held < control.windows) {
    const message = `driver or mock: without the gateway ${control.held} of ${control.windows} windows hold at this rate`;
    return { limit: 'instrument', message };
  }
  const blamed = windows.filter(({ verdict }) => verdict.outcome === 'instrument');
  if (blamed.length > 0 && 2 * blamed.length >= windows.length) {
    const why = blamed.at(-1)?.verdict.broken.at(-1) ?? '';
    return { limit: 'instrument', message: `driver or mock, in ${blamed.length} of ${windows.length} windows: ${why}` };
  }
  const ended = windows.find(({ trial }) => saysEnded(trial.reason));
  if (ended !== undefined)
    return { limit: 'ended', message: `the program ended: ${ended.trial.reason?.message ?? ''}` };
  const memory = maximum(windows.flatMap(({ trial }) => trial.resources?.memoryPeakBytes ?? []));
  if (limits.enforced && limits.memoryBytes !== null && memory !== null && memory >= USED_UP * limits.memoryBytes) {
    return { limit: 'memory', message: `its memory: ${mib(memory)} of ${mib(limits.memoryBytes)}` };
  }
  const cores = median(windows.flatMap(({ trial }) => coresOf(trial.resources) ?? []));
  const allowed = limits.enforced && limits.cpus !== null ? limits.cpus : cpus;
  const busy = median(windows.flatMap(({ trial }) => (trial.host === null ? null : busyShareBeside(trial.host)) ?? []));
  if (cores !== null && allowed !== null && cores >= USED_UP * allowed) {
    return { limit: 'cpu', message: `its CPU: ${cores.toFixed(2)} of ${allowed} CPUs` };
  }
  if (busy !== null && busy >= CROWDED) {
    const own = cores === null ? '' : `, ${cores.toFixed(2)} CPUs of it the gateway's`;
    return {
      limit: 'machine',
      message: `the machine: its CPUs were ${(100 * busy).toFixed(0)} % busy${own}; driver and mock share them`,
    };
  }
  if (cores !== null && cores >= USED_UP && cores < 1.2) {
    return {
      limit: 'one-core',
      message: `one CPU: it used ${cores.toFixed(2)}, as a program of one thread does, and may use ${allowed ?? '?'}`,
    };
  }
  return { limit: 'unknown', message: 'neither CPU nor memory: a queue, a lock or a limit of its own' };
}

function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : medianOf(values);
}

function maximum(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}

function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
}
