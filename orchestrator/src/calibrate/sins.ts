import { analyse } from '../analyse/analyse.js';
import type { StoredRun } from '../record/run-directory.js';
import type { ErrorKind, TrialRecord } from '../record/trial.js';
import type { SinCounts } from '../relay/planted.js';
import type { SinRow } from '../certificate/certificate.js';
import type { PlantedRecord } from './planted-record.js';
import type { Relay, Sin } from './relays.js';

/** What a relay counts of a sin, and what the suite has to have said for the sin to be named. */
interface Naming {
  readonly counted: keyof SinCounts;
  readonly isNamed: (trial: TrialRecord) => boolean;
}

const NAMINGS: Readonly<Record<Sin, Naming>> = {
  'buffers-streams': {
    counted: 'buffered',
    isNamed: ({ state, reason }) => state === 'failed' && reason?.code === 'does-not-stream',
  },
  'drops-frames': { counted: 'framesDropped', isNamed: (trial) => hasFailed(trial, 'content') },
  'answers-wrong': { counted: 'wrong', isNamed: (trial) => hasFailed(trial, 'content') },
  'rejects-above-limit': {
    counted: 'rejected',
    isNamed: ({ state, load }) => state === 'failed' && (load?.statuses['429'] ?? 0) > 0,
  },
  'queues-above-limit': { counted: 'queued', isNamed: ({ state }) => state === 'saturated' },
};

/** Findings that tell what a target does wrong; the others tell of pauses and the machine, which an honest one has too. */
const ACCUSING = ['buffered-streams', 'retries', 'answered-elsewhere', 'rate-limited'];

/** States that say nothing against a target. */
const INNOCENT: readonly TrialRecord['state'][] = ['valid', 'void', 'absent'];

/** Whether the suite, which does not know them, names what each sinful relay does, and accuses no honest one. */
export function judgeSins(run: StoredRun, record: PlantedRecord, relays: readonly Relay[]): SinRow[] {
  const { findings } = analyse(run.manifest, run.trials);
  return relays.map(({ name, sin }) => {
    const trials = run.trials.filter(({ target }) => target === name);
    const found = findings.filter(({ target }) => target === name);
    const said = [
      ...trials.flatMap(({ scenario, state, reason }) =>
        INNOCENT.includes(state) || reason === null ? [] : [`${scenario}: ${state}, ${reason.message}`],
      ),
      ...found.map(({ code, message }) => `${code}: ${message}`),
    ];
    const counts = record.filter(({ relay }) => relay === name).map(({ planted }) => planted.sins);
    const done = sin === null ? 0 : counts.reduce((sum, sins) => sum + sins[NAMINGS[sin].counted], 0);
    const named =
      sin === null
        ? trials.some(({ state }) => state === 'valid') &&
          trials.every(({ state }) => INNOCENT.includes(state)) &&
          !found.some(({ code }) => ACCUSING.includes(code))
        : done > 0 && trials.some(NAMINGS[sin].isNamed);
    return { relay: name, sin, done, named, said: [...new Set(said)] };
  });
}

function hasFailed({ state, load }: TrialRecord, kind: ErrorKind): boolean {
  return state === 'failed' && (load?.errors[kind] ?? 0) > 0;
}
