#!/usr/bin/env node
import { endWith } from './cli/ending.js';
import { runCommand } from './cli/main.js';
import { watchReaders } from './measure/reader-gone.js';

// To the very end, also where nothing is measured and so nothing has to be stopped: what nobody reads is not written.
watchReaders(() => {});

await endWith(runCommand(process.argv.slice(2)));
