import { resumeDiffers, showValue } from '../../measure/same-plan.js';
import type { StoredRun } from '../../record/run-directory.js';
import { usageError } from '../../errors.js';
import type { RawOptions } from './command.js';
import { lacksHeader, recordableOptions } from './target.js';

/** Options that do not change what is measured and may be given anew. */
const FREE = [
  'resume',
  'output',
  'budget',
  'second-chances',
  'wait',
  'chart',
  'png',
  'svg',
  'theme',
  'html',
  'markdown',
  'json',
  'original',
  'kubeconfig',
  'context',
  'namespace',
  'serve',
  'serve-port',
];

/**
 * The options of the interrupted run, so that `--resume` needs no others.
 * @throws BenchError `resume-differs` when one given now says something else
 */
export function resumedOptions(given: RawOptions, stored: StoredRun): RawOptions {
  const before = stored.manifest.options;
  const kept = recordableOptions(given);
  const differing = Object.keys(given).filter(
    (name) => !FREE.includes(name) && JSON.stringify(kept[name]) !== JSON.stringify(before[name]),
  );
  if (differing.length > 0) {
    throw resumeDiffers(
      differing.map((name) => `--${name} was ${showValue(before[name])} and is ${showValue(kept[name])} now`),
    );
  }
  // Whether it was seen while it went on is no part of a run.
  const { serve: _serve, 'serve-port': _port, ...asked } = before;
  const options = { ...asked, ...given };
  if (lacksHeader(options))
    throw usageError(
      'header-not-kept',
      'A header of --target is kept in no record, and the run cannot go on without it.',
      'Give the same --target again beside --resume; one whose header is a variable ($VAR) is kept.',
    );
  return options;
}
