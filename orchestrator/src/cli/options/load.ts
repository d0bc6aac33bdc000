import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { NativeOptions } from '../../load/native/plan-lanes.js';
import type { Leaving } from '../../load/native/leaving.js';
import type { Shape } from '../../load/native/schedule.js';
import { LOAD_DEFAULTS } from '../../record/load-defaults.js';
import { type RawOptions, textOption, valueOf } from './command.js';
import { parseChoice, parseNumber } from './values.js';

/** How the native driver makes its load; what is left out is the driver's default. */
export type LoadOptions = Pick<NativeOptions, 'arrivals' | 'pacing' | 'connections' | 'shape' | 'abort'>;

/** Under which these options stand in help. */
export const LOAD_GROUP = 'How the load is made (native driver)';

/** yargs' description of the options that say how the load is made. */
export const LOAD_OPTIONS: Readonly<Record<string, Options>> = {
  arrivals: textOption(LOAD_GROUP, 'constant: evenly; poisson: as of many independent users', LOAD_DEFAULTS.arrivals),
  pacing: textOption(
    LOAD_GROUP,
    'wait: sleep until each request; spin: a whole core for exactness',
    LOAD_DEFAULTS.pacing,
  ),
  connections: textOption(LOAD_GROUP, 'keep-alive, or new: one for each request', LOAD_DEFAULTS.connections),
  shape: textOption(
    LOAD_GROUP,
    'How the rate goes over a trial, in shares of the level: flat, ramp:0.1-1, steps:0.25,0.5,1',
    LOAD_DEFAULTS.shape,
  ),
  abort: textOption(
    LOAD_GROUP,
    'Clients that leave: a share of them, with the n-th frame of a stream or so long after the request was due: 5%@frame:10, 5%@ms:200',
    'none',
  ),
};

/**
 * Checks the options that say how the load is made.
 * @throws BenchError `bad-value`
 */
export function readLoadOptions(raw: RawOptions): LoadOptions {
  const [arrivals, pacing] = [valueOf(raw, 'arrivals'), valueOf(raw, 'pacing')];
  const [connections, shape] = [valueOf(raw, 'connections'), valueOf(raw, 'shape')];
  const abort = valueOf(raw, 'abort');
  return {
    ...(arrivals === undefined ? {} : { arrivals: parseChoice('arrivals', arrivals, ['constant', 'poisson']) }),
    ...(pacing === undefined ? {} : { pacing: parseChoice('pacing', pacing, ['wait', 'spin']) }),
    ...(connections === undefined
      ? {}
      : { connections: parseChoice('connections', connections, ['keep-alive', 'new']) }),
    ...(shape === undefined ? {} : { shape: parseShape(shape) }),
    ...(abort === undefined ? {} : { abort: parseAbort(abort) }),
  };
}

/** Names of the given options that only the native driver understands. */
export function nativeOnly(load: LoadOptions): string[] {
  return Object.keys(load).map((name) => `--${name}`);
}

/** `SHARE@frame:N` or `SHARE@ms:N`; the share as `5%` or `0.05`. */
function parseAbort(text: string): Leaving {
  const [, share, unit, when, count] = /^([\d.]+)(%?)@(frame|ms):(\d+)$/.exec(text) ?? [];
  const value = Number(share) / (unit === '%' ? 100 : 1);
  const n = Number(count);
  if (value > 0 && value <= 1 && (when === 'ms' ? n <= LATEST_MS : n >= 1 && n <= LAST_FRAME))
    return { share: value, at: when === 'ms' ? { ms: n } : { frame: n } };
  throw usageError(
    'bad-value',
    `--abort ${JSON.stringify(text)} is not understood.`,
    `Give a share above 0 up to 100 %, and when: 5%@frame:10 (1 to ${LAST_FRAME}) or 5%@ms:200 (0 to ${LATEST_MS} ms after the request was due).`,
  );
}

const LAST_FRAME = 100_000;
const LATEST_MS = 600_000;

const SHARE = { min: 0.001, max: 1 };

function parseShape(text: string): Shape {
  const [kind, shares] = text.split(':', 2) as [string, string | undefined];
  const share = (word: string): number => parseNumber('shape', word, SHARE);
  if (kind === 'flat' && shares === undefined) return { kind };
  if (kind === 'ramp') {
    const [from = '', to = '', ...more] = (shares ?? '0.1-1').split('-');
    if (more.length === 0 && to !== '') return { kind, from: share(from), to: share(to) };
  }
  if (kind === 'steps' && shares !== undefined && shares !== '')
    return { kind, shares: shares.split(',').map((word) => share(word.trim())) };
  throw usageError(
    'bad-value',
    `--shape ${JSON.stringify(text)} is not understood.`,
    'Give flat, ramp, ramp:FROM-TO or steps:A,B,…; shares of the level from 0.001 to 1, for example steps:0.25,0.5,1.',
  );
}
