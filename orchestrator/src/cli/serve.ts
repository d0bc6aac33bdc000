import { EXIT, type ExitCode } from '../errors.js';
import { startPageServer } from '../serve/page-server.js';
import { servesRuns } from '../serve/run-pages.js';
import { type Command, textOption, valueOf } from './options/command.js';
import { readPagePort } from './options/serve.js';

/** Shows runs that were measured, in a browser. */
export const serveCommand: Command = {
  name: 'serve',
  about: 'Serve the pages of run directories to this machine’s browser; of several a list with a search',
  words: ['dir'],
  moreWords: true,
  options: { port: textOption('How', 'Port on 127.0.0.1', 'any that is free') },
  exitCodes: 'Exit codes: 0 ended by Ctrl-C · 2 bad input · 4 the port is taken',
  examples: [
    ['results', 'the page of one run'],
    ['runs --port 8765', 'a folder of them, on a port that an ssh tunnel can name'],
  ],
  run: async (given, words) => serve(words, readPagePort(valueOf(given, 'port'), 'port')),
};

async function serve(words: readonly string[], port: number): Promise<ExitCode> {
  const server = await startPageServer(port, servesRuns(words));
  const ended = untilSignal();
  process.stdout.write(`${server.address}\n`);
  process.stderr.write('Open that address in a browser; whoever has it can look. Ctrl-C ends.\n');
  await ended;
  await server.close();
  return EXIT.ok;
}

/** Settles at the first of them; the next does what it does by itself. */
function untilSignal(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    const end = (): void => {
      for (const signal of signals) process.off(signal, end);
      resolve();
    };
    for (const signal of signals) process.on(signal, end);
  });
}
