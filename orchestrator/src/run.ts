#!/usr/bin/env node
import { runCommand } from './cli/main.js';

// The only process.exit: standard output may be a pipe that is still being read, so the code is set and the loop runs out first.
process.exitCode = await runCommand(process.argv.slice(2));
