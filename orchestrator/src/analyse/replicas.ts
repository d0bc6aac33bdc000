import { formatLevel } from '../record/cell.js';
import { groupBy } from '../grouping.js';
import type { Finding } from '../record/summary.js';
import type { ReplicaShare, TrialRecord } from '../record/trial.js';

/** Of an even share: a replica that took less than this part of it, or more than this multiple, has not been one of several equal ones. */
const UNEVEN = { least: 0.5, most: 1.5 } as const;

/** Of what several shared the requests of a target, and what is said where they did not. */
interface Kind {
  readonly code: string;
  readonly sharesOf: (trial: TrialRecord) => readonly ReplicaShare[] | undefined;
  readonly said: (count: number) => string;
  readonly meaning: string;
}

const KINDS: readonly Kind[] = [
  {
    code: 'replicas-uneven',
    sharesOf: ({ replicas }) => replicas,
    said: (count) => `Its ${count} replicas did not share the load`,
    meaning:
      'Connections that are kept stay with the replica that took them; more of them, or --connections new, spread better.',
  },
  {
    code: 'mocks-uneven',
    sharesOf: ({ mocks }) => mocks,
    said: (count) => `The ${count} mocks behind it did not share the load`,
    meaning:
      'Connections that are kept stay with the mock that took them, and what one of them carries is then the bound.',
  },
];

/**
 * A finding for each target whose requests its replicas did not share, or the mocks behind it: connections that are kept stay with who took
 * them, so a Service in front of several need not spread anything, and capacity is then that of the busiest one.
 */
export function unevenShares(trials: readonly TrialRecord[]): Finding[] {
  return KINDS.flatMap((kind) => unevenOf(kind, trials));
}

function unevenOf({ code, sharesOf, said, meaning }: Kind, trials: readonly TrialRecord[]): Finding[] {
  const known = trials.flatMap((trial) => {
    const share = shareOf(sharesOf(trial) ?? []);
    return share === null ? [] : [{ trial, share }];
  });
  const targets = groupBy(known, ({ trial }) => trial.target);
  return [...targets].flatMap(([target, all]): Finding[] => {
    const uneven = all.filter(({ share }) => share.least < UNEVEN.least || share.most > UNEVEN.most);
    const worst = uneven.toSorted((a, b) => b.share.most - a.share.most)[0];
    if (worst === undefined) return [];
    const { trial, share } = worst;
    const message =
      `${said(share.of)}: in ${uneven.length} of ${all.length} trials one took more than ${UNEVEN.most} times its ` +
      `share, or less than half of it (at ${trial.scenario}, ${formatLevel(trial.level)}: ${share.text}). ${meaning}`;
    const evidence = {
      replicas: share.of,
      trials: uneven.length,
      ofTrials: all.length,
      least: share.least,
      most: share.most,
    };
    return [{ code, severity: 'warning', target, scenario: null, level: null, message, evidence }];
  });
}

interface Share {
  readonly of: number;
  /** Of an even share. */
  readonly least: number;
  readonly most: number;
  readonly text: string;
}

function shareOf(replicas: readonly ReplicaShare[]): Share | null {
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
