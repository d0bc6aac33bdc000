import type { TrialRecord } from '../record/trial.js';
import type { PlantedRecord } from './planted-record.js';
import { type PlantedWindow, plantedInWindow } from './truth.js';

/** A valid trial, with what its relay says of the requests of its window. */
export interface KnownTrial {
  readonly trial: TrialRecord;
  readonly planted: PlantedWindow;
}

/** The valid trials whose relay says what it planted in them. */
export function knownTrials(trials: readonly TrialRecord[], record: PlantedRecord): KnownTrial[] {
  return trials
    .filter(({ state }) => state === 'valid')
    .flatMap((trial) => {
      const planted = plantedInWindow(trial, record);
      return planted === null ? [] : [{ trial, planted }];
    });
}
