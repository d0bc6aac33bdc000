import { type Catalogue, readCatalogue, selectGateways } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import type { Service } from '../catalogue/service.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { watchInterrupts } from '../measure/interrupt.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import { INSTALLABLE, installGateway } from '../runtime/process/install-gateway.js';
import { type Newest, newestVersion } from '../runtime/process/newest-version.js';
import { type Command, flagOption } from './options/command.js';
import { parseNames } from './options/values.js';

/** Brings what the process runtime starts. */
export const gatewaysCommand: Command = {
  name: 'gateways',
  about: `Install gateways that run without Docker: ${INSTALLABLE.join(', ')}`,
  words: [],
  optionalWords: ['names'],
  options: { newer: flagOption('What', 'Install nothing: say which versions are newer where they are published') },
  examples: [
    ['', 'all of them, at the versions that are measured by default'],
    ['litellm', 'one'],
    ['crabllm@0.0.24,crabllm@0.0.25', 'one at two other versions, beside the pinned one'],
    ['--newer', 'what is pinned, and what is the newest: PyPI, npm, crates.io, releases on GitHub'],
  ],
  exitCodes: '0: all is there, or asked for; 3: one that was named is not; 4: with --newer, nobody could be asked',
  run: (given, [words]) => {
    const names = words === undefined ? null : parseNames('gateways', words, 'crabllm,litellm');
    return given['newer'] === true ? tellNewer(names) : installAll(names);
  },
};

/** @param names null: all, each of them as far as it can be had */
async function installAll(names: readonly string[] | null): Promise<ExitCode> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const services = chooseServices(readCatalogue([COMPOSE_FILE]), names);
  const home = new BenchHome();
  const interrupt = watchInterrupts(tell);
  let failed = 0;
  try {
    for (const service of services) {
      const missing = await installGateway(service, home, tell, interrupt.signal);
      interrupt.signal.throwIfAborted();
      tell(
        `${service.name} ${service.version ?? ''}: ${missing === null ? 'ready' : `not installed: ${missing}`}`.trim(),
      );
      if (missing !== null) failed += 1;
    }
  } finally {
    interrupt.release();
  }
  return names !== null && failed > 0 ? EXIT.incomplete : EXIT.ok;
}

/** @param names null: every gateway that is built in */
async function tellNewer(names: readonly string[] | null): Promise<ExitCode> {
  const catalogue = readCatalogue([COMPOSE_FILE]);
  const bare = catalogue.gateways.flatMap(({ name, variant }) => (variant === undefined ? name : []));
  const services = selectGateways(catalogue, names ?? bare);
  const interrupt = watchInterrupts((line) => void process.stderr.write(`${line}\n`));
  try {
    const found = await Promise.all(
      services.map(async (service) => ({
        service,
        newest:
          service.upstream === undefined
            ? { problem: 'its entry does not say where it is published (x-bench.upstream)' }
            : await newestVersion(service.upstream, interrupt.signal),
      })),
    );
    for (const { service, newest } of found) process.stdout.write(`${newerLine(service, newest)}\n`);
    if (found.some(({ newest }) => 'version' in newest)) return EXIT.ok;
    process.stderr.write('nobody could be asked: is this machine offline, or behind a proxy (HTTPS_PROXY)?\n');
    return EXIT.environment;
  } finally {
    interrupt.release();
  }
}

/** @internal exported for tests */
export function newerLine({ name, version, upstream }: Service, newest: Newest): string {
  const pinned = `${name} ${version ?? '(not pinned)'}`;
  if ('problem' in newest) return `${pinned}: the newest is not known: ${newest.problem}`;
  return newest.version === version
    ? `${pinned}: is the newest`
    : `${pinned}: ${newest.version} is the newest (${upstream ?? ''})`;
}

function chooseServices(catalogue: Catalogue, names: readonly string[] | null): Service[] {
  const unknown = names?.find((name) => !INSTALLABLE.includes(name.split('@', 1)[0] as string));
  if (unknown !== undefined)
    throw usageError(
      'bad-value',
      `No way to install ${JSON.stringify(unknown)} is known.`,
      `Known: ${INSTALLABLE.join(', ')}, each also as NAME@VERSION.`,
    );
  return selectGateways(catalogue, names ?? INSTALLABLE);
}
