import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { EChartsType } from 'echarts/core';
import type { Chart, Drawing } from '../src/report/charts/chart.js';
import { heightOf } from '../src/report/charts/chart-option.js';
import { tableOf } from '../src/report/charts/chart-words.js';
import { type Choice, chosenOf } from '../src/report/charts/chosen.js';
import { THEMES, type Theme } from '../src/report/charts/theme.js';
import { save } from './downloads.js';
import { drawIn, pngOf, svgOf } from './drawing.js';
import { useZoom, type Zoom } from './view-state.js';

interface FigureProps {
  readonly chart: Chart;
  /** What the chart is of; begins the names of its files. */
  readonly scenario: string;
  readonly names: readonly string[];
  readonly theme: Theme;
  readonly choice: Choice;
  readonly run: string;
  /** What stands behind the chart, made when it is asked for; left out: its figures as they are drawn. */
  readonly table?: () => JSX.Element;
}

/** A chart with its words, its files, its figures and what it lacks. */
export function ChartFigure({ chart, scenario, names, theme, choice, run, table }: FigureProps): JSX.Element {
  const chosen = names.map((_, target) => choice.shows(target)).join();
  const drawing = useMemo(
    () => (chart.drawing === null ? null : chosenOf(chart.drawing, choice)),
    [chart, chosen, choice.quantiles.join()],
  );
  const heading = [chart.title, [scenario, chart.level, `run ${run}`].filter((part) => part !== null).join(' · ')];
  const file = [scenario, chart.level, chart.key]
    .filter((part) => part !== null)
    .join('-')
    .replaceAll(/[^\w.-]+/g, '-');
  const picture = { targets: names, theme: THEMES.light, heading };
  return (
    <figure class="chart" aria-label={`${chart.title}, ${heading[1] ?? ''}`}>
      <figcaption>
        <b>{chart.title}</b> {chart.sentence}
      </figcaption>
      {drawing === null ? (
        <p class="absent">{chart.drawing === null ? 'Not there.' : 'Nothing of what is chosen is in this chart.'}</p>
      ) : (
        <>
          <Drawn
            {...{ drawing, names, theme, name: file, label: `${chart.title}. The figures are in the table below.` }}
          />
          <div class="chart-tools">
            <button type="button" onClick={() => save(`${file}.svg`, 'image/svg+xml', svgOf(drawing, picture))}>
              SVG
            </button>{' '}
            <button
              type="button"
              onClick={() => void pngOf(drawing, picture).then((png) => save(`${file}.png`, 'image/png', png))}
            >
              PNG
            </button>
          </div>
          {table === undefined ? <Behind content={() => <Figures drawing={drawing} names={names} />} /> : null}
        </>
      )}
      {table === undefined ? null : <Behind content={table} />}
      {chart.lacks.length === 0 ? null : (
        <ul class="lacks">
          {chart.lacks.map((lack) => (
            <li key={lack}>{lack}</li>
          ))}
        </ul>
      )}
    </figure>
  );
}

interface DrawnProps {
  /** Of the chart on the page. */
  readonly name: string;
  readonly drawing: Drawing;
  readonly names: readonly string[];
  readonly theme: Theme;
  readonly label: string;
}

const LEAST_HEIGHT = 320;

/** The drawing itself, once it comes near the window: a page of a whole plan has hundreds. */
function Drawn({ drawing, names, theme, name, label }: DrawnProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  const [width, setWidth] = useState(0);
  const [zoom, keepZoom] = useZoom(name);
  const height = heightOf(drawing, LEAST_HEIGHT);
  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const measure = (): void => setWidth(Math.floor(element.clientWidth));
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) measure();
      },
      { rootMargin: '600px' },
    );
    const size = new ResizeObserver(() => {
      if (chart.current !== null) measure();
    });
    near.observe(element);
    size.observe(element);
    addEventListener('beforeprint', measure);
    return () => {
      near.disconnect();
      size.disconnect();
      removeEventListener('beforeprint', measure);
    };
  }, []);
  useEffect(() => {
    if (width === 0) return undefined;
    const element = place.current as HTMLDivElement;
    const drawn = drawIn(element, drawing, { width, height, targets: names, theme, heading: [] });
    chart.current = drawn;
    showPart(drawn, zoom);
    let resting: ReturnType<typeof setTimeout>;
    drawn.on('datazoom', () => {
      clearTimeout(resting);
      resting = setTimeout(() => keepZoom(partOf(drawn)), ZOOM_RESTS_MS);
    });
    return () => {
      clearTimeout(resting);
      drawn.dispose();
      chart.current = null;
    };
  }, [width, height, theme, drawing]);
  useEffect(() => {
    if (chart.current !== null) showPart(chart.current, zoom);
  }, [zoom.start, zoom.end]);
  const zoomBy = (factor: number): void => {
    if (chart.current !== null) keepZoom(zoomed(partOf(chart.current), factor));
  };
  return (
    <>
      <div ref={place} class="drawn" role="img" aria-label={label} style={{ height: `${height}px` }} />
      {drawing.kind === 'lines' ? (
        <div class="zoom">
          <button type="button" onClick={() => zoomBy(0.5)}>
            closer
          </button>{' '}
          <button type="button" onClick={() => zoomBy(2)}>
            wider
          </button>{' '}
          <button type="button" onClick={() => zoomBy(Number.POSITIVE_INFINITY)}>
            all
          </button>
        </div>
      ) : null}
    </>
  );
}

/** Browsers refuse an address that changes with each turn of a wheel. */
const ZOOM_RESTS_MS = 250;

/** The part that is shown of a chart. */
function partOf(chart: EChartsType): Zoom {
  const { dataZoom } = chart.getOption() as { dataZoom?: Partial<Zoom>[] };
  const { start = 0, end = 100 } = dataZoom?.[0] ?? {};
  return { start, end };
}

/** Nothing where it is that already. */
function showPart(chart: EChartsType, { start, end }: Zoom): void {
  const shown = partOf(chart);
  if (shown.start !== start || shown.end !== end) chart.dispatchAction({ type: 'dataZoom', start, end });
}

/** About the middle of what is shown. */
function zoomed({ start, end }: Zoom, factor: number): Zoom {
  const half = Math.min(50, ((end - start) * factor) / 2);
  const middle = Math.min(100 - half, Math.max(half, (start + end) / 2));
  return { start: middle - half, end: middle + half };
}

/** What stands behind a drawing; made when it is asked for. */
function Behind({ content }: { readonly content: () => JSX.Element }): JSX.Element {
  const [open, setOpen] = useState(false);
  return (
    <details class="figures" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>figures</summary>
      {open ? (
        <div class="wide" tabIndex={0} role="group" aria-label="figures of the chart">
          {content()}
        </div>
      ) : null}
    </details>
  );
}

function Figures({ drawing, names }: { readonly drawing: Drawing; readonly names: readonly string[] }): JSX.Element {
  const { heads, rows } = tableOf(drawing, names);
  return (
    <table>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...others], row) => (
          <tr key={row}>
            <th scope="row">{first}</th>
            {others.map((figure, i) => (
              <td key={heads[i + 1]}>{figure}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Light or dark as the reader's system is; light on paper. */
export function useTheme(): Theme {
  const dark = matchMedia('screen and (prefers-color-scheme: dark)');
  const [theme, show] = useState<Theme>(dark.matches ? THEMES.dark : THEMES.light);
  useEffect(() => {
    const follow = (): void => show(dark.matches ? THEMES.dark : THEMES.light);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);
  return theme;
}
