import { type CellId, cellKey } from '../../record/cell.js';
import type { QuantileName } from '../../record/summary.js';
import { groupBy } from '../../grouping.js';
import { figuresByBlock, geometricMean } from '../block-figures.js';
import type { LentSpread } from '../estimate.js';
import { directAt, type PickDistribution, samplesByBlock } from '../samples.js';
import type { AnalysedCell } from '../standing.js';
import { moodsOf, withMood } from './mood.js';
import { moderate, type ModeratedSpread, type Spread, spreadOf } from './spread.js';

/** On which scale a quantity of a cell is judged: itself, its ratio to `direct`, or what it is above `direct`; logarithms each. */
export type PoolScale = 'itself' | 'ratio' | 'shift';

/**
 * What the cells of a run lend each other: for each quantity, quantile and scale the moderated spread of every usable cell. A pool is one
 * quantity of one run, always all of its cells, so that what is asked first changes nothing.
 */
export class Pools {
  readonly #cells: readonly AnalysedCell[];
  readonly #pools = new Map<PickDistribution, Map<string, ReadonlyMap<string, ModeratedSpread>>>();

  constructor(cells: readonly AnalysedCell[]) {
    this.#cells = cells;
  }

  /** Null where the cell has no spread of its own, or no part in the pool. */
  spreadOf(id: CellId, pick: PickDistribution, quantile: QuantileName, scale: PoolScale): ModeratedSpread | null {
    const pool = this.#kept(pick, `${quantile} ${scale}`, () => this.#poolOf(pick, quantile, scale));
    return pool.get(cellKey(id)) ?? null;
  }

  /** What the quantiles of a cell's quantity are lent. */
  lentTo(id: CellId, pick: PickDistribution): LentSpread {
    return (quantile) => this.spreadOf(id, pick, quantile, 'itself');
  }

  /** The spread of the logarithm of two targets' ratio in the blocks of both, moderated by all pairs of gateways of the run. */
  pairSpreadOf(one: CellId, other: CellId, pick: PickDistribution, quantile: QuantileName): Spread | null {
    return (
      this.#kept(pick, `${quantile} pairs`, () => this.#poolOfPairs(pick, quantile)).get(pairKey(one, other)) ?? null
    );
  }

  #kept(
    pick: PickDistribution,
    key: string,
    make: () => ReadonlyMap<string, ModeratedSpread>,
  ): ReadonlyMap<string, ModeratedSpread> {
    const ofPick = this.#pools.get(pick) ?? new Map<string, ReadonlyMap<string, ModeratedSpread>>();
    this.#pools.set(pick, ofPick);
    const pool = ofPick.get(key) ?? make();
    ofPick.set(key, pool);
    return pool;
  }

  #poolOf(pick: PickDistribution, quantile: QuantileName, scale: PoolScale): Map<string, ModeratedSpread> {
    const plain = this.#plainPoolOf(pick, quantile, scale);
    // In a comparison with direct the mood of a block has fallen out already.
    return scale === 'itself' ? this.#amongMoods(plain, pick, quantile) : plain;
  }

  /** A quantity by itself has the machine's mood in it, which all cells of a block share: it is no spread of each. */
  #amongMoods(
    plain: ReadonlyMap<string, ModeratedSpread>,
    pick: PickDistribution,
    quantile: QuantileName,
  ): Map<string, ModeratedSpread> {
    const members = this.#cells.flatMap((cell) => {
      if (!plain.has(cellKey(cell.id))) return [];
      const logs = new Map([...figuresOf(cell, pick, quantile)].map(([block, value]) => [block, Math.log(value)]));
      return [{ id: cell.id, logs }];
    });
    const moods = moodsOf(members.map(({ logs }) => logs));
    if (moods === null) return new Map(plain);
    const residual = poolOf(
      members.map(({ id }, i) => ({ key: cellKey(id), id, kind: id.target, own: moods.residuals[i] as Spread })),
    );
    return new Map(
      [...residual].map(([key, spread]) => {
        const asItIs = plain.get(key) as ModeratedSpread;
        // An erratic target follows no mood but its own.
        return [key, asItIs.erratic ? asItIs : withMood(spread, moods.mood)];
      }),
    );
  }

  #plainPoolOf(pick: PickDistribution, quantile: QuantileName, scale: PoolScale): Map<string, ModeratedSpread> {
    return poolOf(
      this.#cells.flatMap((cell) => {
        const own = spreadOf(this.#logsOf(cell, pick, quantile, scale) ?? []);
        return own === null ? [] : [{ key: cellKey(cell.id), id: cell.id, kind: cell.id.target, own }];
      }),
    );
  }

  #poolOfPairs(pick: PickDistribution, quantile: QuantileName): Map<string, ModeratedSpread> {
    const gateways = this.#cells.filter(({ target, standing }) => target.kind !== 'direct' && standing.state === 'ok');
    const pairs = [...groupBy(gateways, ({ id }) => levelKey(id)).values()].flatMap((beside) =>
      beside.flatMap((one, i) => beside.slice(i + 1).map((other) => [one, other] as const)),
    );
    const pool = poolOf(
      pairs.flatMap(([one, other]) => {
        const own = spreadOf(pairLogs(one, other, pick, quantile));
        const kind = `${one.id.target} ${other.id.target}`;
        return own === null ? [] : [{ key: pairKey(one.id, other.id), id: one.id, kind, own }];
      }),
    );
    for (const [one, other] of pairs) {
      const key = pairKey(one.id, other.id);
      const lent = pool.get(key);
      const sides = [one, other].map(({ id }) => this.spreadOf(id, pick, quantile, 'itself'));
      if (lent !== undefined) pool.set(key, noSteadierThan(lent, sides));
    }
    return pool;
  }

  #logsOf(cell: AnalysedCell, pick: PickDistribution, quantile: QuantileName, scale: PoolScale): number[] | null {
    if (cell.standing.state !== 'ok') return null;
    if (scale === 'itself') return logsOf([...figuresOf(cell, pick, quantile).values()]);
    const direct = directAt(this.#cells, cell.id);
    if (direct === null || cell.target.kind === 'direct') return null;
    const pairs = inBothBlocks(figuresOf(cell, pick, quantile), figuresOf(direct, pick, quantile));
    return logsOf(pairs.map(([value, reference]) => (scale === 'ratio' ? value / reference : value - reference)));
  }
}

