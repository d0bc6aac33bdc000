import type { Reason } from '../record/reason.js';
import type { TrialId } from './observe.js';
import type { RepeatedVisit } from './second-chances.js';

/** What is measured at once: a trial, or one of each side of a pair, in the order of their turns in the schedule. */
export type Turn = readonly [TrialId] | readonly [TrialId, TrialId];

/** The targets of a visit: one, or both of a pair. */
export function sidesOf({ target, beside }: RepeatedVisit): string[] {
  return beside === undefined ? [target] : [target, beside];
}

/** What is measured in a visit, in its order. */
export function turnsOf(block: number, { target, beside, replica, cells }: RepeatedVisit): Turn[] {
  return cells.map(({ scenario, level, repeats, besideRepeats }): Turn => {
    const idOf = (name: string, instead: number | undefined): TrialId => ({
      block,
      target: name,
      replica,
      scenario,
      level,
      ...(instead === undefined ? {} : { repeats: instead }),
    });
    return beside === undefined ? [idOf(target, repeats)] : [idOf(target, repeats), idOf(beside, besideRepeats)];
  });
}

/** Why the sound side of a pair was not measured. @param target the other one, which cannot be */
export function withoutOtherSide(target: string): Reason {
  return { code: 'other-side-missing', message: `not sent: it was to be measured beside ${target}, which cannot be` };
}
