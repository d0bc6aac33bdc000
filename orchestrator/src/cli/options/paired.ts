import type { Options } from 'yargs';
import { usageError } from '../../errors.js';
import type { PlannedScenario } from '../../plan/plan.js';
import { flagOption, type RawOptions, refuseBeside } from './command.js';

/** The option of `bench` that measures two targets at the same time. */
export function pairedOption(group: string): Readonly<Record<string, Options>> {
  return {
    paired: flagOption(
      group,
      'Measure two targets at the same time, request by request: the finest way to tell A from B, e.g. with --gateways crabllm@0.0.24,crabllm@0.0.25 (native driver)',
    ),
  };
}

/** Questions of one target at a time, and loads without a schedule that two could share. */
const NOT_BESIDE = ['find-capacity', 'soak', 'trace', 'closed', 'streams', 'keep-up'];

/**
 * Whether targets are measured in a pair.
 * @throws BenchError `bad-value` beside what cannot be had of a pair
 */
export function readPaired(raw: RawOptions, chosen: readonly PlannedScenario[]): boolean {
  if (raw['paired'] !== true) return false;
  refuseBeside(
    raw,
    'paired',
    NOT_BESIDE,
    'A pair shares one schedule of requests a second, and both of it are up for that time only.',
  );
  refuseBeside(
    raw,
    'paired',
    ['precision'],
    'That goes on until overheads above direct are known, and a pair is measured without direct; give --blocks.',
  );
  const closed = chosen.find(({ levels }) => levels.some(({ kind }) => kind === 'streams'))?.scenario.name;
  if (closed !== undefined)
    throw usageError(
      'bad-value',
      `--paired cannot be had of ${closed}, which is a closed loop: a number in flight has no schedule whose requests two could take by turns.`,
      'Leave it out with --group overhead or --scenarios.',
    );
  return true;
}
