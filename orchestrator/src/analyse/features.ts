import { FEATURES, isFeature } from '../catalogue/feature.js';
import { BARE, parseTargetName, targetName } from '../catalogue/target-name.js';
import { cellKey, type CellId } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { FeatureCost } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';
import { judgeFigures, type FigurePair, judgeOverhead, noiseFloorAt } from './overhead.js';
import { seedFor } from './random.js';
import { LATENCY, samplesByBlock } from './samples.js';
import type { AnalysedCell } from './standing.js';
import { totalsOf } from './totals.js';

/** The note of a trial whose variant was seen to do what it is for. */
const ATTESTED = 'feature-attested';

/**
 * What each variant costs against its gateway as it is, in the same blocks, at every scenario and level: by the judge of everything else,
 * with the gateway's own configuration in the place of `direct`, and that configuration measured twice as the noise floor.
 * @returns nothing of a run without variants
 */
export function featuresOf(cells: readonly AnalysedCell[], seed: number): FeatureCost[] {
  return cells
    .filter(({ target }) => target.variant !== undefined && target.variant.name !== BARE)
    .map((cell) => costOf(cell, cells, seedFor(seed, `feature ${cellKey(cell.id)}`)))
    .toSorted((a, b) => placeOf(a.feature) - placeOf(b.feature));
}

/** In the order of the catalogue, other variants behind. */
function placeOf(feature: string): number {
  const at = FEATURES.findIndex(({ name }) => name === feature);
  return at === -1 ? FEATURES.length : at;
}

function costOf(cell: AnalysedCell, cells: readonly AnalysedCell[], seed: number): FeatureCost {
  const { id, target, standing, trials } = cell;
  const { version } = parseTargetName(id.target.split(':', 1)[0] ?? id.target);
  const gateway = targetName({ gateway: target.variant?.of ?? '', variant: null, version });
  const feature = target.variant?.name ?? '';
  const attested = attestedBy(trials);
  const head = {
    gateway,
    feature,
    target: id.target,
    scenario: id.scenario,
    level: id.level,
    ...(attested === null ? {} : { attested }),
  };
  const without = (state: Exclude<FeatureCost['state'], 'ok'>, reason: Reason): FeatureCost => ({
    ...head,
    state,
    reason: { code: reason.code, message: reason.message },
    blocks: 0,
  });
  if (standing.state !== 'ok') {
    const reason = standing.reason ?? { code: standing.state, message: `it is ${standing.state}` };
    if (standing.state === 'absent') return without(reason.code === 'not-offered' ? 'not-offered' : 'absent', reason);
    return without('failed', reason);
  }
  if (attested === null && isFeature(feature))
    return without('absent', {
      code: 'feature-unproved',
      message: 'no trial of it says that the feature was attested',
    });
  const bare = [gateway, targetName({ gateway: target.variant?.of ?? '', variant: BARE, version })].map((name) =>
    usableTrials(cells, { ...id, target: name }),
  );
  if (bare.every((own) => own.length === 0))
    return without('failed', {
      code: 'bare-missing',
      message: `${gateway} as it is has no usable trial to compare with`,
    });
  return { ...head, state: 'ok', ...differences(standing.trials, bare, seed) };
}

function usableTrials(cells: readonly AnalysedCell[], id: CellId): readonly TrialRecord[] {
  const standing = cells.find((cell) => cellKey(cell.id) === cellKey(id))?.standing;
  return standing?.state === 'ok' ? standing.trials : [];
}

function differences(
  own: readonly TrialRecord[],
  bare: readonly (readonly TrialRecord[])[],
  seed: number,
): Pick<FeatureCost, 'blocks' | 'addedUs' | 'cpuUsPerRequest' | 'memoryBytes'> {
  const references = bare.map((trials) => samplesByBlock(trials, LATENCY));
  const pairs = [...samplesByBlock(own, LATENCY)].flatMap(([block, [target]]) => {
    const direct = references.flatMap((reference) => reference.get(block) ?? []);
    return target === undefined || direct.length === 0 ? [] : [{ target, direct }];
  });
  const floor = noiseFloorAt(pairs.map(({ direct }) => direct));
  const { p50, p99 } = judgeOverhead(pairs, floor, seed);
  const figure = (of: 'cpuUsPerRequest' | 'memoryPeakBytes') => judgeFigures(figurePairs(own, bare, of));
  return {
    blocks: pairs.length,
    addedUs: { ...(p50 === undefined ? {} : { p50 }), ...(p99 === undefined ? {} : { p99 }) },
    cpuUsPerRequest: figure('cpuUsPerRequest'),
    memoryBytes: figure('memoryPeakBytes'),
  };
}

function figurePairs(
  own: readonly TrialRecord[],
  bare: readonly (readonly TrialRecord[])[],
  of: 'cpuUsPerRequest' | 'memoryPeakBytes',
): FigurePair[] {
  const figureIn = (trials: readonly TrialRecord[], block: number): number[] => {
    const value = totalsOf(trials.filter((trial) => trial.block === block))[of];
    return value === null ? [] : [value];
  };
  return [...new Set(own.map(({ block }) => block))].flatMap((block) => {
    const [value] = figureIn(own, block);
    const reference = bare.flatMap((trials) => figureIn(trials, block));
    return value === undefined || reference.length === 0 ? [] : [{ value, reference }];
  });
}

/** By what the feature was attested, in the last trial that says so. */
function attestedBy(trials: readonly TrialRecord[]): FeatureCost['attested'] | null {
  const notes = trials.at(-1)?.warnings.filter(({ code }) => code === ATTESTED) ?? [];
  if (notes.length === 0) return null;
  return {
    by: notes.map(({ message }) => message.replace(/^[^:]*: /, '')).join('; '),
    evidence: Object.assign({}, ...notes.map(({ evidence = {} }) => evidence)) as Record<string, number>,
  };
}
