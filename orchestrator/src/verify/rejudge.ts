import type { Hopeless } from '../execute/hopeless.js';
import { EXCUSES, OTHER_SIDE_ENDED, voids } from '../execute/verdict.js';
import { agentGates } from '../record/agent-gates.js';
import { exhaustionGates } from '../record/exhaustion.js';
import { foreignAnswers } from '../record/foreign-answers.js';
import { latenessGates } from '../record/lateness.js';
import { standstillGates } from '../record/standstill.js';
import { type Reason, saysEnded } from '../record/reason.js';
import { type Gate, gatesOf } from '../record/surroundings.js';
import type { LoadRecord, TrialRecord } from '../record/trial.js';
import { type Judgement, judgeLoad } from '../record/validity.js';

/** Whether a trial's state follows from its record. `open`: what it rests on is not in the record, so nobody can say. */
export type Rejudged =
  | { readonly state: 'follows' }
  | { readonly state: 'open' }
  | { readonly state: 'fault'; readonly message: string };

const FOLLOWS: Rejudged = { state: 'follows' };
const OPEN: Rejudged = { state: 'open' };

/**
 * Ends of the target, what it answered when it was asked once more behind the trial, and how many requests the mock counted whose answers a
 * cache was to give: heard, and not recorded but as the reason.
 */
const wasHeard = (reason: Reason | null): boolean =>
  saysEnded(reason) || (reason !== null && ['wrong-answers', 'cache-missed'].includes(reason.code));
/** Gates over what the mock says of itself; they void only what did not keep up. */
const MOCK_BUSY: readonly (string | undefined)[] = ['mock-bottleneck', 'mock-late'];

/**
 * Judges a trial anew from its record, by the rules that execute/verdict judges it by.
 * @param hopeless has taken note of every trial that is recorded before it
 */
export function rejudge(trial: TrialRecord, expectedErrorShare: number, hopeless: Hopeless): Rejudged {
  const { state, reason, load } = trial;
  if (load === null) return rejudgeUnmeasured(trial, hopeless);
  if (state === 'absent' || state === 'skipped') return fault(`recorded as ${state}, and it has a load`);
  const isCached = trial.warnings.some(({ code }) => code === 'answered-from-cache') || reason?.code === 'cache-missed';
  const foreign = isCached
    ? null
    : foreignAnswers({ load, ledger: trial.ledger, mockRequests: null, notes: trial.warnings });
  // Without a ledger it was the mock's own count that told.
  if (state === 'failed' && reason?.code === 'foreign-upstream' && (foreign !== null || trial.ledger === null))
    return foreign === null ? OPEN : FOLLOWS;
  if (foreign !== null && state !== 'void' && !wasHeard(reason))
    return fault(`recorded as ${state}, and its record says failed, ${foreign.code}: ${foreign.message}`);
  const judged = judgeLoad(load, trial.level, expectedErrorShare);
  const voiding = voidingGates(trial, load, judged);
  if (state === 'void') return rejudgeVoid(trial, voiding, judged, load);
  if (state === 'failed' && wasHeard(reason)) return OPEN;
  const [spoilt] = voiding;
  if (spoilt !== undefined)
    return fault(`recorded as ${state}, and its record says void, ${spoilt.reason.code}: ${spoilt.reason.message}`);
  if (judged.state !== state) return fault(`recorded as ${state}, and its load says ${judged.state}`);
  if (judged.reason?.code === reason?.code) return FOLLOWS;
  return fault(
    `recorded as ${state} for ${reason?.code ?? 'nothing'}, and its load says ${judged.reason?.code ?? 'nothing'}`,
  );
}

function rejudgeUnmeasured({ state, target, scenario, level }: TrialRecord, hopeless: Hopeless): Rejudged {
  if (state === 'valid' || state === 'saturated') return fault(`recorded as ${state}, and it has no load`);
  if (state !== 'skipped') return OPEN;
  if (hopeless.implied(target, scenario, level) !== null) return FOLLOWS;
  return fault('recorded as skipped, and no lower level was out of reach often enough before it');
}

function rejudgeVoid(
  { reason, paired }: TrialRecord,
  voiding: readonly Gate[],
  judged: Judgement,
  { standstill }: LoadRecord,
): Rejudged {
  const code = reason?.code;
  if (voiding.some((gate) => gate.reason.code === code)) return FOLLOWS;
  // How the other side of a pair ended was heard; who was measured alone had none.
  if (code === OTHER_SIDE_ENDED && paired !== undefined && judged.state !== 'failed') return OPEN;
  // Neither a mock that died nor a queue that was counted before is in the record; of the driver everything is.
  const ofDriver = code === 'driver-exhausted' || (code === 'driver-stopped' && standstill !== undefined);
  if ((!ofDriver && EXCUSES.includes(code)) || (MOCK_BUSY.includes(code) && judged.state === 'saturated')) return OPEN;
  return fault(
    `recorded as void for ${code ?? 'nothing'}, which its record does not bear out: its load says ${judged.state}`,
  );
}

/** Those gates that void and whose facts are all in the record. */
function voidingGates(
  { ledger, resources, host, observer = null, agents, level }: TrialRecord,
  load: LoadRecord,
  judged: Judgement,
): Gate[] {
  const unrecorded = { memoryLimitBytes: null, mockCores: null, leftOver: null, beside: null };
  const stopped = standstillGates(load);
  const gates = [
    ...agentGates(agents, level),
    ...exhaustionGates(load),
    ...(stopped.length > 0 ? stopped : latenessGates(load)),
    ...gatesOf({ load, ledger, resources, host, observer, ...unrecorded }),
  ];
  return gates.filter((gate) => voids(gate, judged));
}

function fault(message: string): Rejudged {
  return { state: 'fault', message };
}
