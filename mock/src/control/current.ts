import type { Story } from '../faults/settings.js';
import type { Timeline } from '../faults/timeline.js';

/** What is in force in all workers. */
export interface CurrentSettings extends Story {
  /** 1 for what the mock was started with, one more with each change. */
  readonly version: number;
  /** When the settings were made, in microseconds of the host's monotonic clock. */
  readonly madeUs: number;
  readonly timeline: Timeline | null;
  /** When the timeline began, on the same clock: in the past when it was started at a later phase; null while it is not. */
  readonly timelineStartedUs: number | null;
  /** The names of all phases that there were so far: a record of the ledger says which by its place in this list. */
  readonly phaseNames: readonly string[];
}

/** What is to be changed. */
export type Change =
  | { readonly what: 'settings'; readonly story: Story }
  | { readonly what: 'timeline'; readonly timeline: Timeline | null }
  /** As though this phase began in that moment, which is the first when none is named. */
  | { readonly what: 'start'; readonly phase: string | undefined }
  | { readonly what: 'stop' };

/** What a mock starts with. */
export function firstSettings(story: Story, timeline: Timeline | undefined, nowUs: number): CurrentSettings {
  const none: CurrentSettings = {
    ...story,
    version: 1,
    madeUs: nowUs,
    timeline: null,
    timelineStartedUs: null,
    phaseNames: [],
  };
  return timeline === undefined ? none : { ...changed(none, { what: 'timeline', timeline }, nowUs), version: 1 };
}

/** What is in force after a change. */
// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
export function changed(current: CurrentSettings, change: Change, nowUs: number): CurrentSettings {
  const next = { ...current, version: current.version + 1 };
  switch (change.what) {
    case 'settings':
      return { ...next, ...change.story, madeUs: nowUs };
    case 'timeline': {
      const names = (change.timeline ?? []).map(({ name }) => name);
      const phaseNames = [...new Set([...current.phaseNames, ...names])];
      return { ...next, timeline: change.timeline, timelineStartedUs: null, phaseNames };
    }
    case 'start': {
      const first = current.timeline?.find(({ name }) => name === change.phase);
      return { ...next, timelineStartedUs: nowUs - (first?.from ?? 0) * 1e6 };
    }
    case 'stop':
      return { ...next, timelineStartedUs: null };
  }
}
