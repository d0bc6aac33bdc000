import { EXIT, type ExitCode } from '../errors.js';
import type { Capacity } from '../record/capacity.js';
import type { CellSummary, Summary } from '../record/summary.js';
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
    (cell) => cell.state === 'failed' || cell.state === 'invalid' || (isMissing(cell) && named.has(cell.target)),
  );
  return gap ? EXIT.incomplete : EXIT.ok;
}

/** What a gateway does not offer leaves no gap: there is nothing that could have been measured. */
function isMissing({ state, reason }: CellSummary): boolean {
  return state === 'absent' && reason?.code !== 'not-offered';
}

/**
 * Why a run that ended with gaps did, in a line; null without any. Where only `direct` could not be measured no gateway is to blame:
 * then it is the machine or the mock.
 */
export function gapText(
  summary: Pick<Summary, 'cells'>,
  contestants: readonly Pick<Contestant, 'named' | 'target'>[],
): string | null {
  if (exitCodeOf(summary, contestants) === EXIT.ok) return null;
  const gaps = summary.cells.filter(({ state }) => state === 'failed' || state === 'invalid');
  const direct = new Set(contestants.filter(({ target }) => target.kind === 'direct').map(({ target }) => target.name));
  const named = contestants.filter((contestant) => contestant.named).map(({ target }) => target.name);
  const absent = named.filter((name) => summary.cells.some((cell) => cell.target === name && isMissing(cell)));
  const failed = [...new Set(gaps.map(({ target }) => target))].filter((name) => !direct.has(name));
  const cellsOf = (name: string): string => {
    const count = gaps.filter(({ target }) => target === name).length;
    return `${name} in ${count} of ${summary.cells.filter(({ target }) => target === name).length} cells`;
  };
  const parts = [
    ...(failed.length === 0 ? [] : [`failed or could not be judged: ${failed.map(cellsOf).join(', ')}`]),
    ...(absent.length === 0 ? [] : [`asked for and not there: ${absent.join(', ')}`]),
    ...[...direct]
      .filter((name) => gaps.some(({ target }) => target === name))
      .map((name) =>
        failed.length + absent.length === 0
          ? `no gateway failed, but ${cellsOf(name)} could not be judged: there it is not known what a gateway adds`
          : `${cellsOf(name)} could not be judged either`,
      ),
  ];
  return `The table has gaps: ${parts.join('; ')}.`;
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
