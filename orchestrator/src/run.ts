#!/usr/bin/env node
import { hostLimits } from './resources/host-limits.js';

/** Loading this program takes some 150 file descriptors at once, its threads and a few connections the rest. */
const LEAST_DESCRIPTORS = 256;

/** As errors.ts has it: the surroundings are not what they have to be. That file is not loaded here, see below. */
const EXIT_ENVIRONMENT = 4;

const { descriptors } = hostLimits();
if (descriptors !== null && descriptors < LEAST_DESCRIPTORS) {
  // Before the rest is loaded, which would end in the middle, with a stack that names a file of a library.
  process.stderr.write(
    `crabllm-bench: ${descriptors} file descriptors are too few (ulimit -n): it takes at least ${LEAST_DESCRIPTORS}, better 4096.\n`,
  );
  process.exitCode = EXIT_ENVIRONMENT;
} else {
  const { endWith } = await import('./cli/ending.js');
  const { runCommand } = await import('./cli/main.js');
  const { watchReaders } = await import('./measure/reader-gone.js');
  // To the very end, also where nothing is measured and so nothing has to be stopped: what nobody reads is not written.
  watchReaders(() => {});
  await endWith(runCommand(process.argv.slice(2)));
}
