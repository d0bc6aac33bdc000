import { Resvg } from '@resvg/resvg-js';
import { installed } from '../../installation.js';

/** The project's own fonts: a machine without fonts would draw a picture without a single letter, and no error. */
const FONT_FILES = ['Inter-Regular.ttf', 'Inter-Bold.ttf'].map((name) =>
  installed(`orchestrator/assets/fonts/${name}`),
);

/** Pixels of the PNG for one of the SVG, for sharp letters on dense screens. */
const ZOOM = 2;

/** Draws an SVG as PNG with the bundled font, so that the picture is the same on every machine. */
export function svgToPng(svg: string): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: ZOOM },
    font: { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: 'Inter' },
  });
  return resvg.render().asPng();
}
