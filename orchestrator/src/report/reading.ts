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
        `counts ${clock} to the last byte; with a number in flight instead of a rate (closed loop), from sending. Quantiles are of the merged ` +
        'histograms of all valid trials, never averages of percentiles, and one is left out where fewer than ten requests lie beyond it.',
    },
    {
      term: '[low, high]',
      text:
        'bounds a 95 % interval. Each block starts every target afresh; the interval shows how much the figure moves from one such block ' +
        'to the next. With one block it comes from the seconds within it and says nothing about another run.',
    },
    {
      term: 'Per-request overhead',
      text:
        'is what each request took from sending to the last byte, less the time that the mock held it; driver and mock know each request by ' +
        'its id, so that no quantiles are subtracted. Direct has one too (network, driver and mock); what is beyond that has a column and the ' +
        'verdict. Where a driver cannot tell requests apart there is none.',
    },
    {
      term: 'Quantile shift',
      text:
        'is the target’s quantile minus that of the mock itself in the same block, averaged over blocks. It is not the quantile of what each ' +
        'request was delayed by, and it may be negative.',
    },
    {
      term: 'Places',
      text:
        'are shared by gateways that cannot be told apart: a better place needs a difference within blocks that is beyond the noise floor (95 %, ' +
        'corrected after Holm for all pairs) and at least 3 % of the faster one’s figure. Within a place the order means nothing.',
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
