import { usageError } from '../../errors.js';
import { type ComparedMeasure, MEASURES } from '../../record/comparison.js';
import type { Gate } from '../../record/gate.js';
import { splitList } from './values.js';

const UNITS: Readonly<Record<string, { readonly factor: number; readonly unit: ComparedMeasure['unit'] }>> = {
  us: { factor: 1, unit: 'us' },
  ms: { factor: 1000, unit: 'us' },
  kib: { factor: 1024, unit: 'bytes' },
  mib: { factor: 1024 ** 2, unit: 'bytes' },
};

/**
 * Reads `--fail-on`: `worse`, or conditions such as `overhead.p99>5%, cpu>50us, memory>10MiB`.
 * @throws BenchError `bad-value`
 */
export function parseGates(text: string): Gate[] {
  const words = splitList(text.replaceAll(/\s*>\s*/g, '>').replaceAll(/\s+%/g, '%'));
  if (words.length === 0) throw badGate(text);
  return words.map((word) => parseGate(word));
}

function parseGate(word: string): Gate {
  if (word === 'worse') return { text: word, measure: null, least: { share: 0 } };
  const [, name = '', number = '', unit = ''] = /^([a-z0-9.]+)>(\d+(?:\.\d+)?)(%|[a-z]+)$/i.exec(word) ?? [];
  const measure = MEASURES.find((known) => known === name);
  if (measure === undefined) throw badGate(word);
  if (unit === '%') return { text: word, measure, least: { share: Number(number) / 100 } };
  const known = UNITS[unit.toLowerCase()];
  if (known === undefined || known.unit !== (measure === 'memory' ? 'bytes' : 'us')) throw badGate(word);
  return { text: word, measure, least: { amount: Number(number) * known.factor, unit: known.unit } };
}

function badGate(text: string): Error {
  return usageError(
    'bad-value',
    `--fail-on ${JSON.stringify(text)} cannot be used.`,
    `Give "worse", or QUANTITY>LIMIT with one of ${MEASURES.join(', ')} and a limit in %, us, ms (memory: KiB, MiB): --fail-on "overhead.p99>5%".`,
  );
}