/** The logarithms of two cells' ratio, in each block that both took part in. */
export function pairLogs(
  one: AnalysedCell,
  other: AnalysedCell,
  pick: PickDistribution,
  quantile: QuantileName,
): number[] {
  const pairs = inBothBlocks(figuresOf(one, pick, quantile), figuresOf(other, pick, quantile));
  return pairs.map(([a, b]) => Math.log(geometricMean([a]) / geometricMean([b])));
}

interface Member {
  readonly key: string;
  readonly id: CellId;
  readonly kind: string;
  readonly own: Spread;
}

/** Cells of one target (or pair of them) at one level are of a kind. */
function poolOf(members: readonly Member[]): Map<string, ModeratedSpread> {
  const moderated = moderate(
    members.map(({ id, kind, own }) => ({
      ...own,
      of: kind,
      load: `${id.level.value} ${id.level.kind}`,
      shared: levelKey(id),
    })),
  );
  return new Map(members.map(({ key }, i) => [key, moderated[i] as ModeratedSpread]));
}

function figuresOf({ standing }: AnalysedCell, pick: PickDistribution, quantile: QuantileName): Map<number, number> {
  return figuresByBlock(samplesByBlock(standing.trials, pick), quantile);
}

function inBothBlocks(one: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>): [number, number][] {
  return [...one].flatMap(([block, a]): [number, number][] => {
    const b = other.get(block);
    return b === undefined ? [] : [[a, b]];
  });
}

/**
 * A pair with an erratic gateway may look steady where both of its blocks were good, or bad, ones. Its ratio varies by what its sides do, then,
 * less what is common to them, which is not taken off.
 */
function noSteadierThan(pair: ModeratedSpread, sides: readonly (ModeratedSpread | null)[]): ModeratedSpread {
  const known = sides.filter((side) => side !== null);
  const erratic = known.filter((side) => side.erratic);
  if (erratic.length === 0) return pair;
  const variance = known.reduce((sum, side) => sum + side.variance, 0);
  if (variance <= pair.variance) return pair;
  return { variance, degrees: Math.min(pair.degrees, ...erratic.map(({ degrees }) => degrees)), erratic: true };
}

/** Null where any is not above 0: there a factor means nothing. */
function logsOf(values: readonly number[]): number[] | null {
  return values.every((value) => value > 0) ? values.map(Math.log) : null;
}

function levelKey({ scenario, level }: CellId): string {
  return cellKey({ target: '', scenario, level });
}

function pairKey(one: CellId, other: CellId): string {
  return [cellKey(one), cellKey(other)].toSorted().join(' | ');
}
