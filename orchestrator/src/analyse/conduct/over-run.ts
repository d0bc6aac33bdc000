import { groupBy } from '../../grouping.js';
import type { ConductRun } from '../../record/conduct.js';
import { accusations } from './accusations.js';
import type { CaseResult } from './case-rows.js';
import { withOffers } from './offers.js';
import { overBlocks } from './over-blocks.js';
import { isMeasured } from './row.js';
import { withSplit } from './split.js';

/** One case of one block, or why it was not played. */
export type Played = ConductRun['played'][number];
/** One that was. */
export type PlayedResult = Extract<Played, { readonly files: unknown }>;

/** Over all blocks: what `conduct` of a run is made of, from what was played. */
export function conductOf(
  played: readonly Played[],
  targets: readonly Pick<ConductRun['targets'][number], 'name' | 'lacks' | 'primaryShare'>[],
): ConductRun['conduct'] {
  return byCase(played).map((blocks) => {
    const [{ target }] = blocks as [PlayedResult];
    const known = targets.find(({ name }) => name === target);
    const merged = withOffers(withSplit(overBlocks(blocks.map(resultIn)), known?.primaryShare), known?.lacks);
    const isFirst = played.find((each) => each.target === target)?.case === merged.case;
    // The mock by itself is the provider that fails: what it does is planted, and nobody's conduct.
    const said =
      target === 'direct'
        ? []
        : accusations(merged).filter(({ row }) => row !== 'splitOffBefore' || isFirst || asksMore(merged, known));
    return { target, blocks: blocks.length, ...inRecord(merged), accusations: said };
  });
}

/**
 * Whether the primary was asked more often than it is configured to be. Less often it is also asked by whoever leaves it alone for a while for the
 * fault of the case before, as it should.
 */
function asksMore(
  { rows: { splitBefore } }: CaseResult,
  known: { readonly primaryShare?: number | undefined } = {},
): boolean {
  return splitBefore !== undefined && isMeasured(splitBefore) && splitBefore.value > (known.primaryShare ?? 1);
}

/** What was played, in groups of one target and case. */
export function byCase(played: readonly Played[]): readonly (readonly PlayedResult[])[] {
  const results = played.flatMap((each) => ('files' in each ? [each] : []));
  return [...groupBy(results, ({ target, case: name }) => JSON.stringify([target, name])).values()];
}

/** The rows of what was played, without what the record says beside them. */
function resultIn({
  target: _target,
  block: _block,
  files: _files,
  warnings: _warnings,
  looks: _looks,
  ...result
}: PlayedResult): CaseResult {
  return result;
}

/** A result as the record holds it: lists that are its own. */
export function inRecord(result: CaseResult) {
  return { ...result, phases: [...result.phases], rows: { ...result.rows } };
}
