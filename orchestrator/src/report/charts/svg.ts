import { CustomChart, LineChart } from 'echarts/charts';
import { GraphicComponent, GridComponent, MarkAreaComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ReportModel, ScenarioRows } from '../model.js';
import { type Picture, pictureOf } from './option.js';
import type { Theme } from './theme.js';

use([CustomChart, LineChart, GridComponent, GraphicComponent, MarkAreaComponent, SVGRenderer]);

/** The picture of a scenario as SVG text; the same text for the same run, and no id in it clashes with another picture's. */
export function renderSvg(model: ReportModel, scenario: ScenarioRows, theme: Theme): string {
  return drawn(pictureOf(model, scenario, theme), `${scenario.scenario}-${theme.name}`);
}

/**
 * Any picture as SVG text.
 * @param prefix of the ids in it; no two pictures of one page may have the same
 */
export function drawn({ option, width, height }: Picture, prefix: string): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(option);
    return withOwnIds(still(chart.renderToSVGString()), prefix);
  } finally {
    chart.dispose();
  }
}

/** Without what the library adds for pointers: nobody hovers over a picture, and it is a third of the text. */
function still(svg: string): string {
  return svg
    .replace(/<style >.*?<\/style>/s, '')
    .replaceAll(/ (?:ecmeta_\w+|class)="[^"]*"/g, '')
    .trimEnd();
}

/** The library numbers charts over the life of the process (`zr3-c0`): ids would depend on what was drawn before. */
function withOwnIds(svg: string, prefix: string): string {
  const ids = new Map<string, string>();
  return svg.replaceAll(/\bzr\d+-[\w-]+/g, (id) => {
    const own = ids.get(id) ?? `${prefix}-${ids.size}`;
    ids.set(id, own);
    return own;
  });
}
