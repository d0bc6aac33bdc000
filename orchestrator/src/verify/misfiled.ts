import type { Manifest } from '../record/manifest.js';
import type { TrialFiles, TrialRecord } from '../record/trial.js';

/** A field of a trial's record that withholds it from comparison. */
interface Withheld {
  readonly field: string;
  readonly message: string;
}

/**
 * Where a trial's record names no file for what it holds, a file for what it does not hold, or another driver than the run's. What is
 * measured and its file are always written together, by every driver: a record without its files would be compared with nothing.
 */
export function misfiled({ driver }: Manifest, { load, ledger, resources, files }: TrialRecord): Withheld[] {
  const due = (kind: keyof TrialFiles, what: 'load' | 'resources' | 'ledger', isRecorded: boolean): Withheld[] => {
    if (isRecorded === (files[kind] !== null)) return [];
    const field = `files.${kind}`;
    if (isRecorded)
      return [{ field, message: `null, though there is a record of its ${what}: nothing to compare that with` }];
    return [{ field, message: `there is a file, and no record of its ${what}` }];
  };
  // A ledger that the mock did not give, or nobody could read, has no record beside the file of requests.
  const joined = ledger !== null || load === null;
  return [
    ...(load === null || load.driver.name === driver
      ? []
      : [{ field: 'load.driver.name', message: `it is ${load.driver.name}, and the run's driver is ${driver}` }]),
    ...due('raw', 'load', load !== null),
    ...due('resources', 'resources', resources !== null),
    ...(joined ? [...due('requests', 'ledger', ledger !== null), ...due('ledger', 'ledger', ledger !== null)] : []),
  ];
}
