import type { CaseResult, SeenCase } from '../analyse/conduct/case-rows.js';
import { isMeasured } from '../analyse/conduct/row.js';
import type { ConductCase } from '../plan/conduct-cases.js';
import type { LoadRecord } from '../record/trial.js';
import { exhaustionGates } from '../record/exhaustion.js';
import { latenessGates } from '../record/lateness.js';
import { type MockHealth, mockGates } from '../record/mock-gate.js';
import type { Reason } from '../record/reason.js';
import { standstillGates } from '../record/standstill.js';

/** Whether a case may be used. */
export interface CaseVerdict {
  /** Why it says nothing of its target; null: it does. */
  readonly void: Reason | null;
  /** What its figures may be coloured by. */
  readonly warnings: readonly Reason[];
}

/**
 * Whether driver and mock kept up in a case, by the gates of every trial. What a target did badly is what a case is about and voids nothing; what
 * the driver sent late, or the mock answered late, would be told of the target.
 * @param health what the mock says of itself over the load; null: it cannot be asked, which is said
 */
export function judgeCase(load: LoadRecord, health: MockHealth | null): CaseVerdict {
  const stopped = standstillGates(load);
  const gates = [
    ...exhaustionGates(load),
    // One cause, one verdict: what was late because the driver stood still is not told again.
    ...(stopped.length > 0 ? stopped : latenessGates(load)),
    // In a case a target need not keep up: a mock that was late has shown nothing of it, as of one that did not.
    ...mockGates(health, load, true),
  ];
  const silent: Reason[] =
    health === null ? [{ code: 'mock-silent', message: 'the mock did not say whether it kept up' }] : [];
  const voiding = gates.find(({ effect }) => effect === 'void');
  return {
    void: voiding?.reason ?? null,
    warnings: [...gates.filter((gate) => gate !== voiding).map(({ reason }) => reason), ...silent],
  };
}

/** Providers answer within some 30 ms before their fault: who takes longer than this at the median then has a queue. */
const WELL_MS = 250;

/**
 * Whether a target did not keep up with the load while nothing failed: then its queue, and not the fault, decides what clients see.
 * @param rps the load, requests a second
 */
export function wasBehind({ requests, phases }: Pick<SeenCase, 'requests' | 'phases'>, rps: number): Reason | null {
  const before = phases.find(({ name }) => name === 'before');
  if (before === undefined) return null;
  const tookMs = requests
    .filter(({ dueUs }) => dueUs >= before.fromUs && dueUs < before.untilUs)
    .map(({ dueUs, endUs }) => (endUs === null ? Infinity : (endUs - dueUs) / 1000))
    .toSorted((a, b) => a - b);
  const medianMs = tookMs[tookMs.length >> 1] ?? 0;
  if (medianMs <= WELL_MS) return null;
  const took = Number.isFinite(medianMs) ? `took ${medianMs.toFixed(0)} ms or longer` : 'were not answered';
  return {
    code: 'target-behind',
    message:
      `it did not keep up with ${rps} requests a second while nothing failed (half of them ${took}, limit ${WELL_MS} ms): ` +
      'what it does when providers fail cannot be told from its queue; ask it with a smaller --rps',
    evidence: { requests: tookMs.length, ...(Number.isFinite(medianMs) ? { medianMs } : {}), limitMs: WELL_MS },
  };
}

/** Whether attempts came that belong to no request of the case: whoever goes on for clients that have left brings those of an earlier one. */
export function lateAttempts({ requests: { strangeAttempts } }: Pick<CaseResult, 'requests'>): Reason | null {
  if (strangeAttempts === 0) return null;
  return {
    code: 'late-attempts',
    message: `${strangeAttempts} attempts belong to no request of this case, as of a target that goes on for clients of an earlier one: they are in no row, and were a load beside it`,
    evidence: { attempts: strangeAttempts },
  };
}

/**
 * Whether the primary was hardly asked before its fault began, because the case before had it left alone: what is shown then is no failover.
 * @param primaryShare what it is configured to get, 0 to 1; left out: not known
 */
export function leftAlone(
  { kind, everywhere }: Pick<ConductCase, 'kind' | 'everywhere'>,
  { rows }: Pick<CaseResult, 'rows'>,
  primaryShare = 0,
): Reason | null {
  const row = rows.splitBefore;
  if (everywhere || kind === 'calm' || row === undefined || !isMeasured(row)) return null;
  if (row.value > 0 && row.high >= primaryShare / 2) return null;
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const configured = primaryShare === 0 ? '' : `, of which it is to get ${percent(primaryShare)}`;
  return {
    code: 'left-alone',
    message: `the primary got ${percent(row.value)} of the requests before its fault${configured}: it was still left alone for the case before, and what follows is no failover`,
  };
}
