import type { Summary } from '../../record/summary.js';
import { reportModel } from '../model.js';
import { svgToPng } from './png.js';
import { renderSvg } from './svg.js';
import { THEMES } from './theme.js';

/** A file to be written below a run directory. */
export interface ReportFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** One picture a scenario, as SVG and as PNG. */
export function chartFiles(summary: Summary): ReportFile[] {
  const model = reportModel(summary);
  return model.scenarios.flatMap((scenario) => {
    const svg = renderSvg(model, scenario, THEMES.light);
    const name = `charts/${scenario.scenario}`;
    return [
      { name: `${name}.svg`, content: svg },
      { name: `${name}.png`, content: svgToPng(svg) },
    ];
  });
}
