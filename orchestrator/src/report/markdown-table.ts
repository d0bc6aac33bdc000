import type { DetailColumn } from './detail-table.js';

/** A table: words set left, figures right. */
export function markdownTable(
  columns: readonly Pick<DetailColumn, 'head' | 'words'>[],
  rows: readonly (readonly string[])[],
): string {
  const rule = `| ${columns.map(({ words }) => (words === true ? ':--' : '--:')).join(' | ')} |`;
  return [tableLine(columns.map(({ head }) => head)), rule, ...rows.map(tableLine)].join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}

/** What would end a table's cell, begin markup or a tag. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\|*_<>`[\]]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ');
}
