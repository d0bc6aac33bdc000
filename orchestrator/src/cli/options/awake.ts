import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { AwakeChoice } from '../../measure/equipment.js';
import { nearest } from '../../nearest.js';
import { AWAKE_WAYS } from '../../record/awake.js';
import { type RawOptions, textOption, valueOf } from './command.js';

/** Microseconds around each due time where nobody says otherwise: longer than such a core takes to wake up. */
const USUAL_US = 150;
const MOST_US = 10_000;

/** yargs' description of `--awake`. */
export function awakeOption(group: string): Readonly<Record<string, Options>> {
  return {
    awake: textOption(
      group,
      `Keep cores from sleeping between requests: spin (${USUAL_US} µs around each due time, or spin:BEFORE,AFTER), latency (the kernel’s setting), off`,
      'off',
    ),
  };
}

/** Whether and how cores are kept awake. @throws BenchError `bad-value` */
export function readAwake(raw: RawOptions): AwakeChoice | null {
  const text = (valueOf(raw, 'awake') ?? 'off').trim();
  if (text === 'off') return null;
  if (text === 'latency') return { way: text };
  const [way = '', spans] = text.split(':', 2);
  if (way !== 'spin')
    throw badAwake(text, `${JSON.stringify(way)} is not known.${nearest(way, ['off', ...AWAKE_WAYS])}`);
  if (spans === undefined) return { way, beforeUs: USUAL_US, afterUs: USUAL_US };
  const [beforeUs, afterUs, ...more] = spans
    .split(',')
    .map((word) => (/^\d+$/.test(word.trim()) ? Number(word) : Number.NaN));
  if (
    beforeUs === undefined ||
    afterUs === undefined ||
    more.length > 0 ||
    !(beforeUs + afterUs <= MOST_US) ||
    beforeUs + afterUs === 0
  )
    throw badAwake(
      text,
      `${JSON.stringify(spans)} is not two whole numbers of microseconds, together 1 to ${MOST_US}.`,
    );
  return { way, beforeUs, afterUs };
}

function badAwake(text: string, what: string): Error {
  return usageError(
    'bad-value',
    `--awake ${JSON.stringify(text)}: ${what}`,
    'Give off, spin, spin:BEFORE,AFTER (µs), or latency.',
  );
}
