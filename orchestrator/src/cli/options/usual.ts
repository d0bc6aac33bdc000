import { TIMEOUT_SECONDS } from '../../record/load-defaults.js';

/** What `bench` takes where a person says nothing. Null: all scenarios of the group, and its own levels. */
export interface UsualOptions {
  readonly scenarios: readonly string[] | null;
  readonly rps: readonly number[] | null;
  readonly durationMs: number;
  readonly blocks: number;
  readonly warmupMs: number;
  readonly timeoutMs: number;
}

/** Of a run that asks what gateways add. */
export const USUAL: UsualOptions = {
  scenarios: null,
  rps: null,
  durationMs: 30_000,
  blocks: 6,
  warmupMs: 1000,
  timeoutMs: 1000 * TIMEOUT_SECONDS.run,
};

/** What `--quick` takes. */
export const QUICK: UsualOptions = {
  ...USUAL,
  scenarios: ['chat-minimal', 'chat-stream'],
  rps: [100, 500],
  durationMs: 4500,
  blocks: 3,
  warmupMs: 500,
};
