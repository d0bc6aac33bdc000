import { z } from 'zod';

const count = z.number().int().nonnegative();
const milliseconds = z.number().nonnegative();

/** One stop that was planted, and whom the suite blamed for it. */
export const blameRowSchema = z.strictObject({
  driver: z.enum(['native', 'oha']),
  /** Who was stopped. */
  victim: z.enum(['gateway', 'mock', 'driver']),
  /** For so long, again after so long (from beginning to beginning; null: once). */
  rhythm: z.strictObject({ frozenMs: milliseconds, everyMs: milliseconds.nullable() }),
  rps: count,
  /**
   * `recovered`: blamed on whom it was; `false-blame`: on somebody else; `hushed-up`: on nobody; `not-judged`: nothing follows, because the
   * machine itself was disturbed meanwhile, or the driver is not there.
   */
  outcome: z.enum(['recovered', 'false-blame', 'hushed-up', 'not-judged']),
  plantedMs: milliseconds,
  /** Pauses that were found of the target. */
  pausesMs: milliseconds,
  /** Requests of the window, and those of them that were answered right. */
  scheduled: count,
  ok: count,
  /** Of those, from the intended time of sending. */
  latencyUs: z.strictObject({ p50: z.number().nullable(), p99: z.number().nullable(), max: z.number().nullable() }),
  /** State of the trial, and its reason. */
  told: z.string(),
  /** What kept it from being judged, or what the machine did meanwhile where it was judged all the same; null: nothing that was noticed. */
  hindrance: z.string().nullable(),
});
export type BlameRow = z.infer<typeof blameRowSchema>;
export type Rhythm = BlameRow['rhythm'];

/** For example `0.4 s every 2 s`. */
export function describeRhythm({ frozenMs, everyMs }: Rhythm): string {
  return `${frozenMs / 1000} s ${everyMs === null ? 'once' : `every ${everyMs / 1000} s`}`;
}

/** How many of the stops were blamed on whom they were planted in, in one line. */
export function describeBlame(rows: readonly BlameRow[]): string {
  const judged = rows.filter(({ outcome }) => outcome !== 'not-judged');
  const good = judged.filter(({ outcome }) => outcome === 'recovered').length;
  const left = rows.length - judged.length;
  return (
    `${good} of ${judged.length} stops were blamed on whom they were planted in` +
    (left === 0 ? '' : `; ${left} could not be judged`)
  );
}

/** One that was not recovered, in one line. */
export function describeStop({ driver, victim, rhythm, rps, outcome, told, hindrance }: BlameRow): string {
  const why = outcome === 'not-judged' ? `${hindrance}; ${told}` : told;
  return `${outcome.replaceAll('-', ' ')}: ${victim} stopped ${describeRhythm(rhythm)} at ${rps}/s, driver ${driver}: ${why}`;
}
