import type { CapacityPageModel } from './capacity-page-model.js';
import type { ConductPageModel } from './conduct-page-model.js';
import type { PageModel } from './page-model.js';

/** What a run answers, whatever it asked. */
export type AnyModel = PageModel | CapacityPageModel | ConductPageModel;

/** Behind what a run rests when somebody wants it to: what is within is compared, and is measured in one go. */
export type RestsBehind = 'block' | 'window' | 'visit';

/** Where a run is. */
export interface LivePhase {
  readonly state: 'preparing' | 'measuring' | 'pausing' | 'paused' | 'stopping' | 'ended';
  readonly rests: RestsBehind;
  /** What is going on: `litellm: chat-stream at 100 rps`. */
  readonly doing: string;
  /** `block 2 of 6 · trial 14/120, about 12 min left`; empty until the plan is known. */
  readonly progress: string;
  /** Trials behind and in all; 0 until the plan is known. */
  readonly done: number;
  readonly total: number;
}

/** A line of what happened. */
export interface LiveLine {
  readonly kind: 'trial' | 'note';
  readonly text: string;
  /** Whether it tells of a figure that is missing. */
  readonly bad: boolean;
}

/** All that a viewer sees of a run that goes on. */
export interface LiveState {
  readonly phase: LivePhase;
  /** The newest ones. */
  readonly lines: readonly LiveLine[];
  /** As in `report.html`; null until there is a first answer. */
  readonly model: AnyModel | null;
}

/** Names of the events (HTML Standard, server-sent events), each with JSON of the type of the same name. */
export interface LiveEvents {
  /** In place of everything before: sent at first, and to who missed too much. */
  readonly state: LiveState;
  readonly phase: LivePhase;
  readonly line: LiveLine;
  readonly model: AnyModel;
  /** The run is over; where there is a report the same address has it now. */
  readonly end: { readonly hasReport: boolean; readonly message: string };
}
