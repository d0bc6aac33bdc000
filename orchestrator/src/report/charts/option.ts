import type { EChartsCoreOption } from 'echarts';
import type { ReportModel, ScenarioRows } from '../model.js';
import { FONT } from './draw.js';
import { footTop, LEGEND, LINE_HEIGHT, MARGIN, plotArea, WIDTH } from './layout.js';
import { footLines, type Graphic, heading, key, legendEntries, text } from './legend.js';
import { panelSeries, panelXAxis, panelYAxis } from './panel-series.js';
import { type Panel, panelsOf } from './panels.js';
import { marksOf, type Theme } from './theme.js';

/** What echarts draws for a scenario: heading, legend, four diagrams, and what is absent. */
export interface Picture {
  readonly option: EChartsCoreOption;
  readonly width: number;
  readonly height: number;
}

/** Lays out the picture of a scenario. */
export function pictureOf(model: ReportModel, scenario: ScenarioRows, theme: Theme): Picture {
  const panels = panelsOf(model, scenario);
  const head = heading(model, scenario, theme);
  const legendY = LEGEND.top + head.more;
  const marks = legendEntries(model, legendY, theme);
  const keyY = legendY + marks.rows * LEGEND.rowHeight;
  const top = keyY + LEGEND.toPlots;
  const foot = footLines(model);
  const footY = footTop(panels.length, top);
  const height = footY + foot.length * LINE_HEIGHT + (foot.length === 0 ? -10 : 14);
  return {
    width: WIDTH,
    height,
    option: {
      animation: false,
      backgroundColor: theme.canvas ?? theme.background,
      textStyle: { fontFamily: FONT, color: theme.ink },
      grid: panels.map((_, i) => plotArea(i, top)),
      xAxis: panels.map((panel, i) => panelXAxis(panel, i, theme)),
      yAxis: panels.map((panel, i) => panelYAxis(panel, i, theme)),
      series: panels.map((panel, i) => panelSeries(panel, i, plotArea(i, top), marksOf(model.targets, theme), theme)),
      graphic: [
        ...head.drawn,
        ...marks.drawn,
        ...key(
          keyY,
          {
            withFloor: panels.some(({ levels }) => levels.some(({ floor }) => floor !== null)),
            withUntold: panels.some(({ levels }) =>
              levels.some(({ slots }) => slots.some(({ untold }) => untold !== undefined)),
            ),
          },
          theme,
        ),
        ...panels.map((panel, i) => panelTitle(panel, i, top, theme)),
        ...foot.map((line, i) => text(line, MARGIN, footY + i * LINE_HEIGHT, { size: 12, fill: theme.muted })),
      ],
    },
  };
}

function panelTitle({ title, unit, scale }: Panel, index: number, plotsTop: number, theme: Theme): Graphic {
  const { left, top } = plotArea(index, plotsTop);
  const scaled = scale === 'log' ? `${unit}, log scale` : unit;
  return text(`${title} (${scaled})`, left - 30, top - 20, { size: 14, fill: theme.ink, bold: true });
}
