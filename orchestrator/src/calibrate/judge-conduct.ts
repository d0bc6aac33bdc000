import { type Accusation, accusations } from '../analyse/conduct/accusations.js';
import type { CaseResult, RowName } from '../analyse/conduct/case-rows.js';
import { type ConductRow, isMeasured, nothingSeen } from '../analyse/conduct/row.js';
import { withSplit } from '../analyse/conduct/split.js';
import type { Certificate } from '../certificate/certificate.js';
import type { ConductPolicy } from './conduct-policies.js';

/** One row that was planted and what was measured of it. */
export interface RecoveredRow {
  readonly policy: string;
  readonly case: string;
  readonly row: RowName;
  readonly planted: ConductPolicy['rows'][number]['planted'];
  readonly measured: ConductRow;
  readonly isRecovered: boolean;
}

/** One policy: what was recovered of it, and whether it is accused of what it does and of nothing else. */
export interface PolicyResult {
  readonly policy: string;
  readonly rows: readonly RecoveredRow[];
  readonly accusations: readonly Accusation[];
  /** Rows that should have spoken against it and did not, and those that did and should not have. */
  readonly missed: readonly RowName[];
  readonly wronged: readonly Accusation[];
  /** Planted rows that this runtime cannot show. */
  readonly unseen: number;
}

/** What needs a look at the processes of a target. */
const OF_PROCESSES: readonly RowName[] = ['processesLost', 'descriptorsAfter', 'connectionsAfter'];

/**
 * Holds the rows of a policy's cases against what was planted.
 * @param seesProcesses whether the runtime shows the processes of a target; where it does not, rows about them are expected of nobody
 */
export function judgePolicy(
  all: ConductPolicy,
  played: readonly CaseResult[],
  { seesProcesses }: { readonly seesProcesses: boolean } = { seesProcesses: true },
): PolicyResult {
  const isSeen = (row: RowName): boolean => seesProcesses || !OF_PROCESSES.includes(row);
  const policy = { ...all, rows: all.rows.filter(({ row }) => isSeen(row)), accused: all.accused.filter(isSeen) };
  const cases = played.map((each) => withSplit(each, policy.primaryShare));
  const rows = policy.rows.map(({ case: name, row, planted }): RecoveredRow => {
    const measured = cases.find((each) => each.case === name)?.rows[row] ?? nothingSeen('the case was not played');
    return { policy: policy.name, case: name, row, planted, measured, isRecovered: meets(measured, planted) };
  });
  const said = cases.flatMap(accusations);
  return {
    policy: policy.name,
    rows,
    accusations: said,
    missed: policy.accused.filter((row) => !said.some((each) => each.row === row)),
    wronged: said.filter(({ row }) => !policy.accused.includes(row)),
    unseen: all.rows.length - policy.rows.length,
  };
}

/** Whether all of it came out as planted. */
export function isRight({ rows, missed, wronged }: PolicyResult): boolean {
  return rows.every(({ isRecovered }) => isRecovered) && missed.length === 0 && wronged.length === 0;
}

/** What a certificate says of all policies together. */
export function conductPart(policies: readonly PolicyResult[]): NonNullable<Certificate['conduct']> {
  const rows = policies.flatMap((policy) => policy.rows);
  const misses = [
    ...rows
      .filter(({ isRecovered }) => !isRecovered)
      .map(({ policy, case: name, row }) => `not recovered: ${row} of ${policy} in ${name}`),
    ...policies.flatMap(({ policy, missed }) => missed.map((row) => `not accused of ${row}: ${policy}`)),
    ...policies.flatMap(({ policy, wronged }) =>
      wronged.map(({ row, case: name }) => `wrongly accused of ${row} in ${name}: ${policy}`),
    ),
  ];
  const unseen = policies.reduce((sum, policy) => sum + policy.unseen, 0);
  return {
    outcome: misses.length === 0 ? 'passed' : 'missed',
    policies: policies.length,
    rows: rows.length,
    recovered: rows.filter(({ isRecovered }) => isRecovered).length,
    ...(unseen === 0 ? {} : { unseen }),
    misses,
  };
}

function meets(measured: ConductRow, planted: RecoveredRow['planted']): boolean {
  if (planted === 'beyond-phase') return !isMeasured(measured) && measured.state === 'beyond-phase';
  return isMeasured(measured) && measured.low <= planted.to && measured.high >= planted.from;
}
