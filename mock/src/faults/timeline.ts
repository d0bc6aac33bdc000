import { z } from 'zod';
import {
  checked,
  duration,
  mergeSettings,
  readYaml,
  requirePlayable,
  SettingsError,
  settingsOf,
  storyOf,
  storySchema,
  type Settings,
  type Story,
} from './settings.js';

const phaseSchema = storySchema.extend({
  name: z.string().regex(/^[\w .-]{1,64}$/, 'expected a name of 1 to 64 letters, digits, spaces, ., _ and -'),
  /** When it begins, counted from the start of the timeline. */
  from: duration.default(0),
  /** When it ends; without it, with the next phase, or never. */
  to: duration.optional(),
});

const timelineSchema = z.strictObject({ phases: z.array(phaseSchema).min(1).max(100) });

/** A timeline as it is written. */
export type WrittenTimeline = z.input<typeof timelineSchema>;

/** One phase of a timeline: a story that is laid over the mock's own while it lasts. */
export interface Phase extends Story {
  readonly name: string;
  /** In seconds from the start of the timeline. */
  readonly from: number;
  /** Null when it does not end. */
  readonly to: number | null;
}

/** Which provider behaves how, and when: phases that do not overlap, in their order. */
export type Timeline = readonly Phase[];

/**
 * Reads a timeline file.
 * @throws {SettingsError}
 */
export function readTimeline(file: string): Timeline {
  return timelineOf(readYaml('timeline', file, timelineSchema));
}

/**
 * Checks a timeline that came as JSON.
 * @throws {SettingsError}
 */
export function checkTimeline(value: unknown): Timeline {
  return timelineOf(checked(timelineSchema, value));
}

function timelineOf({ phases }: z.infer<typeof timelineSchema>): Timeline {
  return phases.map(({ name, from, to, ...story }, i) => {
    const next = phases[i + 1];
    if (phases.findIndex((phase) => phase.name === name) !== i) {
      throw new SettingsError(`phases.${i}.name: "${name}" is the name of an earlier phase; each needs one of its own`);
    }
    if (next !== undefined && next.from <= from) {
      throw new SettingsError(
        `phases.${i + 1}.from: ${next.from} s is not behind the phase before it, which begins at ${from} s`,
      );
    }
    const until = to ?? next?.from ?? Infinity;
    if (until <= from || (next !== undefined && until > next.from)) {
      const bound = next === undefined ? '' : ` and at most ${next.from}, where the next phase begins`;
      throw new SettingsError(`phases.${i}.to: ${until} s is not more than ${from}${bound}`);
    }
    return { name, from, to: until === Infinity ? null : until, ...storyOf(story) };
  });
}

/**
 * A timeline that these providers can play.
 * @throws {SettingsError}
 */
export function requirePlayableTimeline(timeline: Timeline, names: readonly string[], workers: number): Timeline {
  for (const [i, phase] of timeline.entries()) {
    try {
      requirePlayable(phase, names, workers);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      throw new SettingsError(`phases.${i} (${phase.name}): ${error.message}`);
    }
  }
  return timeline;
}

/**
 * Checks that a timeline has a phase of this name, when one is named.
 * @throws {SettingsError}
 */
export function requirePhase(timeline: Timeline | null, name: string | undefined): void {
  const names = (timeline ?? []).map((phase) => phase.name);
  if (name === undefined || names.includes(name)) return;
  throw new SettingsError(`phase: no phase is named "${name}" (${names.join(', ')})`);
}

/** The phase at a time, by its place; -1 between and behind phases. */
export function phaseAt(timeline: Timeline, sinceSeconds: number): number {
  return timeline.findIndex(({ from, to }) => sinceSeconds >= from && sinceSeconds < (to ?? Infinity));
}

/** When the phase changes next, in seconds from the start; Infinity when it does not. */
export function nextChange(timeline: Timeline, sinceSeconds: number): number {
  const edges = timeline.flatMap(({ from, to }) => [from, to ?? Infinity]).filter((edge) => edge > sinceSeconds);
  return Math.min(...edges, Infinity);
}

/** What a provider does in a phase, or without one. */
export function settingsIn(base: Story, phase: Phase | undefined, provider: string): Settings {
  const settings = settingsOf(base, provider);
  return phase === undefined ? settings : mergeSettings(settings, settingsOf(phase, provider));
}
