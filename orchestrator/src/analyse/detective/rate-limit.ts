import type { Finding } from '../../record/summary.js';
import { type Case, found, loadsOf, percent } from './case.js';

const LEAST_SHARE = 0.001;

/** Whether the target turns requests away that its provider, which direct stands for, would have answered. */
export function rateLimiting(suspect: Case): Finding[] {
  if (suspect.direct === null) return [];
  const own = turnedAway(suspect);
  if (own.share <= LEAST_SHARE || turnedAway({ ...suspect, cell: suspect.direct.cell }).share > LEAST_SHARE) return [];
  const message =
    `The target itself answered ${own.count} of ${own.answered} requests (${percent(own.share)}) with 429, where direct was given none, and let ` +
    `${own.passedPerSecond.toFixed(0)} a second through: a rate limit of its own.`;
  return [found(suspect, 'rate-limited', 'warning', message, { ...own })];
}

function turnedAway({ cell }: Case): { count: number; answered: number; share: number; passedPerSecond: number } {
  const loads = loadsOf(cell);
  const sum = (of: (load: (typeof loads)[number]) => number): number => loads.reduce((all, load) => all + of(load), 0);
  const count = sum(({ statuses }) => statuses['429'] ?? 0);
  const answered = sum(({ statuses }) => Object.values(statuses).reduce((all, n) => all + n, 0));
  const seconds = sum(({ windowMs }) => windowMs / 1000);
  return {
    count,
    answered,
    share: answered === 0 ? 0 : count / answered,
    passedPerSecond: seconds === 0 ? 0 : (answered - count) / seconds,
  };
}
