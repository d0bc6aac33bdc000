import type { Summary } from '../../record/summary.js';
import { reportModel } from '../model.js';
import { svgToPng } from './png.js';
import { renderSvg } from './svg.js';
import { type Look, LOOKS } from './theme.js';

/** A file to be written below a run directory. */
export interface ReportFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** What pictures are wanted. */
export interface Pictures {
  readonly png: boolean;
  /** One picture each; that of `light` has no look in its name. */
  readonly looks: readonly Look[];
}

/** One picture a scenario and look, as SVG and, where that is wanted, as PNG. */
export function chartFiles(summary: Summary, { png, looks }: Pictures): ReportFile[] {
  const model = reportModel(summary);
  return model.scenarios.flatMap((scenario) =>
    looks.flatMap((look) => {
      const svg = renderSvg(model, scenario, LOOKS[look]);
      const name = `charts/${scenario.scenario}${look === 'light' ? '' : `-${look}`}`;
      return [{ name: `${name}.svg`, content: svg }, ...(png ? [{ name: `${name}.png`, content: svgToPng(svg) }] : [])];
    }),
  );
}
