import { LEAST_EFFECT } from '../analyse/overhead.js';
import { LEAST_BEYOND } from '../analyse/quantile.js';
import { LEAST_ACHIEVED_SHARE } from '../record/validity.js';
import type { ReportModel } from './model.js';

const EFFECT = `${Number((100 * LEAST_EFFECT).toFixed(2))} %`;
const ACHIEVED = `${Number((100 * LEAST_ACHIEVED_SHARE).toFixed(2))} %`;

/** What stands above a table of noise floors: one rule decides the words, and this is not it. */
export const FLOOR_EXPLAINS =
  'What direct’s two visits of a block differ by, within 95 %. It makes intervals as wide as they are; what is above or below they alone decide.';

/** A term of the report and what a reader must know about it. */
export interface Explained {
  readonly term: string;
  readonly text: string;
}

/** How to read the report, for the pages. */
export function howToRead({ clock }: ReportModel): Explained[] {
  return [
    {
      term: 'Latency',
      text:
        `counts ${clock} to the last byte; with a number in flight instead of a rate (closed loop), from sending. Each figure is that of the ` +
        'typical block: the geometric mean of the blocks’ own quantiles, so that columns can be held against each other. One is left out where ' +
        `fewer than ${LEAST_BEYOND} requests lie beyond it.`,
    },
    {
      term: '[low, high]',
      text:
        'bounds a 95 % interval. Each block starts every target afresh; the interval is Student’s t on the logarithm of the blocks’ figures, ' +
        'and what the blocks of one cell cannot know of their spread is lent by the other cells of the run (in summary.json the cell’s own ' +
        'interval stands beside it). With one block it comes from the seconds within it and says nothing about another run.',
    },
    {
      term: 'Per-request overhead',
      text:
        'is what each request took from sending to the last byte, less the time that the mock held it; driver and mock know each request by ' +
        'its id. Direct has one too (network, driver and mock), and what is shown is how far a target is above that in the same blocks. Where ' +
        'a driver cannot tell requests apart there is none.',
    },
    {
      term: 'Quantile shift',
      text:
        'is how far the target’s quantile is above that of the mock itself in the same block, a geometric mean over blocks. It is not the ' +
        'quantile of what each request was delayed by, and it may be negative.',
    },
    {
      term: 'Places',
      text:
        'are letters, in the order of the figures: gateways that share one cannot be told apart, any two that share none were. A pair is judged ' +
        'by the blocks that both took part in (95 % for all pairs of a row together, after Holm), and has to differ by ' +
        `${EFFECT}. What more blocks would tell is a forecast from the spread of these.`,
    },
    {
      term: '▲ ▼ ≈',
      text:
        'above or below is said when the interval of the ratio to direct excludes 1 and the shift is at least ' +
        `${EFFECT} of direct’s; the interval is never narrower than direct against direct allows. Anything else cannot be told from direct, and ≤ is the most that it may be.`,
    },
    {
      term: 'Saturated',
      text: `means that less than ${ACHIEVED} of the load asked for was reached. Such a cell has no latency at that load, and none is shown.`,
    },
    {
      term: 'Noise floor',
      text:
        'is what direct’s two visits of a block differ by, within 95 %. It explains how wide intervals are, for none is built on less, and it decides ' +
        'nothing beside them: a target is held against direct within each block, so that less than the floor may be above beyond doubt. Of one block ' +
        'alone, which does not know how blocks differ, a shift has to be larger than it as well.',
    },
    {
      term: 'Load',
      text: 'is answers of any status a second of the measured window, of the requests that were due in it.',
    },
    {
      term: 'Memory',
      text: 'is the most that the whole process tree or container of a target was seen to hold in a trial; of the blocks the highest counts.',
    },
    {
      term: 'CPU a request',
      text: 'is CPU time, user and system, of the same tree or container in the measured window, over the requests answered in it.',
    },
    { term: 'OK', text: 'are complete, correct answers with a 2xx status, of all requests that were due.' },
  ];
}
