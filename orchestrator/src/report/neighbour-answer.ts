import { formatLevel } from '../record/cell.js';
import { groupBy } from '../grouping.js';
import type { NeighbourEffect } from '../record/summary.js';
import { formatShiftMs } from './format.js';
import { listed } from './listed.js';

/**
 * By how much neighbours move the short chats of others, a sentence a neighbour and level: by p99 where the samples carry it, else by p50.
 * The first one begins in lower case.
 * @returns nothing of a run without neighbours
 */
export function neighbourAnswer(effects: readonly NeighbourEffect[]): string[] {
  const groups = groupBy(effects, ({ neighbour, level }) => `${neighbour} at ${formatLevel(level)} of short chats`);
  return [...groups].map(([beside, own], i) => `${i === 0 ? 'beside' : 'Beside'} ${beside}, ${sentence(own)}.`);
}

function sentence(effects: readonly NeighbourEffect[]): string {
  const quantile = effects.some(({ movedUs }) => movedUs?.p99 !== undefined) ? 'p99' : 'p50';
  const known = effects.flatMap(({ target, movedUs }) => {
    const moved = movedUs?.[quantile];
    return moved === undefined ? [] : [{ target, moved }];
  });
  const moved = known
    .filter(({ moved: { verdict } }) => verdict !== 'within-noise')
    .map(({ target, moved: { value } }) => `${target} by ${formatShiftMs(value)} ms`);
  const still = known.filter(({ moved: { verdict } }) => verdict === 'within-noise').map(({ target }) => target);
  const without = effects.map(({ target }) => target).filter((target) => !known.some((one) => one.target === target));
  const parts = [
    moved.length === 0 ? `nobody's ${quantile} moves` : `the ${quantile} of others moves at ${listed(moved)}`,
    ...(moved.length === 0 || still.length === 0 ? [] : [`${listed(still)} as without`]),
    ...(without.length === 0 ? [] : [`of ${listed(without)} it is not known`]),
  ];
  return parts.join('; ');
}
