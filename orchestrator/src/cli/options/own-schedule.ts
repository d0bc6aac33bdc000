import { hasSessions } from '../../catalogue/scenario.js';
import { usageError } from '../../errors.js';
import type { PlannedScenario } from '../../plan/plan.js';
import { firstGiven, type RawOptions } from './command.js';

/**
 * What lays out a schedule is refused beside scenarios whose requests come by one of their own: sessions arrive at random and their requests
 * follow answers, a neighbour comes beside the level. It would be passed over in silence.
 * @throws BenchError `bad-value` that names both
 */
export function checkOwnSchedules(raw: RawOptions, chosen: readonly PlannedScenario[]): void {
  checkNeighbours(raw, chosen);
  const holding = chosen.find(({ scenario }) => hasSessions(scenario));
  if (holding === undefined) return;
  const beside = firstGiven(raw, ['arrivals', 'shape', 'pacing', 'closed', 'paired', 'find-capacity']);
  if (beside === undefined) return;
  throw usageError(
    'bad-value',
    `--${beside} cannot go with ${holding.scenario.name}, whose sessions arrive at random and send each request when the one before is answered.`,
    'Leave it out; --rps says how many requests a second all sessions send together.',
  );
}

/** What has a schedule of its own beside the level's is none that two targets could share, nor a number in flight. */
function checkNeighbours(raw: RawOptions, chosen: readonly PlannedScenario[]): void {
  const watched = chosen.find(({ scenario }) => scenario.against !== undefined)?.scenario;
  if (watched === undefined) return;
  const beside = firstGiven(raw, ['closed', 'paired', 'find-capacity']);
  if (beside !== undefined)
    throw usageError(
      'bad-value',
      `--${beside} cannot go with ${watched.name}, whose neighbour comes by a schedule of its own.`,
      'Leave it out; --rps says how many short chats a second there are.',
    );
  const { scenarios = [] } = watched.against ?? {};
  const missing = scenarios.find((name) => chosen.every(({ scenario }) => scenario.name !== name));
  if (missing === undefined) return;
  throw usageError(
    'bad-value',
    `${watched.name} is told against ${scenarios.join(' and ')}, and ${missing} is left out.`,
    `Add it: --scenarios ${[...scenarios, watched.name].join(',')}.`,
  );
}
