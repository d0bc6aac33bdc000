#!/usr/bin/env node
import { runCommand } from './cli/main.js';
import { watchReaders } from './measure/reader-gone.js';

// To the very end, also where nothing is measured and so nothing has to be stopped: what nobody reads is not written.
watchReaders(() => {});

// Standard output may be a pipe that is still being read, so the code is set and the loop runs out by itself.
process.exitCode = await runCommand(process.argv.slice(2));
