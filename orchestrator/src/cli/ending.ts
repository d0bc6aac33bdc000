import { EXIT, type ExitCode } from '../errors.js';

/** How long what still hangs may keep the process behind its last line. */
const LAST_MS = 2000;

/**
 * Runs a command and ends the process with its exit code, whatever still hangs by then (a connection that an engine never closes, a helper
 * that does not end): output that is on its way is written first, then the event loop runs out by itself, and where it does not it is ended.
 */
export async function endWith(command: Promise<ExitCode>): Promise<void> {
  // Until it is known: Node itself would say 13, and nobody could tell why.
  process.exitCode = EXIT.bug;
  const sayLost = (): void => {
    process.stderr.write('crabllm-bench: a fault of this program: it waited for something that can no longer come\n');
  };
  process.on('exit', sayLost);
  const code = await command;
  process.off('exit', sayLost);
  process.exitCode = code;
  await Promise.all([process.stdout, process.stderr].map(written));
  setTimeout(() => process.exit(code), LAST_MS).unref();
}

/** Settles when everything that was written to a stream has left, at the pace of whoever reads it, or when nobody does any more. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) return resolve();
    stream.once('close', resolve);
    stream.write('', () => resolve());
  });
}
