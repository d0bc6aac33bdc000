import { groupBy } from '../../grouping.js';
import { moderate, type Spread, spreadOf } from '../judge/spread.js';
import type { ComparedFigure, LentToChange } from './change.js';

/** What the compared cells lend each other, by figure: pools of one quantity, of differences within blocks and of the blocks of either run. */
export function lentToChanges(figures: readonly ComparedFigure[]): Map<ComparedFigure, LentToChange> {
  const logarithmic = figures.filter(({ series }) => series.logarithmic);
  const lent = new Map<ComparedFigure, LentToChange>();
  for (const members of groupBy(logarithmic, ({ name }) => name).values()) {
    const [a, b] = [members.map(({ series }) => series.a), members.map(({ series }) => series.b)];
    const differences = members.map(({ series }) =>
      series.a.length === series.b.length ? series.b.map((value, i) => value - (series.a[i] as number)) : [],
    );
    const [ofDifferences, ofA, ofB] = [differences, a, b].map((each) => poolOf(members, each));
    for (const [i, figure] of members.entries())
      lent.set(figure, { differences: ofDifferences?.[i] ?? null, a: ofA?.[i] ?? null, b: ofB?.[i] ?? null });
  }
  return lent;
}

function poolOf(members: readonly ComparedFigure[], values: readonly (readonly number[])[]): (Spread | null)[] {
  // A run and itself differ by nothing, and nothing is lent to that.
  const own = values.map((each) => (each.every((value) => value === 0) ? null : spreadOf(each)));
  const known = members.flatMap(({ of, load, shared }, i) => {
    const spread = own[i] ?? null;
    return spread === null ? [] : [{ i, ...spread, of, load, shared }];
  });
  const moderated = moderate(known);
  const byMember = new Map(known.map(({ i }, at) => [i, moderated[at] as Spread]));
  return members.map((_, i) => byMember.get(i) ?? null);
}
