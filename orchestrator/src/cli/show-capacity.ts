import type { Capacity } from '../record/capacity.js';
import { renderCapacity } from '../report/capacity-text.js';
import { styleOf } from '../report/terminal-style.js';

/** On standard output, for a person or as JSON. */
export function printCapacity(capacity: Capacity, json: boolean): void {
  const text = json
    ? JSON.stringify(capacity, null, 2)
    : renderCapacity(capacity, styleOf(process.stdout, process.env));
  process.stdout.write(`${text}\n`);
}
