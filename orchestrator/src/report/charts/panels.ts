import type { CellSummary, Estimate, OverheadKind } from '../../record/summary.js';
import { drawnInterval, formatMiB, formatMs, formatNumber, formatShare } from '../format.js';
import { askedRps, type ReportModel, type ScenarioRows } from '../model.js';
import { addedFloorUs, OVERHEAD_NAME, overheadKinds, overheadOf } from '../overhead-kinds.js';

/** What stands in the place of one target at one level. */
export interface Slot {
  /** Its index in plan order. */
  readonly target: number;
  /** What it rests on: `1500 requests in 3 blocks`; empty without figures. */
  readonly basis: string;
  /** The panel's quantity, in its unit. */
  readonly value: Estimate | null;
  /** A second quantity of the same unit, drawn hollow. */
  readonly tail: Estimate | null;
  /** The quantity in each block by itself, small beside the value. */
  readonly blocks: readonly number[];
  /** Those of its quantities that cannot be told from `direct`, drawn in grey; left out where all are told or nothing is compared. */
  readonly untold?: readonly ('p50' | 'p99')[];
  /** Written along the slot in place of figures, for example `saturated`. */
  readonly note: string | null;
  /** Written above the bar. */
  readonly label: string | null;
}

export type PanelKey =
  | 'latency'
  | 'added'
  | 'overhead'
  | 'first-token'
  | 'gap'
  | 'curve'
  | 'load'
  | 'success'
  | 'memory'
  | 'cpu';

/** One diagram: levels along x, targets side by side within a level. */
export interface Panel {
  /** What it shows, whatever it is called. */
  readonly key: PanelKey;
  readonly title: string;
  readonly unit: string;
  /** A curve goes through the levels at their places on a log axis: p50 as a line, p99 as a dashed one. */
  readonly look: 'points' | 'bars' | 'curve';
  /** A log axis is for positive values that span far. */
  readonly scale: 'linear' | 'log';
  readonly levels: readonly {
    readonly label: string;
    /** Of the level, in its unit. */
    readonly value: number;
    readonly slots: readonly Slot[];
    readonly floor: number | null;
  }[];
  /** A line across, for example 100 %. */
  readonly line: number | null;
}

/** The diagrams of a scenario, two in a row: latency and overhead, what streams add, load and memory. CPU fills a place left empty. */
export function panelsOf(model: ReportModel, scenario: ScenarioRows): Panel[] {
  const cells = scenario.levels.flatMap(({ rows }) => rows);
  const panels = [
    latencyPanel(model, scenario),
    perRequestThroughout(scenario) ? perRequestPanel(model, scenario) : shiftPanel(model, scenario),
    ...(cells.some(({ ttftUs }) => ttftUs?.p50 !== undefined) ? [firstTokenPanel(model, scenario)] : []),
    ...(cells.some(({ gapUs }) => gapUs?.p50 !== undefined) ? [gapPanel(model, scenario)] : []),
    ...(hasCurve(scenario) ? [curvePanel(model, scenario)] : []),
    loadPanel(model, scenario),
    ...(cells.some(failsSome) ? [successPanel(model, scenario)] : []),
    ...(cells.some(({ memoryPeakBytes }) => memoryPeakBytes !== null) ? [memoryPanel(model, scenario)] : []),
  ];
  const cpuKnown = cells.some(({ cpuUsPerRequest }) => cpuUsPerRequest !== null);
  const filled = panels.length % 2 === 1 && cpuKnown ? [...panels, cpuPanel(model, scenario)] : panels;
  return filled.map(withScale);
}

function latencyPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel('latency', 'Latency, p50 (dots: each block) and p99', 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(cell.latencyUs.p50),
    tail: inMs(cell.latencyUs.p99),
    blocks: cell.perBlock.flatMap(({ p50Us }) => toMs(p50Us) ?? []),
    note: atAchieved(cell) ?? noteOf(cell),
  }));
}

/** One diagram holds one quantity: with a cell that has no ledger all are drawn as shifts. */
function perRequestThroughout({ levels }: ScenarioRows): boolean {
  return !overheadKinds(levels.flatMap(({ rows }) => rows)).includes('quantile-shift');
}

function perRequestPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel('overhead', 'Per-request overhead, p50 and p99', 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(cell.perRequest?.overheadUs.p50),
    tail: inMs(cell.perRequest?.overheadUs.p99),
    ...untoldOf(cell, 'per-request'),
    note: noteOf(cell),
  }));
}

function shiftPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  const drawn = panel('overhead', 'Overhead against direct, shift of p50', 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(cell.overheadUs?.p50),
    ...untoldOf(cell, 'quantile-shift'),
    note: cell.overheadUs === undefined ? null : noteOf(cell),
  }));
  // Direct has no overhead; its slot would be an empty place.
  const levels = drawn.levels.map((level, i) => ({
    ...level,
    slots: level.slots.filter(({ target }) => hasOverhead(scenario, i, model.targets[target])),
    floor: toMs(scenario.levels[i]?.noiseFloor?.p50Us ?? null),
  }));
  return { ...drawn, levels };
}

/** What each target adds to `direct`, as the tables and the judge have it, with what direct and direct differ by. */
export function addedPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  const [kind = 'quantile-shift'] = overheadKinds(scenario.levels.flatMap(({ rows }) => rows));
  const title = `Added to direct, p50 and p99 (${OVERHEAD_NAME[kind]})`;
  const drawn = panel('added', title, 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(overheadOf(cell, kind, 'p50')?.estimate),
    tail: inMs(overheadOf(cell, kind, 'p99')?.estimate),
    ...untoldOf(cell, kind),
    note: noteOf(cell),
  }));
  const levels = drawn.levels.map((level, i) => {
    const of = scenario.levels[i];
    return {
      ...level,
      slots: level.slots.filter(({ target }) => model.targets[target] !== 'direct'),
      floor: toMs(of === undefined ? null : addedFloorUs(kind, of, 'p50')),
    };
  });
  return withScale({ ...drawn, levels });
}

/** By the verdict alone, as everywhere: where a figure lies beside the noise floor decides nothing. */
function untoldOf(cell: CellSummary, kind: OverheadKind): Pick<Slot, 'untold'> {
  const untold = (['p50', 'p99'] as const).filter((name) => overheadOf(cell, kind, name)?.verdict === 'within-noise');
  return untold.length === 0 ? {} : { untold };
}

function hasOverhead({ levels }: ScenarioRows, level: number, target: string | undefined): boolean {
  return levels[level]?.rows.find((cell) => cell.target === target)?.overheadUs !== undefined;
}

function firstTokenPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel('first-token', 'Time to first token, p50 and p99', 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(cell.ttftUs?.p50),
    tail: inMs(cell.ttftUs?.p99),
    note: noteOf(cell),
  }));
}

function gapPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel('gap', 'Gap between tokens, p50 and p99', 'ms', 'points', model, scenario, (cell) => ({
    value: inMs(cell.gapUs?.p50),
    tail: inMs(cell.gapUs?.p99),
    note: noteOf(cell),
  }));
}

function loadPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  const open = scenario.levels.every(({ level }) => level.kind === 'rps');
  const title = open ? 'Achieved share of the load asked for' : 'Finished per second';
  const drawn = panel('load', title, open ? '%' : '1/s', 'bars', model, scenario, (cell) => {
    const { achievedRps } = cell;
    if (achievedRps === null) return { note: noteOf(cell) };
    const asked = askedRps(cell);
    const share = asked === null ? achievedRps : (100 * achievedRps) / asked;
    return {
      value: exactly(share),
      label: cell.state === 'saturated' || !open ? `${formatNumber(achievedRps)}${open ? '/s' : ''}` : null,
    };
  });
  return { ...drawn, line: open ? 100 : null };
}

/** Some target has a latency at two levels of one kind. */
function hasCurve({ levels }: ScenarioRows): boolean {
  const known = levels.filter(({ rows }) => rows.some(({ latencyUs }) => latencyUs.p50 !== undefined));
  return known.length > 1 && new Set(levels.map(({ level }) => level.kind)).size === 1;
}

function curvePanel(model: ReportModel, scenario: ScenarioRows): Panel {
  const over = scenario.levels[0]?.level.kind === 'streams' ? 'number in flight' : 'rate';
  const drawn = panel(
    'curve',
    `Latency over the ${over}, p50 and p99`,
    'ms',
    'curve',
    model,
    scenario,
    ({ latencyUs }) => ({
      value: inMs(latencyUs.p50),
      tail: inMs(latencyUs.p99),
    }),
  );
  return { ...drawn, levels: drawn.levels.toSorted((a, b) => a.value - b.value) };
}

