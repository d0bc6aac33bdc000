import type { Chart } from './chart.js';
import { chartOption, heightOf } from './chart-option.js';
import { LETTERS, PICTURE } from './picture-size.js';
import { drawn } from './svg.js';
import type { Theme } from './theme.js';
import { wrap } from '../wrap.js';

/**
 * A chart of a page as a picture by itself, with its title and its sentence.
 * @param of the run, in a line
 * @returns null where there is nothing to draw
 */
export function chartSvg(
  { key, title, sentence, drawing }: Chart,
  { targets, theme, of }: { readonly targets: readonly string[]; readonly theme: Theme; readonly of: string },
): string | null {
  if (drawing === null) return null;
  const heading = [title, of, ...wrap(sentence, LETTERS)];
  const { width, lineHeight } = PICTURE;
  const height = heightOf(drawing, PICTURE.height) + heading.length * lineHeight;
  const option = chartOption(drawing, { width, height, targets, theme, heading, isLive: false });
  return drawn({ option, width, height }, `${key}-${theme.name}`);
}
