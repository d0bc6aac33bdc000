import type { Manifest } from '../record/manifest.js';
import type { Chart, Drawing } from './charts/chart.js';
import { addedPanel, type PanelKey, panelsOf } from './charts/panels.js';
import type { ReportModel, ScenarioRows } from './model.js';
import { overheadKinds } from './overhead-kinds.js';

const SHOWN_PANELS: readonly PanelKey[] = [
  'added',
  'load',
  'latency',
  'first-token',
  'gap',
  'success',
  'cpu',
  'memory',
];

/** The charts of a scenario over its levels: the diagrams that its picture has too, each with its sentence. */
export function chartsOverLevels(model: ReportModel, scenario: ScenarioRows, manifest: Manifest): Chart[] {
  const panels = [addedPanel(model, scenario), ...panelsOf(model, scenario)];
  const isStream = manifest.scenarios.find(({ name }) => name === scenario.scenario)?.streaming === true;
  return SHOWN_PANELS.flatMap((key): Chart[] => {
    const panel = panels.find((one) => one.key === key);
    const { title, lack } = ABSENT_PANEL[key] ?? {};
    if (panel === undefined)
      return title === undefined || lack === undefined || !isStream
        ? []
        : [{ key, title, sentence: '', level: null, drawing: null, lacks: [lack(manifest)] }];
    const drawing: Drawing = { kind: 'levels', panel };
    const sentence = PANEL_SENTENCE[key]?.(scenario) ?? '';
    return [{ key, title: panel.title, sentence, level: null, drawing, lacks: [] }];
  });
}

/** Streams have these, where a driver sees them. */
const ABSENT_PANEL: Readonly<Partial<Record<PanelKey, { title: string; lack: (manifest: Manifest) => string }>>> = {
  'first-token': { title: 'Time to first token', lack: () => 'No stream of this scenario was timed often enough.' },
  gap: {
    title: 'Gap between tokens',
    lack: ({ driver }) =>
      driver === 'oha'
        ? 'The driver oha does not see gaps between tokens; --driver native does.'
        : 'No stream of this scenario was timed often enough.',
  },
};

const PANEL_SENTENCE: Readonly<Partial<Record<PanelKey, (scenario: ScenarioRows) => string>>> = {
  added: ({ levels }) =>
    `${
      overheadKinds(levels.flatMap(({ rows }) => rows))[0] === 'per-request'
        ? 'What each request took beyond the time that the mock held it, above the same of direct: driver and mock know it by its id. '
        : 'How far each quantile lies above that of the provider itself in the same blocks. '
    }A grey mark cannot be told from direct, whatever its place; the shaded band, what direct’s two visits of a block differ by, says why intervals are as wide as they are. A full dot is p50, a hollow one p99.`,
  load: () =>
    'How much was answered of what was asked for. Requests are sent when they are due, whatever the target does, so that a slow one cannot ' +
    'slow the load; below the line it did not keep up, and its latency is not shown.',
  latency: () =>
    'From when a request was due to its last byte, so that waiting counts; the small dots are the blocks, each with fresh starts, which the ' +
    'intervals stand for.',
  'first-token': () =>
    'From when a stream was due to its first token. Intervals are over blocks, each with fresh starts.',
  gap: () =>
    'Between two tokens as they arrive. A gateway that collects tokens shows a median near nothing and a long tail.',
  success: () =>
    'Complete, correct answers of all that were due. Anything below the line failed, was cut off, or never came.',
  memory: () =>
    'The most that the whole process tree or container held while the load ran, in the block that held most.',
  cpu: () =>
    'CPU time of the whole process tree or container in the measured window, over the requests that were answered in it.',
};
