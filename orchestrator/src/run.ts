#!/usr/bin/env node
import { runCommand } from './cli/main.js';

// `… | head` closes the pipe early: that is the reader's choice and no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// Standard output may be a pipe that is still being read, so the code is set and the loop runs out by itself.
process.exitCode = await runCommand(process.argv.slice(2));
