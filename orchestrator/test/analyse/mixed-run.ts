import assert from 'node:assert/strict';
import type { LoadRecord, TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

export const RUN = syntheticRun();

/** The run's first scenario as a mix, whose parts saw what the whole saw, but for their errors. */
export function mixedRun(
  errorsOf: (part: string, load: LoadRecord) => LoadRecord['errors'] = (_part, { errors }) => errors,
) {
  const [first, ...others] = RUN.manifest.scenarios;
  assert.ok(first !== undefined);
  const mix = [
    { scenario: 'a', streaming: false, expectedErrorShare: 0, weight: 3 },
    { scenario: 'b', streaming: false, expectedErrorShare: 0.5, weight: 1 },
  ];
  const partOf = (load: LoadRecord, name: string) => {
    const errors = errorsOf(name, load);
    const failed = Object.values(errors).reduce((sum, count) => sum + (count ?? 0), 0);
    return { name, load: { ...load, errors, ok: load.scheduled - failed } };
  };
  const trials = RUN.trials.map((trial): TrialRecord => {
    const { load } = trial;
    if (load === null || trial.scenario !== first.name) return trial;
    return { ...trial, load: { ...load, parts: mix.map(({ scenario }) => partOf(load, scenario)) } };
  });
  return {
    manifest: { ...RUN.manifest, scenarios: [{ ...first, about: '75 % a, 25 % b', mix }, ...others] },
    trials,
    name: first.name,
  };
}
