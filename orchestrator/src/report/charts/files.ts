import { soakOf } from '../../analyse/soak.js';
import type { StoredRun } from '../../record/run-directory.js';
import type { Summary } from '../../record/summary.js';
import { reportModel } from '../model.js';
import { soakCharts } from '../soak-charts.js';
import type { Chart } from './chart.js';
import { chartSvg } from './picture.js';
import { svgToPng } from './png.js';
import { renderSvg } from './svg.js';
import { type Look, LOOKS, type Theme } from './theme.js';

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
export function chartFiles(summary: Summary, pictures: Pictures): ReportFile[] {
  const model = reportModel(summary);
  return model.scenarios.flatMap((scenario) =>
    inLooks(scenario.scenario, pictures, (theme) => renderSvg(model, scenario, theme)),
  );
}

/**
 * A chart of a page as pictures; none where it draws nothing.
 * @param name of the files, without look and ending
 */
export function picturesOf(
  name: string,
  chart: Chart,
  pictures: Pictures,
  { targets, of }: { readonly targets: readonly string[]; readonly of: string },
): ReportFile[] {
  return inLooks(name, pictures, (theme) => chartSvg(chart, { targets, theme, of }));
}

/** Memory over a soak as pictures, one a target: `charts/soak-TARGET-SCENARIO.svg`. None of a run that is no soak. */
export function soakPictures(run: StoredRun, summary: Summary, pictures: Pictures): ReportFile[] {
  const { targets, subtitle } = reportModel(summary);
  const soak = soakOf(run);
  return (soak === null ? [] : soakCharts(soak, run.trials, targets)).flatMap(({ scenario, target, chart }) =>
    // A colon, as in crabllm:mine, is refused by what keeps files of a forge's CI.
    picturesOf(`soak-${target.replaceAll(':', '~')}-${scenario}`, chart, pictures, {
      targets,
      of: `${scenario} at ${chart.level} · ${subtitle}`,
    }),
  );
}

/** A picture in each look that is wanted; none where there is nothing to draw. @param name of the files, without look and ending */
export function inLooks(name: string, { png, looks }: Pictures, draw: (theme: Theme) => string | null): ReportFile[] {
  return looks.flatMap((look) => {
    const svg = draw(LOOKS[look]);
    if (svg === null) return [];
    const path = `charts/${name}${look === 'light' ? '' : `-${look}`}`;
    return [{ name: `${path}.svg`, content: svg }, ...(png ? [{ name: `${path}.png`, content: svgToPng(svg) }] : [])];
  });
}
