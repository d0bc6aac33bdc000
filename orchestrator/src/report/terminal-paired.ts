import type { PairedComparison } from '../record/summary.js';
import { PAIRED_LEGEND, PAIRED_QUANTILES, pairedRows, pairedTitle } from './paired-rows.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** What a paired run is about: a line for each level and quantity, a quantile below the other where they do not fit beside. */
export function pairedLines(
  comparisons: readonly PairedComparison[],
  { columns }: TerminalStyle,
  paint: Paint,
): string[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const rows = pairedRows(comparisons);
  const heads = rows.map(({ scenario, level, of, differences }) => [
    `${scenario} · ${level}`,
    differences.length > 0 ? of : '',
  ]);
  const [wide, narrow] = [0, 1].map((i) => Math.max(0, ...heads.map((head) => head[i]?.length ?? 0)));
  return [
    '',
    paint.bold(pairedTitle(first)),
    ...rows.flatMap(({ of, differences }, i) => {
      const [where = '', what = ''] = heads[i] ?? [];
      const indent = `  ${where.padEnd(wide ?? 0)}  ${what.padEnd(narrow ?? 0)}  `;
      const told = differences.flatMap((text, k) => (text === '' ? [] : [`${PAIRED_QUANTILES[k]} ${text}`]));
      // A figure stays with its interval where the line breaks.
      const text = differences.length === 0 ? of : told.map((each) => each.replaceAll(' ', '\u00A0')).join(' · ');
      return wrap(text, Math.max(20, columns - indent.length)).map((line, k) =>
        k === 0 ? indent + line : ' '.repeat(indent.length) + line,
      );
    }),
    ...wrap(PAIRED_LEGEND, columns).map((line) => paint.dim(line)),
  ];
}
