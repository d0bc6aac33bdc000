#!/usr/bin/env node
import { connectionLimit } from './health/descriptors.js';

/** Loading this program takes some 90 file descriptors at once. */
const LEAST_DESCRIPTORS = 128;

const EXIT_FAILED = 1;

const limit = connectionLimit();
if (limit !== null && limit.descriptors < LEAST_DESCRIPTORS) {
  // Before the rest is loaded, which would end in the middle, with a stack that names a file of a library.
  process.stderr.write(
    `crabllm-bench mock: ${limit.descriptors} file descriptors are too few (ulimit -n): it takes at least ${LEAST_DESCRIPTORS}, better 4096.\n`,
  );
  process.exit(EXIT_FAILED);
} else await import('./start.js');
