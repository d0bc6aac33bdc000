import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import { flagOption, type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { parseNumber } from './values.js';

/** yargs' description of what shows a run while it goes on. */
export function serveOptions(group: string): Readonly<Record<string, Options>> {
  return {
    serve: flagOption(group, 'Serve the page while it is measured, at an address that is printed'),
    'serve-port': textOption(group, 'Port of --serve on 127.0.0.1', 'any that is free'),
  };
}

/**
 * The port of `--serve`, 0 for any; null: it is not served.
 * @throws BenchError `bad-value`
 */
export function readServe(raw: RawOptions): number | null {
  const port = valueOf(raw, 'serve-port');
  if (raw['serve'] !== true) {
    if (port === undefined) return null;
    throw usageError('bad-value', '--serve-port says nothing without --serve.', 'Give both, or neither.');
  }
  refuseBeside(raw, 'serve', ['chart-only'], 'A run that is there is served by crabllm-bench serve DIR.');
  return readPagePort(port, 'serve-port');
}

/** A port for pages; 0, for any, where none is given. @throws BenchError `bad-value` */
export function readPagePort(text: string | undefined, option: string): number {
  return text === undefined ? 0 : parseNumber(option, text, { min: 1, max: 65_535, integer: true });
}
