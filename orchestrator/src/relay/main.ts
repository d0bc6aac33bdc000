#!/usr/bin/env node
import { hostLimits } from '../resources/host-limits.js';

/** Loading this program takes some 60 file descriptors at once; each request that is passed on takes two. */
const LEAST_DESCRIPTORS = 128;

/** As errors.ts has it; that file is not loaded here. */
const EXIT_ENVIRONMENT = 4;

const { descriptors } = hostLimits();
if (descriptors !== null && descriptors < LEAST_DESCRIPTORS) {
  process.stderr.write(
    `crabllm-bench relay: ${descriptors} file descriptors are too few (ulimit -n): it takes at least ${LEAST_DESCRIPTORS}.\n`,
  );
  process.exitCode = EXIT_ENVIRONMENT;
} else await import('./start.js');
