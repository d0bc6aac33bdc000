import type { Drawing } from './chart.js';

/** What a viewer wants to see of a chart. */
export interface Choice {
  readonly shows: (target: number) => boolean;
  readonly quantiles: readonly string[];
}

/** What is chosen of a drawing; null where nothing of it is. */
export function chosenOf(drawing: Drawing, { shows, quantiles }: Choice): Drawing | null {
  if (drawing.kind === 'levels') {
    const levels = drawing.panel.levels.map((level) => ({
      ...level,
      slots: level.slots.filter(({ target }) => shows(target)),
    }));
    return levels.every(({ slots }) => slots.length === 0) ? null : { ...drawing, panel: { ...drawing.panel, levels } };
  }
  if (drawing.kind === 'stack') {
    const bars = drawing.bars.filter(({ target }) => shows(target));
    return bars.length === 0 ? null : { ...drawing, bars };
  }
  if (drawing.kind === 'changes') {
    const lanes = drawing.lanes.filter(({ target }) => shows(target));
    return lanes.length === 0 ? null : { ...drawing, lanes };
  }
  if (drawing.kind === 'search') {
    const lanes = drawing.lanes.filter(({ target }) => shows(target));
    return lanes.length === 0 ? null : { ...drawing, lanes };
  }
  const lines = drawing.lines.filter(({ target, part }) => shows(target) && (part === '' || quantiles.includes(part)));
  return lines.length === 0
    ? null
    : {
        ...drawing,
        lines,
        figures: drawing.figures.filter(({ target }) => shows(target)),
        limits: drawing.limits.filter(({ target }) => target === null || shows(target)),
      };
}

/** The targets that a drawing shows, in plan order. */
export function targetsIn(drawing: Drawing): number[] {
  const targets = partsWithTarget(drawing).map(({ target }) => target);
  return [...new Set(targets)].sort((a, b) => a - b);
}

function partsWithTarget(drawing: Drawing): readonly { readonly target: number }[] {
  if (drawing.kind === 'levels') return drawing.panel.levels.flatMap(({ slots }) => slots);
  if (drawing.kind === 'stack') return drawing.bars;
  return drawing.kind === 'search' || drawing.kind === 'changes' ? drawing.lanes : drawing.lines;
}