function failsSome({ state, successRate }: CellSummary): boolean {
  return state !== 'absent' && successRate !== null && successRate < 1;
}

/** Only where there is something to see: of all requests that were due. */
function successPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  const drawn = panel('success', 'Complete, correct answers', '%', 'bars', model, scenario, (cell) =>
    cell.successRate === null
      ? { note: cell.state === 'ok' ? null : cell.state }
      : {
          value: exactly(100 * cell.successRate),
          label: failsSome(cell) ? formatShare(cell.successRate) : null,
        },
  );
  return { ...drawn, line: 100 };
}

function memoryPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel(
    'memory',
    model.memory === 'peak' ? 'Peak memory' : 'Memory behind the load',
    'MiB',
    'bars',
    model,
    scenario,
    ({ memoryPeakBytes, ...cell }) =>
      memoryPeakBytes === null
        ? { note: cell.state === 'ok' ? 'unknown' : cell.state }
        : { value: exactly(memoryPeakBytes / 1024 ** 2), label: formatMiB(memoryPeakBytes) },
  );
}

function cpuPanel(model: ReportModel, scenario: ScenarioRows): Panel {
  return panel('cpu', 'CPU time a request', 'µs', 'bars', model, scenario, ({ cpuUsPerRequest, ...cell }) =>
    cpuUsPerRequest === null
      ? { note: cell.state === 'ok' ? 'unknown' : cell.state }
      : { value: exactly(cpuUsPerRequest), label: formatNumber(cpuUsPerRequest) },
  );
}

function panel(
  key: PanelKey,
  title: string,
  unit: string,
  look: Panel['look'],
  { targets, absentTargets }: ReportModel,
  { levels }: ScenarioRows,
  slotOf: (cell: CellSummary) => Partial<Slot>,
): Panel {
  const shown = targets.flatMap((name, target) =>
    absentTargets.some((absent) => absent.target === name) ? [] : [{ name, target }],
  );
  return {
    key,
    title,
    unit,
    look,
    scale: 'linear',
    line: null,
    levels: levels.map(({ label, level, rows }) => ({
      label,
      value: level.value,
      floor: null,
      slots: shown.map(({ name, target }) => {
        const cell = rows.find((row) => row.target === name);
        return { target, basis: basisOf(cell), ...NOTHING, ...(cell === undefined ? {} : slotOf(cell)) };
      }),
    })),
  };
}

function basisOf(cell: CellSummary | undefined): string {
  if (cell === undefined || cell.requests === 0) return '';
  return `${cell.requests} requests in ${cell.blocks} ${cell.blocks === 1 ? 'block' : 'blocks'}`;
}

const NOTHING = { value: null, tail: null, blocks: [], note: null, label: null } as const;

function noteOf({ state, latencyUs }: CellSummary): string | null {
  if (state !== 'ok') return state;
  return latencyUs.p50 === undefined ? 'too few' : null;
}

function atAchieved({ latencyAtAchievedUs, achievedRps }: CellSummary): string | null {
  const p50 = latencyAtAchievedUs?.p50;
  return p50 === undefined || achievedRps === null
    ? null
    : `saturated: ${formatMs(p50.value)} ms at ${formatNumber(achievedRps)}/s`;
}

/** Beyond this ratio a linear axis hides the small. */
const WIDEST_LINEAR = 12;

function withScale(drawn: Panel): Panel {
  const bounds = drawn.levels.flatMap(({ slots }) =>
    slots.flatMap(({ value, tail }) => [value, tail].flatMap((estimate) => estimate ?? [])),
  );
  const lows = bounds.map(({ low }) => low);
  const wide = Math.max(...bounds.map(({ high }) => high)) > WIDEST_LINEAR * Math.min(...lows);
  return {
    ...drawn,
    scale: drawn.look !== 'bars' && lows.every((low) => low > 0) && (wide || drawn.look === 'curve') ? 'log' : 'linear',
  };
}

function inMs(estimate: Estimate | undefined): Estimate | null {
  if (estimate === undefined) return null;
  const { value, low, high } = drawnInterval(estimate);
  return { value: value / 1000, low: low / 1000, high: high / 1000 };
}

function toMs(valueUs: number | null): number | null {
  return valueUs === null ? null : valueUs / 1000;
}

function exactly(value: number): Estimate {
  return { value, low: value, high: value };
}
