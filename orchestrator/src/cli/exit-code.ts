import { EXIT, type ExitCode } from '../errors.js';
import type { Capacity } from '../record/capacity.js';
import type { Summary } from '../record/summary.js';
import type { Contestant } from '../measure/targets.js';

/**
 * What a whole run ends with. A saturated cell is a result. A cell that failed or may not be used is a gap, whoever its gateway is:
 * it was measured, and a script that reads the table has to know. A gateway that is absent is a gap where it was asked for by name.
 */
export function exitCodeOf(
  { cells }: Pick<Summary, 'cells'>,
  contestants: readonly Pick<Contestant, 'named' | 'target'>[],
): ExitCode {
  const named = new Set(contestants.filter((contestant) => contestant.named).map(({ target }) => target.name));
  const gap = cells.some(
    ({ target, state }) => state === 'failed' || state === 'invalid' || (state === 'absent' && named.has(target)),
  );
  return gap ? EXIT.incomplete : EXIT.ok;
}

/** What a search for capacities ends with, by the same rule: an answer that says why it is none, or not a whole one, is a gap. */
export function capacityExitCodeOf(
  { answers }: Pick<Capacity, 'answers'>,
  contestants: readonly Pick<Contestant, 'named' | 'target' | 'availability'>[],
): ExitCode {
  const excused = new Set(
    contestants
      .filter(({ named, availability }) => !named && availability.state === 'absent')
      .map(({ target }) => target.name),
  );
  return answers.some(({ target, reason }) => reason !== null && !excused.has(target)) ? EXIT.incomplete : EXIT.ok;
}
