import { exitedReason } from '../attest/readiness.js';
import { agentGates } from '../record/agent-gates.js';
import { foreignAnswers } from '../record/foreign-answers.js';
import { latenessGates } from '../record/lateness.js';
import { exhaustionGates } from '../record/exhaustion.js';
import { cacheAccount } from './cache-account.js';
import { mockGates } from '../record/mock-gate.js';
import { standstillGates } from '../record/standstill.js';
import { staleUnknown } from '../record/stale-unknown.js';
import type { Reason } from '../record/reason.js';
import { type Gate, gatesOf, type Surroundings } from '../record/surroundings.js';
import type { TrialState } from '../record/trial.js';
import { type Judgement, judgeLoad } from '../record/validity.js';
import type { ServiceExit } from '../runtime/runtime.js';
import type { Observed, TrialId } from './observe.js';

/** What becomes of a trial. */
export interface Verdict {
  readonly state: TrialState;
  readonly reason: Reason | null;
  readonly warnings: readonly Reason[];
}

/** What is known of a trial when the load is over. */
type Beside = Pick<Surroundings, 'ledger' | 'leftOver' | 'memoryLimitBytes'> & {
  /** Of a pair, and how the other target ended; null while it runs. */
  readonly beside: (NonNullable<Surroundings['beside']> & { readonly exit: ServiceExit | null }) | null;
  /** Whether a cache was to answer every request. */
  readonly fromCache?: boolean;
  /** As with `direct`: then the CPU time of the target is the mock's. */
  readonly targetIsMock: boolean;
  /** Of the attestation. */
  readonly notes: readonly Reason[];
};

/** What may have made the errors itself, so that they are not the target's. */
export const EXCUSES: readonly (string | undefined)[] = [
  'mock-lost',
  'left-over',
  'target-changed',
  'driver-stopped',
  'driver-exhausted',
  'mock-stopped',
  'mock-exhausted',
];

/** Of a side of a pair that was left alone with the machine within its window. */
export const OTHER_SIDE_ENDED = 'other-side-ended';

/** Whether a gate takes a trial from its target: what the target did well or badly, not what it did wrong, unless the gate is an excuse for that. */
export function voids({ effect, reason }: Gate, { state }: Judgement): boolean {
  return effect === 'void' && (state !== 'failed' || EXCUSES.includes(reason.code));
}

/** What becomes of a trial: the load's judgement, unless mock, target or a gate says otherwise. */
export function judge(
  id: TrialId,
  seen: Observed,
  { targetIsMock, fromCache = false, notes, ...beside }: Beside,
): Verdict {
  const lost = seen.mockExit === null ? null : mockEnded(seen.mockExit);
  if (lost !== null) return { state: 'void', reason: lost, warnings: [] };
  if (seen.exit !== null) return { state: 'failed', reason: exitedReason(seen.exit, ''), warnings: [] };
  if (seen.result === null) return { state: 'void', reason: seen.fault, warnings: [] };
  const { resources, host, observer, health } = seen;
  const load = seen.result.record;
  const cache = fromCache ? cacheAccount(load, health) : null;
  if (cache !== null && cache.fault !== null) return { state: 'failed', reason: cache.fault, warnings: [] };
  const foreign =
    targetIsMock || fromCache
      ? null
      : foreignAnswers({
          load,
          ledger: beside.ledger,
          // Of two sides the mock counts the requests of both.
          mockRequests: beside.beside === null ? (health?.requests ?? null) : null,
          notes,
        });
  if (foreign !== null) return { state: 'failed', reason: foreign, warnings: [] };
  const judged = judgeLoad(load, id.level, id.scenario.expectedErrorShare);
  const stopped = standstillGates(load);
  const gates: Gate[] = [
    ...(seen.changed === undefined ? [] : [{ effect: 'void' as const, reason: seen.changed }]),
    ...otherSideEnded(beside.beside?.exit ?? null),
    // An agent is named before what it did to the whole.
    ...agentGates(seen.result.agents, id.level),
    ...exhaustionGates(load),
    ...staleUnknown(load),
    // One cause, one verdict: what was late because the driver stood still is not told again.
    ...(stopped.length > 0 ? stopped : latenessGates(load)),
    ...mockGates(health, load, judged.state === 'saturated'),
    ...gatesOf({ ...beside, load, resources, host, observer, mockCores: targetIsMock ? 0 : (health?.cores ?? null) }),
  ];
  const voiding = longerStop(gates.filter((gate) => voids(gate, judged)));
  const warnings = [
    ...(cache === null ? [] : [cache.note]),
    ...gates.flatMap((gate) => (gate === voiding ? [] : gate.reason)),
  ];
  return voiding === undefined ? { ...judged, warnings } : { state: 'void', reason: voiding.reason, warnings };
}

/**
 * The first of the gates that void a trial; of a driver and a mock that both stood still it is the one that did so for longer. While a
 * stopped mock holds thousands of requests back, the driver has a short stop of its own in taking them up.
 */
function longerStop(voiding: readonly Gate[]): Gate | undefined {
  const [first] = voiding;
  if (first?.reason.code !== 'driver-stopped') return first;
  const mock = voiding.find(({ reason }) => reason.code === 'mock-stopped');
  const mockMs = mock?.reason.evidence?.['totalMs'] ?? 0;
  const driverMs = (first.reason.evidence?.['totalUs'] ?? 0) / 1000;
  return mockMs > driverMs ? mock : first;
}

/** Why a trial says nothing of its target when the mock behind it was gone. */
export function mockEnded(exit: ServiceExit): Reason {
  const { message } = exitedReason(exit, '');
  return { code: 'mock-lost', message: `the mock ended during the trial: ${message}` };
}

/** How well a side did is no figure of a pair where it had the machine to itself for a part of the window. */
function otherSideEnded(exit: ServiceExit | null): Gate[] {
  if (exit === null) return [];
  const message = `the target beside it ended during the trial: ${exitedReason(exit, '').message}`;
  return [{ effect: 'void', reason: { code: OTHER_SIDE_ENDED, message } }];
}
