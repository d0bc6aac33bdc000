import type { Options } from 'yargs';
import { type RawOptions, refuseBeside, textOption, valueOf } from './command.js';
import { LOAD_GROUP } from './load.js';
import { parseNumber } from './values.js';

/** yargs' description of `--agents`. */
export const AGENTS_OPTION: Readonly<Record<string, Options>> = {
  agents: textOption(
    LOAD_GROUP,
    'Split each load among so many processes of this host, or Pods of a cluster (crabllm-bench agent)',
    'none; on a cluster 1',
  ),
};

/** More than a host has cores would only wait for each other. */
export const MOST_LOCAL_AGENTS = 64;

/**
 * How many make the load together; null: as the runtime does by itself.
 * @throws BenchError `bad-value` that says how many are allowed, or names what agents cannot go with
 */
export function readAgents(raw: RawOptions, max: number): number | null {
  const agents = valueOf(raw, 'agents');
  if (agents === undefined) return null;
  refuseBeside(raw, 'agents', ['paired'], 'Two targets that share a schedule are loaded by one driver.');
  refuseBeside(raw, 'agents', ['awake'], 'Cores are kept awake around the due times of one driver.');
  return parseNumber('agents', agents, { min: 1, max, integer: true });
}
