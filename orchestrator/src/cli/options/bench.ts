import type { Options } from 'yargs';
import type { Objective } from '../../record/objective.js';
import type { SurfaceLimits } from '../../record/surface.js';
import { type BlendOption, blendOptions, readBlend } from './blend.js';
import { chosenScenarios } from './chosen-scenarios.js';
import { CLUSTER_OPTIONS } from './cluster.js';
import { flagOption, type RawOptions } from './command.js';
import { type MeansOptions, meansOptions, readMeans } from './means.js';
import { type OccasionOptions, occasionOptions, readOccasion } from './occasion.js';
import { checkOwnSchedules } from './own-schedule.js';
import { checkWindows, type PaceOptions, paceOptions, readPace } from './pace.js';
import { readPaired } from './paired.js';
import { QUESTION_OPTIONS, readQuestion } from './question.js';
import { readSelection, type SelectionOptions, selectionOptions } from './selection.js';
import { readServe, serveOptions } from './serve.js';
import { outputDirectory, readShowOptions, SHOW_OPTIONS, type ShowOptions, SHOWN } from './shown.js';
import { readSurface } from './surface.js';
import { QUICK, USUAL } from './usual.js';

/** What a person asked of `bench`, with defaults filled in and every value checked. */
export interface BenchOptions extends SelectionOptions, PaceOptions, MeansOptions, OccasionOptions {
  /** A scenario made up for this run, in place of a group's; null: none. */
  readonly blend: BlendOption | null;
  /** Whether two targets are measured at the same time. */
  readonly paired: boolean;
  /** The objectives of `--find-capacity`; null without it. */
  readonly objectives: readonly Objective[] | null;
  /** At which `--find-capacity` looks; none: those of the compose file. */
  readonly limits: readonly SurfaceLimits[];
  /** Null: no soak. */
  readonly soakMs: number | null;
  readonly quick: boolean;
  readonly output: string;
  readonly show: ShowOptions;
  /** Port of the page while it is measured, 0 for any; null: there is none. */
  readonly servePort: number | null;
}

const WHAT = 'What is measured';
const HOW = 'How';

/** yargs' description of the options of `bench`, in the order of its help; values are checked by {@link readBenchOptions}. */
export const BENCH_OPTIONS: Readonly<Record<string, Options>> = {
  ...selectionOptions(WHAT),
  ...blendOptions(WHAT),
  quick: flagOption(
    WHAT,
    'A look of two to five minutes: chat-minimal and chat-stream, 100 and 500 rps, 3 blocks of 1.5 s',
  ),
  ...paceOptions(HOW),
  ...meansOptions(HOW),
  ...occasionOptions(HOW),
  ...QUESTION_OPTIONS,
  ...CLUSTER_OPTIONS,
  ...SHOW_OPTIONS,
  ...serveOptions(SHOWN),
  'chart-only': flagOption(SHOWN, 'Measure nothing: show what is in the output directory (also of the original suite)'),
};

/**
 * Checks every value of `bench`.
 * @throws BenchError `bad-value` and the like, exit code 2
 */
export function readBenchOptions(raw: RawOptions): BenchOptions {
  const occasion = readOccasion(raw);
  const quick = raw['quick'] === true;
  const question = readQuestion(raw);
  const usual = question?.usual ?? (quick ? QUICK : USUAL);
  const blend = readBlend(raw);
  const selection = readSelection(raw, usual);
  const pace = readPace(raw, usual, question, blend?.trialMs ?? null);
  const chosen = chosenScenarios({ ...selection, blend });
  checkWindows(chosen, pace);
  checkOwnSchedules(raw, chosen);
  return {
    ...selection,
    ...pace,
    ...readMeans(raw),
    ...occasion,
    blend,
    paired: readPaired(raw, chosen),
    objectives: question?.objectives ?? null,
    limits: readSurface(raw),
    soakMs: question?.soakMs ?? null,
    quick,
    output: outputDirectory(raw),
    show: readShowOptions(raw),
    servePort: readServe(raw),
  };
}
