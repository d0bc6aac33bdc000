import { analyse } from '../analyse/analyse.js';
import { medianOf } from '../analyse/student.js';
import type { Certificate, ErraticCell, Outcome } from '../certificate/certificate.js';
import { type CellId, cellKey, formatLevel } from '../record/cell.js';
import type { StoredRun } from '../record/run-directory.js';
import type { Summary } from '../record/summary.js';
import { headlineOf } from './headline.js';
import { type KnownTrial, knownTrials } from './known-trials.js';
import type { PlantedRecord } from './planted-record.js';
import { ERRATIC, STEADY } from './relays.js';

/** What became of an erratic target beside two steady ones. */
export type ErraticResult = NonNullable<Certificate['erratic']>;

/**
 * Planted medians of its starts this far apart have to be found. A finding asks for a factor of four in what is measured, in which there is what
 * a relay takes without a delay as well: some 1 ms, so that a factor of six above the least delay of 1.5 ms is one of four.
 */
const PLANTED_APART = 6;

/**
 * Whether an erratic target is told to be what it is: above `direct`, erratic, and no reason for not telling others apart. The suite's own
 * verdicts, by the ordinary way; what was planted says where the finding has to be raised.
 */
export function judgeErratic(run: StoredRun, planted: PlantedRecord): ErraticResult {
  const summary = analyse(run.manifest, run.trials);
  const known = knownTrials(run.trials, planted).filter(({ trial }) => trial.target === ERRATIC.name);
  const cells = run.manifest.scenarios.flatMap(({ name: scenario, levels }) =>
    levels.map((level) => cellOf({ target: ERRATIC.name, scenario, level }, summary, known)),
  );
  return { outcome: outcomeOf(cells), blocks: run.manifest.blocks, cells };
}

/** Everything that was missed, one sentence each. */
export function missesOfErratic({ cells }: ErraticResult): string[] {
  const [faster, slower] = STEADY;
  return cells.flatMap(({ scenario, level, plantedUs, planted, above, apart, named, accused, silent }) => {
    const at = `${scenario} at ${formatLevel(level)}`;
    if (silent.length > 0) return silent.map((name) => `nothing usable was measured of ${name}, ${at}`);
    const range =
      plantedUs === null ? '' : `, its starts ${Math.round(plantedUs.low)} to ${Math.round(plantedUs.high)} µs`;
    return [
      ...(above ? [] : [`not told to be above direct: ${ERRATIC.name}, ${at}${range}`]),
      ...(apart ? [] : [`not told apart beside an erratic one: ${faster.name} and ${slower.name}, ${at}`]),
      ...(planted && !named ? [`not called erratic: ${ERRATIC.name}, ${at}${range}`] : []),
      ...accused.map((name) => `called erratic though it is steady: ${name}, ${at}`),
    ];
  });
}

function cellOf(id: CellId, summary: Summary, known: readonly KnownTrial[]): ErraticCell {
  const { scenario, level } = id;
  const plantedUs = rangeOf(known.filter(({ trial }) => cellKey(trial) === cellKey(id)));
  const own = summary.cells.find((cell) => cellKey(cell) === cellKey(id));
  const [faster, slower] = STEADY;
  const here = (other: Omit<CellId, 'target'>): boolean => cellKey({ ...other, target: id.target }) === cellKey(id);
  const ranking = summary.ranking.find((candidate) => candidate.quantile === 'p50' && here(candidate));
  const called = summary.findings.flatMap(({ code, target, ...at }) =>
    code === 'erratic' &&
    target !== null &&
    at.scenario === scenario &&
    at.level !== null &&
    here({ scenario, level: at.level })
      ? [target]
      : [],
  );
  return {
    scenario,
    level,
    plantedUs,
    planted: plantedUs !== null && plantedUs.high >= PLANTED_APART * plantedUs.low,
    above: own !== undefined && headlineOf(own, summary)?.shift.p50?.verdict === 'above',
    apart:
      ranking?.pairs.some((pair) => pair.told && pair.faster === faster.name && pair.slower === slower.name) === true,
    named: called.includes(ERRATIC.name),
    accused: STEADY.map(({ name }) => name).filter((name) => called.includes(name)),
    silent: summary.cells.flatMap(({ target, state, ...at }) => (here(at) && state !== 'ok' ? [target] : [])),
  };
}

function rangeOf(known: readonly KnownTrial[]): ErraticCell['plantedUs'] {
  if (known.length === 0) return null;
  const medians = known.map(({ planted }) => Math.round(medianOf(planted.meantUs)));
  return { low: Math.min(...medians), high: Math.max(...medians) };
}

/** Too few where luck planted alike starts in every cell: then nothing shows whether the finding would have been raised. */
function outcomeOf(cells: readonly ErraticCell[]): Outcome {
  const good = cells.every(
    ({ silent, above, apart, planted, named, accused }) =>
      silent.length === 0 && above && apart && accused.length === 0 && (named || !planted),
  );
  if (!good) return 'missed';
  return cells.some(({ planted }) => planted) ? 'passed' : 'too-few';
}
