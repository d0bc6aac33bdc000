import type { Capacity } from '../record/capacity.js';
import { renderCapacityMarkdown } from '../report/capacity-markdown.js';
import { renderCapacity } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';
import type { ShowOptions } from './options/shown.js';
import { writePage } from './write-page.js';

/** On standard output, for a person or as JSON; and as the page that was asked for, of which standard error tells. */
export function showCapacity(capacity: Capacity, { json, markdown }: Pick<ShowOptions, 'json' | 'markdown'>): void {
  const text = json
    ? JSON.stringify(capacity, null, 2)
    : renderCapacity(capacity, styleOf(process.stdout, process.env));
  process.stdout.write(`${text}\n`);
  if (markdown === null) return;
  writePage(markdown, renderCapacityMarkdown(capacity));
  process.stderr.write(`wrote ${markdown}\n`);
}
