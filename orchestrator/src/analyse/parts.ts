import type { Level } from '../record/cell.js';
import type { Manifest } from '../record/manifest.js';
import type { SessionTurnRows } from '../record/summary.js';
import { type LedgerRecord, type LoadFigures, NOTHING_MEASURED, type TrialRecord } from '../record/trial.js';
import { judgeLoad } from '../record/validity.js';

/** What is analysed of a run. */
interface Run {
  readonly manifest: Manifest;
  readonly trials: readonly TrialRecord[];
}

type PlannedScenario = Manifest['scenarios'][number];
type MixPart = NonNullable<PlannedScenario['mix']>[number];

/**
 * A run in which every scenario of a mix stands as one of its own behind the mix, at its share of the rate, so that it has figures as any
 * other. What belongs to the trial as a whole (resources, findings) stays with the mix.
 */
export function withParts({ manifest, trials }: Run): Run {
  if (manifest.scenarios.every(({ mix }) => mix === undefined)) return { manifest, trials };
  const mixes = new Map(manifest.scenarios.map((scenario) => [scenario.name, scenario]));
  return {
    manifest: {
      ...manifest,
      scenarios: manifest.scenarios.flatMap((scenario) => [scenario, ...partsOf(scenario)]),
    },
    trials: trials.flatMap((trial) => [trial, ...partTrials(trial, mixes.get(trial.scenario))]),
  };
}

function partsOf({ name, levels, mix = [] }: PlannedScenario): PlannedScenario[] {
  return mix.map((part) => ({
    name: partName(name, part.scenario),
    streaming: part.streaming,
    expectedErrorShare: part.expectedErrorShare,
    levels: distinct(levels.map((level) => partLevel(level, part, mix))),
  }));
}

/** Sessions at each level: the rows in which the turns of theirs are told, in their order. Empty of a run without. */
export function sessionsOf({ scenarios }: Manifest): SessionTurnRows[] {
  return scenarios.flatMap(({ name, levels, mix = [] }) => {
    const told = mix.flatMap((part) => {
      const { turns, bytes } = part;
      return turns === undefined || bytes === undefined ? [] : [{ part, turns, bytes }];
    });
    if (told.length === 0) return [];
    return levels.map((level) => ({
      scenario: name,
      level,
      rows: told.map(({ part, turns, bytes }) => ({
        scenario: partName(name, part.scenario),
        level: partLevel(level, part, mix),
        turns,
        bytes,
      })),
    }));
  });
}

function partTrials(trial: TrialRecord, planned: PlannedScenario | undefined): TrialRecord[] {
  const mix = planned?.mix ?? [];
  return mix.map((part) => {
    const { scenario } = part;
    const level = partLevel(trial.level, part, mix);
    const load = trial.load?.parts?.find(({ name }) => name === scenario)?.load ?? null;
    return {
      ...trial,
      ...(load === null ? {} : ownFailure(trial, load, level, part)),
      ...NOTHING_MEASURED,
      scenario: partName(trial.scenario, scenario),
      level,
      warnings: [],
      load,
      ledger: partLedger(trial.ledger, scenario),
    };
  });
}

/**
 * Errors of one part may be too few to fail the whole, or hide behind those that another part expects. Whether the rate was kept is known
 * of the whole alone, unless each part has a schedule of its own.
 */
function ownFailure(
  { state }: TrialRecord,
  load: LoadFigures,
  level: Level,
  { expectedErrorShare, rps }: Pick<MixPart, 'expectedErrorShare' | 'rps'>,
) {
  // A rare one may not be drawn in a trial: nothing was due, and nothing failed.
  if (state === 'void' || load.scheduled === 0) return {};
  const judged = judgeLoad(load, level, expectedErrorShare);
  const isOwn = judged.state === 'failed' || (judged.state === 'saturated' && rps !== undefined);
  return isOwn ? judged : {};
}

/** What is found of single requests is told of the mix, and not again of its parts. */
const NOTHING_FOUND = {
  missing: 0,
  repeated: { requests: 0, attempts: 0 },
  strange: 0,
  aborts: { givenUp: 0, passedOn: 0, passedOnUs: null, wastedFrames: 0 },
  buffered: { streams: 0, examples: [] },
  upstreamConnections: null,
};

function partLedger(ledger: LedgerRecord | null, scenario: string): LedgerRecord | null {
  const figures = ledger?.parts?.find(({ name }) => name === scenario)?.ledger;
  if (ledger === null || figures === undefined) return null;
  const { sharedClock, overwritten } = ledger;
  return { ...figures, ...NOTHING_FOUND, sharedClock, overwritten };
}

/** What a part of a scenario is called where it stands as a scenario of its own. */
export function partName(mix: string, scenario: string): string {
  return `${mix}-${scenario}`;
}

/** In a closed loop each place in flight takes all kinds as they are drawn, and none has a share of the places. */
function partLevel(
  { kind, value }: Level,
  { weight, rps }: Pick<MixPart, 'weight' | 'rps'>,
  mix: readonly { readonly weight: number }[],
): Level {
  if (rps !== undefined) return { kind, value: rps === 'level' ? value : rps };
  const share = weight / mix.reduce((sum, part) => sum + part.weight, 0);
  return { kind, value: kind === 'rps' ? Number((value * share).toPrecision(4)) : value };
}

/** A part with a rate of its own has it at every level. */
function distinct(levels: readonly Level[]): Level[] {
  return levels.filter(({ value }, i) => levels.findIndex((level) => level.value === value) === i);
}
