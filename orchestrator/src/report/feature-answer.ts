import { groupBy } from '../grouping.js';
import type { FeatureCost } from '../record/summary.js';
import { formatShiftsMs } from './format.js';

/** What is said of one feature of a gateway, over all scenarios and levels at which it was measured. */
interface Told {
  readonly gateway: string;
  readonly feature: string;
  readonly state: 'told' | 'alike' | 'without';
  /** Differences of the median that the judge told from the gateway's own, µs. */
  readonly addedUs: readonly number[];
}

/**
 * Few sentences on what features cost at the median: what was told from a gateway's differences from itself, the most first; what was not;
 * and what has no figure though it is offered. The first one begins in lower case.
 * @returns nothing of a run without variants
 */
export function featureAnswer(costs: readonly FeatureCost[]): string[] {
  if (costs.length === 0) return [];
  const offered = costs.filter(({ state }) => state !== 'not-offered');
  const all = [...groupBy(offered, ({ target }) => target).values()].map(toldOf);
  const textsOf = (state: Told['state'], text: (one: Told) => string): string =>
    [...groupBy(ordered(all, state), ({ gateway }) => gateway)]
      .map(([gateway, own]) => `${gateway} ${own.map(text).join(', ')}`)
      .join('; ');
  const told = textsOf('told', ({ feature, addedUs }) => `${feature} ${formatShiftsMs(addedUs)}`);
  const alike = textsOf('alike', ({ feature }) => feature);
  const without = textsOf('without', ({ feature }) => feature);
  return [
    told === ''
      ? 'no feature adds more at the median than its gateway differs by from itself.'
      : `features add at the median: ${told}.`,
    ...(told === '' || alike === '' ? [] : [`No more than the gateway differs by from itself: ${alike}.`]),
    ...(without === '' ? [] : [`Without a figure: ${without}.`]),
  ];
}

function toldOf(costs: readonly FeatureCost[]): Told {
  const [{ gateway, feature } = { gateway: '', feature: '' }] = costs;
  const medians = costs.flatMap(({ addedUs }) => addedUs?.p50 ?? []);
  const addedUs = medians.filter(({ verdict }) => verdict !== 'within-noise').map(({ value }) => value);
  const state = medians.length === 0 ? 'without' : addedUs.length === 0 ? 'alike' : 'told';
  return { gateway, feature, state, addedUs };
}

/** What adds most first; what has no figures as it stands. */
function ordered(all: readonly Told[], state: Told['state']): Told[] {
  const own = all.filter((one) => one.state === state);
  return state === 'told' ? own.toSorted((a, b) => Math.max(...b.addedUs) - Math.max(...a.addedUs)) : own;
}
