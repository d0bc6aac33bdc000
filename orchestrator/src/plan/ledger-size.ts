import { warmupOf } from '../catalogue/scenario.js';
import type { Pair, Plan } from './plan.js';

/** Where the mock's own default lies: fewer would save nothing, memory is only taken as records are written. */
const LEAST_RECORDS = 65_536;

/**
 * Most records that a worker of the mock is given room for: 104 bytes each, 55 MB, so that four workers stay far below the mock's memory
 * limit of 512 MB in the compose file.
 */
export const MOST_RECORDS = 2 ** 19;

/** Attempts a request: targets that retry send some of them more than once. */
const ATTEMPTS = 1.25;

/** Requests a second that a closed loop gets through at most: it runs in one lane, whose two threads cannot do more. */
const CLOSED_LOOP_RPS = 16_000;

/**
 * Requests of the largest trial that a plan holds, or of the largest pair of them, warm-up included.
 * @param leastWarmupMs of the first trial of a freshly started target
 */
export function mostRequests(
  {
    scenarios,
    warmupMs,
    measureMs,
    pair = null,
  }: Pick<Plan, 'scenarios' | 'warmupMs' | 'measureMs'> & { readonly pair?: Pair | null },
  leastWarmupMs: number,
): number {
  const requests = scenarios.flatMap(({ scenario, levels }) =>
    levels.map(
      ({ kind, value }) =>
        ((kind === 'rps' ? value : CLOSED_LOOP_RPS) *
          (Math.max(leastWarmupMs, warmupOf(scenario, warmupMs)) + measureMs)) /
        1000,
    ),
  );
  return Math.ceil(Math.max(0, ...requests)) * (pair === null ? 1 : 2);
}

/**
 * Records that each worker of the mock is to have room for, 65 536 to {@link MOST_RECORDS}, so that none of a trial's is overwritten: as
 * many as the whole trial has, because a gateway with few connections to its provider may keep to one worker. Above the bound records
 * are overwritten; the trial then carries the warning `ledger-incomplete` and has no per-request overhead.
 */
export function ledgerRecords(requests: number): number {
  return Math.min(MOST_RECORDS, Math.max(LEAST_RECORDS, Math.ceil(requests * ATTEMPTS)));
}
