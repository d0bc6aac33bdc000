import type { ReportModel } from './model.js';

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
        `counts ${clock} to the last byte; with a number of streams instead of a rate, from sending. Quantiles are of the merged ` +
        'histograms of all valid trials, never averages of percentiles, and one is left out where fewer than ten requests lie beyond it.',
    },
    {
      term: '[low, high]',
      text:
        'bounds a 95 % interval. Each block starts every target afresh; the interval shows how much the figure moves from one such block ' +
        'to the next. With one block it comes from the seconds within it and says nothing about another run.',
    },
    {
      term: 'Over direct',
      text:
        'is the quantile shift: the target’s quantile minus that of the mock itself in the same block, averaged over blocks. It is not the ' +
        'quantile of what each request was delayed by, and it may be negative.',
    },
    {
      term: '▲ ▼ ≈',
      text:
        'above or below is said when the whole interval lies beyond the noise floor (what direct against direct shows on this machine) and the ' +
        'shift is at least 3 % of direct’s. Anything else cannot be told from noise.',
    },
    {
      term: 'Saturated',
      text: 'means that less than 99 % of the load asked for was reached. Such a cell has no latency at that load, and none is shown.',
    },
    { term: 'OK', text: 'are complete, correct answers with a 2xx status, of all requests that were due.' },
  ];
}
