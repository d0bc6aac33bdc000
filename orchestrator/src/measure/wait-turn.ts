import { pause } from '../pause.js';
import type { RunProgress } from '../execute/stage.js';
import { describeOngoing, type OngoingRun, type OngoingRuns } from './ongoing-runs.js';

const POLL_MS = 1000;

/** What a run asks for before it begins. */
interface Turn {
  readonly output: string;
  readonly mockPort: number;
  /** Whether it waits until no other run measures. */
  readonly wait: boolean;
}

/**
 * Says that this run measures; with `wait` only once no other does. Of two that would begin together the one that said so first does.
 * @returns takes it back at the end
 * @throws the signal's reason
 */
export async function takeTurn(
  runs: OngoingRuns,
  { wait, ...run }: Turn,
  progress: Pick<RunProgress, 'tell' | 'doing'>,
  signal: AbortSignal,
): Promise<() => void> {
  let told: OngoingRun | null = null;
  for (;;) {
    const [other] = runs.others();
    if (other === undefined) {
      const release = runs.announce(run);
      // Another may have looked and found nobody in the same moment.
      if (!wait || runs.others().length === 0) return release;
      release();
    } else if (!wait) {
      progress.tell(`${describeOngoing(other)}: both will disturb each other (--wait waits for its end)`);
      return runs.announce(run);
    } else if (told?.pid !== other.pid) {
      told = other;
      progress.tell(`${describeOngoing(other)}: waiting for its end`);
    }
    progress.doing('waiting for another run');
    // Not in step with whoever waits as well.
    await pause(POLL_MS * (0.5 + Math.random()), signal);
  }
}
