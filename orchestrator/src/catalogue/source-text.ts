/** Lines as files have them: with quotes, indents and line ends, which JSON has to escape. `#` stands for a number. */
const LINES = [
  'import { readRows, writeRows } from "./rows_#.js";',
  '',
  '/** Adds up what was seen of part # so far. */',
  'export function total_#(rows: readonly Row[], width = #): number {',
  '  const seen = rows.filter((row) => row.name !== "part #");',
  '  if (seen.length === 0) throw new Error(`no rows of part #`);',
  '\tfor (const row of seen) sum += row.weight * width; // #',
  "  return Math.round(sum * 100) / 100 || fallback['#'];",
  '}',
];

/**
 * Text of a program of so many bytes, ASCII, the same for the same seed and another for another.
 * @param bytes before JSON escapes anything
 */
export function sourceText(bytes: number, seed: number): string {
  let text = '';
  for (let line = seed * 7; text.length < bytes; line++)
    text += `${(LINES[line % LINES.length] as string).replaceAll('#', String((line * 2_654_435 + seed) % 9973))}\n`;
  return text.slice(0, bytes);
}
