import type { Manifest } from '../record/manifest.js';
import type { Finding } from '../record/summary.js';
import { coresOf } from '../record/target-cpu.js';
import type { TrialRecord } from '../record/trial.js';
import { meanOf } from './student.js';

/**
 * What one side uses more than the other, as a share of the host's CPUs, from where on it is told. A stated bound: with an equal share the two
 * take from each other alike, and the difference keeps its sign.
 */
const UNEQUAL = 0.1;

/** What a reader of a paired run must know: whose machine the figures are of, and when one side took it from the other. */
export function pairedFindings({ paired }: Manifest, trials: readonly TrialRecord[]): Finding[] {
  if (paired === undefined) return [];
  const message =
    `${paired.a} and ${paired.b} were loaded at the same time, each at the level: latencies, CPU and memory are those of a machine that carries both, ` +
    'and there is no direct to hold them against. What is sharp is the difference between the two.';
  return [finding('paired', 'info', message, { ...paired }), ...unequalCpu(paired, trials)];
}

function unequalCpu({ a, b }: NonNullable<Manifest['paired']>, trials: readonly TrialRecord[]): Finding[] {
  const cpus = trials.flatMap(({ host }) => host?.cpus ?? [])[0];
  const [ofA, ofB] = [a, b].map((name) =>
    trials.flatMap(({ target, state, resources }) =>
      target === name && state === 'valid' ? (coresOf(resources) ?? []) : [],
    ),
  );
  if (cpus === undefined || ofA === undefined || ofB === undefined || ofA.length === 0 || ofB.length === 0) return [];
  const [coresA, coresB] = [meanOf(ofA), meanOf(ofB)];
  if (Math.abs(coresA - coresB) / cpus <= UNEQUAL) return [];
  const [more, less] = coresA > coresB ? [a, b] : [b, a];
  const message =
    `${a} used ${coresA.toFixed(2)} and ${b} ${coresB.toFixed(2)} of the host's ${cpus} CPUs: what ${more} burns is missing to ${less} as well, so that ` +
    `the difference may be told smaller than it is between the two alone. Visits (without --paired) show it whole.`;
  return [
    finding('paired-unequal-cpu', 'warning', message, { cores: { [a]: coresA, [b]: coresB }, cpus, limit: UNEQUAL }),
  ];
}

function finding(code: string, severity: Finding['severity'], message: string, evidence: Finding['evidence']): Finding {
  return { code, severity, target: null, scenario: null, level: null, message, evidence };
}
