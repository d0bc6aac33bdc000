import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import { TIMEOUT_SECONDS } from '../../record/load-defaults.js';
import type { Objective } from '../../record/objective.js';
import { flagOption, type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { parseObjectives } from '../../record/objective-text.js';
import { surfaceOptions } from './surface.js';
import type { UsualOptions } from './usual.js';
import { parseDuration } from './values.js';

/** Another question than what a gateway adds: how much it carries, or whether its memory grows. */
export interface Question {
  /** Of `--find-capacity`; else null. */
  readonly objectives: readonly Objective[] | null;
  /** Of `--soak`; else null. */
  readonly soakMs: number | null;
  readonly usual: UsualOptions;
}

const OTHER = 'Other questions';

/** yargs' description of the options that ask another question. */
export const QUESTION_OPTIONS: Readonly<Record<string, Options>> = {
  'find-capacity': flagOption(
    OTHER,
    'Look for the highest rate that keeps --slo, between the two of --rps "LOW HIGH" (default: from what 20-second windows can tell to 20000)',
  ),
  slo: textOption(
    OTHER,
    'What has to hold together, e.g. "p99<20ms, errors<0.1%", for streams "ttft.p99<50ms, gap.p99<5ms"',
  ),
  ...surfaceOptions(OTHER),
  soak: textOption(OTHER, 'One long measurement at one rate (--rps, default 100), e.g. 10m: does memory grow?'),
};

/** `durationMs` is that of a window, where its quantiles need no more; between windows nothing cools down. */
const SEARCH: UsualOptions = {
  scenarios: ['chat-minimal'],
  rps: null,
  durationMs: 4000,
  blocks: 1,
  warmupMs: 500,
  timeoutMs: 1000 * TIMEOUT_SECONDS.search,
};

const SOAK: UsualOptions = { ...SEARCH, rps: [100], warmupMs: 1000, timeoutMs: 1000 * TIMEOUT_SECONDS.run };
const SOAK_BOUNDS = { minMs: 20_000, maxMs: 86_400_000 };

const NOT_BESIDE = ['quick', 'keep-up', 'streams', 'closed', 'precision', 'blocks'];
const NOT_BESIDE_SEARCH = [...NOT_BESIDE, 'shape', 'resume', 'chart', 'original'];
const NOT_BESIDE_SOAK = [...NOT_BESIDE, 'duration'];
const LEAVE_OUT = 'Leave one of them out.';

/**
 * `--find-capacity` with `--slo`, or `--soak`; null when neither is given.
 * @throws BenchError `bad-value`
 */
export function readQuestion(raw: RawOptions): Question | null {
  const [search, slo, soak] = [raw['find-capacity'] === true, valueOf(raw, 'slo'), valueOf(raw, 'soak')];
  if (search !== (slo !== undefined))
    throw usageError(
      'bad-value',
      '--find-capacity and --slo belong together.',
      'For example --find-capacity --slo "p99<20ms, errors<0.1%".',
    );
  if (slo !== undefined && soak !== undefined)
    throw usageError('bad-value', '--find-capacity and --soak ask different questions.', 'Give one of them.');
  if (slo !== undefined) {
    refuseBeside(raw, 'find-capacity', NOT_BESIDE_SEARCH, LEAVE_OUT);
    return { objectives: parseObjectives(slo), soakMs: null, usual: SEARCH };
  }
  if (soak === undefined) return null;
  refuseBeside(raw, 'soak', NOT_BESIDE_SOAK, LEAVE_OUT);
  return { objectives: null, soakMs: parseDuration('soak', soak, SOAK_BOUNDS), usual: SOAK };
}
