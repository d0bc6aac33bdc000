import { formatLevel } from '../record/cell.js';
import { groupBy } from '../grouping.js';
import type { Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';

/** Of an even share: a replica that took less than this part of it, or more than this multiple, has not been one of several equal ones. */
const UNEVEN = { least: 0.5, most: 1.5 } as const;

/**
 * A finding for each target whose replicas did not share its requests: connections that are kept stay with the replica that took them, so a
 * Service in front of several need not spread anything, and capacity is then that of the busiest one.
 */
export function unevenReplicas(trials: readonly TrialRecord[]): Finding[] {
  const known = trials.flatMap((trial) => {
    const share = sharesOf(trial);
    return share === null ? [] : [{ trial, share }];
  });
  const targets = groupBy(known, ({ trial }) => trial.target);
  return [...targets].flatMap(([target, all]): Finding[] => {
    const uneven = all.filter(({ share }) => share.least < UNEVEN.least || share.most > UNEVEN.most);
    const worst = uneven.toSorted((a, b) => b.share.most - a.share.most)[0];
    if (worst === undefined) return [];
    const { trial, share } = worst;
    const message =
      `Its ${share.of} replicas did not share the load: in ${uneven.length} of ${all.length} trials one took more than ${UNEVEN.most} times its ` +
      `share, or less than half of it (at ${trial.scenario}, ${formatLevel(trial.level)}: ${share.text}). Connections that are kept stay with ` +
      'the replica that took them; more of them, or --connections new, spread better.';
    const evidence = {
      replicas: share.of,
      trials: uneven.length,
      ofTrials: all.length,
      least: share.least,
      most: share.most,
    };
    return [{ code: 'replicas-uneven', severity: 'warning', target, scenario: null, level: null, message, evidence }];
  });
}

interface Share {
  readonly of: number;
  /** Of an even share. */
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

function sharesOf({ replicas = [] }: TrialRecord): Share | null {
  const counts = replicas.flatMap(({ requests }) => requests ?? []);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length < 2 || counts.length < replicas.length || total === 0) return null;
  const even = total / counts.length;
  return {
    of: counts.length,
    least: Math.min(...counts) / even,
    most: Math.max(...counts) / even,
    text: counts.map((count) => `${Math.round((100 * count) / total)} %`).join(', '),
  };
}
