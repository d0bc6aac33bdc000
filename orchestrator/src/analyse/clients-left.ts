import { formatLevel } from '../record/cell.js';
import type { Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import type { AnalysedCell } from './standing.js';

/**
 * What became of the requests whose clients left, as they were told to: how many the mock heard of from the target, after how long, and how many
 * frames it made for nobody. A fact beside the figures, and no failure of the target: whether it should hang up on its provider is for its
 * users to say.
 */
export function clientsLeft(cells: readonly AnalysedCell[]): Finding[] {
  return cells.flatMap(({ id, trials }): Finding[] => {
    const left = sum(trials, ({ load }) => load?.left ?? 0);
    if (left === 0) return [];
    const known = trials.filter(({ ledger, load }) => ledger !== null && (load?.left ?? 0) > 0);
    const of = (pick: (aborts: NonNullable<TrialRecord['ledger']>['aborts']) => number): number =>
      sum(known, ({ ledger }) => (ledger === null ? 0 : pick(ledger.aborts)));
    const [givenUp, passedOn, wastedFrames] = [
      of((aborts) => aborts.givenUp),
      of((aborts) => aborts.passedOn),
      of((aborts) => aborts.wastedFrames),
    ];
    const medians = known.flatMap(({ ledger }) => ledger?.aborts.passedOnUs?.quantiles.p50 ?? []);
    const latestUs = medians.length === 0 ? null : Math.max(...medians);
    const requests = sum(trials, ({ load }) => load?.scheduled ?? 0);
    const seen =
      known.length === 0
        ? 'the mock’s ledger was not joined, so what it did meanwhile is not known'
        : `${givenUp} of them had reached the mock, which was told of ${passedOn} ` +
          (latestUs === null ? '' : `(after ${(latestUs / 1000).toFixed(1)} ms at the median of the slowest block) `) +
          `and made ${wastedFrames} frames that nobody received`;
    return [
      {
        code: 'clients-left',
        severity: 'info',
        target: id.target,
        scenario: id.scenario,
        level: id.level,
        message: `${id.target} ${id.scenario} ${formatLevel(id.level)}: of ${left} of ${requests} requests the client left, as it was asked to; ${seen}.`,
        evidence: { left, requests, givenUp, passedOn, wastedFrames },
      },
    ];
  });
}

function sum(trials: readonly TrialRecord[], of: (trial: TrialRecord) => number): number {
  return trials.reduce((total, trial) => total + of(trial), 0);
}
