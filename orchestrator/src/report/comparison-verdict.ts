import type { ComparedRow } from '../record/comparison.js';

/** All that can be said of a change: of a cell's figures, and of what gateways do while providers fail. */
export type ShownVerdict = ComparedRow['verdict'];

/** What a verdict is called, with a sign that stands out in a column. */
export const VERDICT_TEXT: Readonly<Record<ShownVerdict, string>> = {
  better: '▼ better',
  worse: '▲ worse',
  differs: '≠ differs',
  'cannot-be-told': '≈ cannot be told',
  'not-compared': '– not compared',
};

/** What decides how far up a row stands. */
interface RankedRow {
  readonly verdict: ShownVerdict;
  readonly share: number | null;
}

/** Whether a verdict says that something changed. */
export function isChange(verdict: ShownVerdict): boolean {
  return verdict === 'worse' || verdict === 'better' || verdict === 'differs';
}

/**
 * What changed for the worse first, each by what it grew by in shares of a's figure, then what did so for the better; a row without a share, such
 * as a gateway that fails now, says more than any. What is no change comes last, as it came.
 */
export function worstFirst<Row extends RankedRow>(rows: readonly Row[]): Row[] {
  const size = ({ share }: Row): number => (share === null ? Number.MAX_VALUE : Math.abs(share));
  const ranked = (['worse', 'better', 'differs'] as const).flatMap((verdict) =>
    rows.filter((row) => row.verdict === verdict).toSorted((a, b) => size(b) - size(a)),
  );
  return [...ranked, ...rows.filter(({ verdict }) => !isChange(verdict))];
}
