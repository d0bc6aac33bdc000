import { CustomChart, LineChart } from 'echarts/charts';
import { DataZoomInsideComponent, GraphicComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsType, init, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import type { Drawing } from '../src/report/charts/chart.js';
import { chartOption, type ChartSetting, heightOf } from '../src/report/charts/chart-option.js';
import { PICTURE } from '../src/report/charts/picture-size.js';

use([
  CanvasRenderer,
  CustomChart,
  DataZoomInsideComponent,
  GraphicComponent,
  GridComponent,
  LineChart,
  SVGRenderer,
  TooltipComponent,
]);

/** A live chart in an element. */
export function drawIn(place: HTMLElement, drawing: Drawing, setting: Omit<ChartSetting, 'isLive'>): EChartsType {
  const chart = init(place, null, { renderer: 'svg', width: setting.width, height: setting.height });
  chart.setOption(chartOption(drawing, { ...setting, isLive: true }));
  return chart;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The size of a picture that is taken away, in pixels: that of the command line's. */
function sizeOf(drawing: Drawing, heading: readonly string[]): Size {
  return { width: PICTURE.width, height: heightOf(drawing, PICTURE.height) + heading.length * PICTURE.lineHeight };
}

/** A chart by itself as SVG. */
export function svgOf(drawing: Drawing, setting: Omit<ChartSetting, 'isLive' | 'width' | 'height'>): string {
  const size = sizeOf(drawing, setting.heading);
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption(chartOption(drawing, { ...setting, ...size, isLive: false }));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** The same as PNG, two dots a pixel. */
export async function pngOf(
  drawing: Drawing,
  setting: Omit<ChartSetting, 'isLive' | 'width' | 'height'>,
): Promise<Blob> {
  const size = sizeOf(drawing, setting.heading);
  const chart = init(document.createElement('div'), null, { renderer: 'canvas', ...size });
  try {
    chart.setOption(chartOption(drawing, { ...setting, ...size, isLive: false }));
    const canvas = chart.renderToCanvas({ pixelRatio: 2 });
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture came of the chart')) : resolve(blob)));
    });
  } finally {
    chart.dispose();
  }
}
