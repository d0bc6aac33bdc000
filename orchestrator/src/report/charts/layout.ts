/** The width of a scenario's picture in CSS pixels; its height depends on how many lines the legend and the foot take. */
export const WIDTH = 1200;
export const MARGIN = 40;
/** Between lines of small text. */
export const LINE_HEIGHT = 18;
/** Where the legend begins, below a heading, how high a row of it is, and how far below its last row the diagrams begin. */
export const LEGEND = { top: 128, rowHeight: 26, toPlots: 74 } as const;
/** Room about a diagram, its height, and the room between two rows of them. */
const PLOT = { left: 70, right: 24, height: 268, between: 92 } as const;
/** Below the last row: the labels of its axis and some air. */
const BELOW = 62;

/** A rectangle in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The place of a diagram, two in a row; `top` is where the first row's diagrams begin. */
export function plotArea(index: number, top: number): Area {
  const width = (WIDTH - 2 * (PLOT.left + PLOT.right)) / 2;
  return {
    left: PLOT.left + (index % 2) * (width + PLOT.right + PLOT.left),
    top: top + Math.floor(index / 2) * (PLOT.height + PLOT.between),
    width,
    height: PLOT.height,
  };
}

/** Where the lines at the foot begin, below so many diagrams. */
export function footTop(diagrams: number, top: number): number {
  const last = plotArea(diagrams - 1, top);
  return last.top + last.height + BELOW;
}
