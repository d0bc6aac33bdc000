import { usageError } from '../errors.js';
import type { Manifest } from './manifest.js';

/** What an hour of a machine's parts costs, in whatever money it was given in. */
export interface Price {
  readonly cpuHour: number;
  readonly gibHour: number;
}

const PARTS = { 'cpu-hour': 'cpuHour', 'gib-hour': 'gibHour' } as const;

/**
 * Reads `--price`: what a CPU and a GiB of memory cost for an hour, such as `cpu-hour=0.04,gib-hour=0.005`. A part that is left out costs nothing.
 * @throws BenchError `bad-value`
 */
export function parsePrice(text: string): Price {
  const price = { cpuHour: 0, gibHour: 0 };
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  for (const word of words) {
    const [, name = '', number = ''] = /^(cpu-hour|gib-hour)=(\d+\.?\d*|\.\d+)$/.exec(word) ?? [];
    const part = PARTS[name as keyof typeof PARTS] as (typeof PARTS)[keyof typeof PARTS] | undefined;
    if (part === undefined) throw badPrice(text);
    price[part] = Number(number);
  }
  if (price.cpuHour === 0 && price.gibHour === 0) throw badPrice(text);
  return price;
}

/** The price that a run was given; null: none. */
export function priceOf({ options: { price } }: Pick<Manifest, 'options'>): Price | null {
  return typeof price === 'string' ? parsePrice(price) : null;
}

function badPrice(text: string): Error {
  return usageError(
    'bad-value',
    `--price ${JSON.stringify(text)} cannot be used.`,
    'Give what an hour costs, above 0: --price cpu-hour=0.04,gib-hour=0.005 (of a CPU, and of a GiB of memory).',
  );
}
