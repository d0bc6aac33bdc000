import { BenchError, EXIT } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns Ctrl-C and SIGTERM into an abort. */
export interface Interrupt {
  /** Aborted by the first signal, with a BenchError `interrupted` as its reason. */
  readonly signal: AbortSignal;
  /** What a second signal does before the process ends at once; synchronous or quick. */
  onSecond(action: () => Promise<void>): void;
  /** Puts the signals back to what they do by themselves. */
  release(): void;
}

/** How long the last clean-up of a second Ctrl-C may take. */
const LAST_RESORT_MS = 3000;

/** Watches for signals until released. @param tell says that the first one was heard */
export function watchInterrupts(tell: (line: string) => void): Interrupt {
  const controller = new AbortController();
  let lastResort: () => Promise<void> = async () => {};
  const handle = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      tell(`${signal}: ending the trial, stopping the services, writing what there is (again to stop at once)`);
      controller.abort(
        new BenchError({ code: 'interrupted', message: `Interrupted by ${signal}.`, exitCode: EXIT.interrupted }),
      );
      return;
    }
    // Leaving now is what was asked for; containers and processes must not outlive it all the same.
    const bound = new Promise<void>((resolve) => setTimeout(resolve, LAST_RESORT_MS));
    void Promise.race([lastResort(), bound]).finally(() => process.exit(EXIT.interrupted));
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return {
    signal: controller.signal,
    onSecond(action) {
      lastResort = action;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
