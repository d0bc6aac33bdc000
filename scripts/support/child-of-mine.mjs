// A program that a script starts ends with the script. Ctrl-C reaches both, but a SIGTERM, which a script's `finally` does not see,
// the script alone: its mock would go on and be in the way of what is measured next.
import { spawn } from 'node:child_process';

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

const running = new Set();

process.on('exit', () => {
  for (const child of running) child.kill('SIGTERM');
});
for (const [signal, number] of Object.entries(SIGNALS)) process.on(signal, () => process.exit(128 + number));

/** As `spawn` of node:child_process, and ended by SIGTERM when this process ends by anything but a SIGKILL. */
export function spawnMine(command, words, options) {
  const child = spawn(command, words, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}
