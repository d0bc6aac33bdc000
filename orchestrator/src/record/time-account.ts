import { z } from 'zod';

/** Where the time of a run went, milliseconds. What is left of `whole` is this program's own: writing, tables, waiting between visits. */
export const timeAccountSchema = z.strictObject({
  /** From the first visit to the last. */
  wholeMs: z.number().nonnegative(),
  /** Windows of trials that gave a record, void ones too. */
  measuredMs: z.number().nonnegative(),
  /** Load before them. */
  warmupMs: z.number().nonnegative(),
  /** Trials but for their load: connecting, waiting for the last answers, joining, writing. */
  aroundLoadMs: z.number().nonnegative(),
  /** Starting mock and targets until they answer. */
  startingMs: z.number().nonnegative(),
  /** Checking answers, and waiting for what a trial before had left behind. */
  checkingMs: z.number().nonnegative(),
  /** Stopping them, as far as nothing else was done meanwhile. */
  stoppingMs: z.number().nonnegative(),
});
export type TimeAccount = z.infer<typeof timeAccountSchema>;

/** What a run's parts took together. @param before of an interrupted run that goes on */
export function addTimes(before: TimeAccount | undefined, after: TimeAccount): TimeAccount {
  if (before === undefined) return after;
  const sum = (key: keyof TimeAccount): number => before[key] + after[key];
  return {
    wholeMs: sum('wholeMs'),
    measuredMs: sum('measuredMs'),
    warmupMs: sum('warmupMs'),
    aroundLoadMs: sum('aroundLoadMs'),
    startingMs: sum('startingMs'),
    checkingMs: sum('checkingMs'),
    stoppingMs: sum('stoppingMs'),
  };
}

/** How much of a run's time no window was open in, 0 to 1; null where nothing was measured. */
export function besideShare({ wholeMs, measuredMs }: TimeAccount): number | null {
  return wholeMs === 0 || measuredMs === 0 ? null : 1 - measuredMs / wholeMs;
}

/** The account in a line; null where nothing was measured. */
export function timeText(account: TimeAccount): string | null {
  const { wholeMs, measuredMs } = account;
  if (besideShare(account) === null) return null;
  const percent = (ms: number): string => `${Math.round((100 * ms) / wholeMs)} %`;
  const parts = [
    ['warm-up', account.warmupMs],
    ['around the load', account.aroundLoadMs],
    ['starting', account.startingMs],
    ['checking', account.checkingMs],
    ['stopping', account.stoppingMs],
  ] as const;
  const told = parts.map(([name, ms]) => `${name} ${percent(ms)}`).join(', ');
  return `${percent(measuredMs)} of the time was measured; beside it ${percent(wholeMs - measuredMs)}: ${told}`;
}
