import { BenchError, EXIT } from '../errors.js';
import { watchReaders } from './reader-gone.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Turns Ctrl-C, SIGTERM, and a reader of the output that goes away into an abort. */
export interface Interrupt {
  /** Aborted by the first of them, with a BenchError `interrupted` as its reason. */
  readonly signal: AbortSignal;
  /** Ends the run as the first signal does. @param message who wanted it */
  stop(message: string): void;
  /** What a second signal does before the process ends at once; synchronous or quick. */
  onSecond(action: () => Promise<void>): void;
  /** Puts the signals back to what they do by themselves. */
  release(): void;
}

/** How long the last clean-up of a second Ctrl-C may take. */
const LAST_RESORT_MS = 3000;

/** Watches until released. @param tell says that the first one was heard */
export function watchInterrupts(tell: (line: string) => void): Interrupt {
  const controller = new AbortController();
  let lastResort: () => Promise<void> = async () => {};
  const abort = (message: string): void => {
    controller.abort(new BenchError({ code: 'interrupted', message, exitCode: EXIT.interrupted }));
  };
  const handle = (signal: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      tell(`${signal}: ending the trial, stopping the services, writing what there is (again to stop at once)`);
      return abort(`Interrupted by ${signal}.`);
    }
    // Leaving now is what was asked for; containers and processes must not outlive it all the same.
    const bound = new Promise<void>((resolve) => setTimeout(resolve, LAST_RESORT_MS));
    void Promise.race([lastResort(), bound]).finally(() => process.exit(EXIT.interrupted));
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  const stopWatchingReaders = watchReaders((outlet) => abort(`Interrupted: nobody reads ${outlet} any more.`));
  return {
    signal: controller.signal,
    stop(message) {
      if (controller.signal.aborted) return;
      tell(`${message} Ending the trial, stopping the services, writing what there is`);
      abort(message);
    },
    onSecond(action) {
      lastResort = action;
    },
    release() {
      stopWatchingReaders();
      for (const signal of SIGNALS) process.off(signal, handle);
    },
  };
}
