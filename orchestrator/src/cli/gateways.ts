import { type Catalogue, readCatalogue, selectGateways } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import type { Service } from '../catalogue/service.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { watchInterrupts } from '../measure/interrupt.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import { INSTALLABLE, installGateway } from '../runtime/process/install-gateway.js';
import type { Command } from './options/command.js';
import { parseNames } from './options/values.js';

/** Brings what the process runtime starts. */
export const gatewaysCommand: Command = {
  name: 'gateways',
  about: `Install gateways that run without Docker: ${INSTALLABLE.join(', ')}`,
  words: [],
  optionalWords: ['names'],
  options: {},
  examples: [
    ['', 'all of them, at the versions that are measured by default'],
    ['litellm', 'one'],
    ['crabllm@0.0.24,crabllm@0.0.25', 'one at two other versions, beside the pinned one'],
  ],
  run: (_given, [names]) => installAll(names === undefined ? null : parseNames('gateways', names, 'crabllm,litellm')),
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
