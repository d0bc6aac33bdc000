import { conductLoadMs, paceOf } from '../plan/conduct-cases.js';
import type { ConductJobRequest } from './conduct-request.js';
import { formatDuration } from './pace.js';
import { type Contestant, plannedTarget } from './targets.js';

/** What a case takes beside its load: quiet before and behind it, and reading both records. */
const CASE_OVERHEAD_MS = 2500;

/** Cases, targets and the time that they take, said beforehand. */
export function describeConductPlan(
  { cases, pace, blocks }: Pick<ConductJobRequest, 'cases' | 'pace' | 'blocks'>,
  present: readonly Contestant[],
): string {
  const caseMs = cases.reduce(
    (sum, played) =>
      sum + conductLoadMs(paceOf(played, pace)) + CASE_OVERHEAD_MS + Math.min(played.patienceMs, 5000) / 5,
    0,
  );
  const startMs = present.reduce((sum, contestant) => sum + plannedTarget(contestant).startMs, 0);
  const totalMs = blocks * (startMs + present.length * caseMs);
  const names = present.map(({ target: { name } }) => name).join(', ');
  return [
    `conduct: ${cases.length} cases × ${names} × ${blocks} blocks at ${pace.rps} requests a second, about ${formatDuration(totalMs)}`,
    ...cases.map(({ name, about }) => `  ${name}: ${about}`),
  ].join('\n');
}
