import { type ConductCase, conductLoadMs, type ConductPace, isPlayed, paceOf } from '../plan/conduct-cases.js';
import type { ConductJobRequest } from './conduct-request.js';
import { askedOf } from './conduct-targets.js';
import { formatDuration } from './pace.js';
import { type Contestant, plannedTarget } from './targets.js';

/** What a case takes beside its load: quiet before and behind it, and reading both records. Of 18 cases of a gateway it was one second. */
const CASE_OVERHEAD_MS = 1500;

/** Cases, targets and the time that they take, said beforehand. */
export function describeConductPlan(
  request: Pick<ConductJobRequest, 'cases' | 'casesNamed' | 'pace' | 'blocks'>,
  present: readonly Contestant[],
): string {
  const { cases, pace, blocks } = request;
  const totalMs = Array.from({ length: blocks }, (_, i) =>
    present.reduce((sum, contestant) => {
      const asked = askedOf(contestant.target, request, i + 1);
      const played = cases.filter((each) => isPlayed(each, asked));
      const startMs = played.length === 0 ? 0 : plannedTarget(contestant).startMs;
      return sum + startMs + played.reduce((ms, each) => ms + caseMs(each, pace), 0);
    }, 0),
  ).reduce((sum, ms) => sum + ms, 0);
  const names = present.map(({ target: { name } }) => name).join(', ');
  const alone = present.filter((contestant) => askedOf(contestant.target, request, 1).isAlone).length;
  const fewer = cases.filter((each) => each.alone);
  return [
    `conduct: ${cases.length} cases × ${names} × ${blocks} blocks at ${pace.rps} requests a second, about ${formatDuration(totalMs)}`,
    ...(blocks === 1 ? [] : ['  direct, and what lasts long, in the first block alone']),
    ...(alone === 0 || request.casesNamed
      ? []
      : [`  of those with one provider only ${fewer.map(({ name }) => name).join(', ')}`]),
    ...cases.map(({ name, about }) => `  ${name}: ${about}`),
  ].join('\n');
}

function caseMs(played: ConductCase, pace: ConductPace): number {
  return conductLoadMs(paceOf(played, pace)) + CASE_OVERHEAD_MS;
}
