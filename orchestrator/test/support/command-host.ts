// What `CommandLine` forks: runs one command line after the other in the folder it is told, as run.js would, and says how each ended.
import { runCommand } from '#src/cli/main.js';

interface Asked {
  readonly words: readonly string[];
  readonly directory: string;
}

function caught(stream: NodeJS.WriteStream): { readonly text: () => string; readonly release: () => void } {
  const write = stream.write.bind(stream);
  const pieces: string[] = [];
  stream.write = (piece: string | Uint8Array, ...rest: unknown[]) => {
    pieces.push(typeof piece === 'string' ? piece : Buffer.from(piece).toString());
    const done = rest.find((value) => typeof value === 'function') as (() => void) | undefined;
    if (done !== undefined) queueMicrotask(done);
    return true;
  };
  return {
    text: () => pieces.join(''),
    release: () => {
      stream.write = write;
    },
  };
}

async function answer({ words, directory }: Asked): Promise<void> {
  process.chdir(directory);
  const out = caught(process.stdout);
  const err = caught(process.stderr);
  const status = await runCommand(words);
  out.release();
  err.release();
  process.send?.({ status, stdout: out.text(), stderr: err.text() });
}

process.on('message', (asked: Asked) => void answer(asked));
process.on('disconnect', () => process.exit());
