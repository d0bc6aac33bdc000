import { once } from 'node:events';
import { isIP } from 'node:net';
import { agentClock } from '../agent/agent-clock.js';
import { runAgent } from '../agent/run-agent.js';
import { PodGroups } from '../agent/pod-groups.js';
import { type Look, lookAt } from '../agent/subject.js';
import { openWatchServer } from '../agent/watch-server.js';
import { DUTIES, MOST_AGENTS, TOKEN_VARIABLE } from '../agent/wire.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { createNativeDriver } from '../load/native/driver.js';
import { watchInterrupts } from '../measure/interrupt.js';
import { type Command, type RawOptions, refuseBeside, textOption, valueOf } from './options/command.js';
import { parseAddress, readToken } from './options/elsewhere.js';
import { parseChoice, parseNumber } from './options/values.js';

const HOW = 'How';
const PATIENCE_SECONDS = 60;

/** Makes load, or watches, for a run whose orchestrator is elsewhere. */
export const agentCommand: Command = {
  name: 'agent',
  about: 'Make a share of the load, or watch, for a run that is directed from elsewhere',
  words: [],
  options: {
    orchestrator: textOption(HOW, 'Where the run is directed from, e.g. http://10.0.0.5:7070'),
    listen: textOption(
      HOW,
      'With --duty watch, in the place of --orchestrator: ADDRESS:PORT at which it is asked for each look at the processes beside it',
    ),
    pods: textOption(
      HOW,
      'With --listen: the folder at which the node’s /sys/fs/cgroup is mounted; looks are then at the Pods that a question names',
      'what runs beside it',
    ),
    'token-file': textOption(HOW, 'File with the token of the run', `the variable ${TOKEN_VARIABLE}`),
    duty: textOption(HOW, 'load: make a share of each trial; watch: sample what runs beside it', 'load'),
    index: textOption(HOW, 'Which agent of its duty this is, from 0', '0'),
    patience: textOption(HOW, 'Seconds without an answer after which it gives up', `${PATIENCE_SECONDS}`),
  },
  exitCodes:
    'Exit codes: 0 the run is over · 2 bad input, or refused by the orchestrator · 4 the orchestrator is gone · 130 interrupted',
  examples: [
    ['--orchestrator http://10.0.0.5:7070 --token-file /run/token --index 0', 'the first of those that make load'],
    ['--duty watch --listen 0.0.0.0:29001', 'beside a target, in a Pod whose containers share their processes'],
  ],
  run: (given) => (valueOf(given, 'listen') === undefined ? agent(given) : watchWhenAsked(given)),
};

/** Looks when it is asked, until it is ended. */
async function watchWhenAsked(given: RawOptions): Promise<ExitCode> {
  refuseBeside(given, 'listen', ['orchestrator', 'index', 'patience'], 'It is asked, and asks nobody.');
  if (valueOf(given, 'duty') !== 'watch')
    throw usageError('bad-value', '--listen is of --duty watch.', 'Those that make load ask: give --orchestrator.');
  const { host, port } = parseListen(valueOf(given, 'listen') ?? '');
  const token = readToken(valueOf(given, 'token-file'));
  const interrupt = watchInterrupts((line) => void process.stderr.write(`${line}\n`));
  const close = await openWatchServer({
    host,
    port,
    token,
    subjectOf: subjectsOf(valueOf(given, 'pods')),
    clock: agentClock(),
  });
  try {
    await once(interrupt.signal, 'abort');
    return EXIT.ok;
  } finally {
    close();
    interrupt.release();
  }
}

function subjectsOf(pods: string | undefined): (uids: readonly string[]) => Look {
  if (pods === undefined) {
    const beside = lookAt({ of: 'others' });
    return () => beside;
  }
  const groups = new PodGroups(pods);
  return (uids) => groups.of(uids);
}

function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', digits = ''] = /^(.+):(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  const address = host.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && port >= 1 && port <= 65_535) return { host: address, port };
  throw usageError(
    'bad-value',
    `--listen ${JSON.stringify(text)} is not understood.`,
    'Give an address of this host and a port, for example --listen 0.0.0.0:29001.',
  );
}

async function agent(given: RawOptions): Promise<ExitCode> {
  const options = {
    orchestrator: orchestratorOf(given),
    token: readToken(valueOf(given, 'token-file')),
    duty: parseChoice('duty', valueOf(given, 'duty') ?? 'load', DUTIES),
    index: parseNumber('index', valueOf(given, 'index') ?? '0', { min: 0, max: MOST_AGENTS - 1, integer: true }),
    patienceMs:
      1000 *
      parseNumber('patience', valueOf(given, 'patience') ?? `${PATIENCE_SECONDS}`, {
        min: 1,
        max: 3600,
        unit: 'seconds',
      }),
  };
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const interrupt = watchInterrupts(tell);
  try {
    await runAgent({ ...options, driver: createNativeDriver, clock: agentClock(), tell }, interrupt.signal);
    return EXIT.ok;
  } finally {
    interrupt.release();
  }
}

function orchestratorOf(given: RawOptions): URL {
  const address = valueOf(given, 'orchestrator');
  if (address !== undefined) return parseAddress('orchestrator', address);
  throw usageError(
    'bad-value',
    'agent needs --orchestrator.',
    'Give scheme, host and port and nothing else, for example --orchestrator http://10.0.0.5:7070.',
  );
}
