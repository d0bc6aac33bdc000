import { usageError } from '../errors.js';
import type { Service } from './service.js';

/** A program of one's own that is to be measured as a gateway of the catalogue. */
export interface OwnProgram {
  /** Of the catalogue. */
  readonly gateway: string;
  /** Its own name among the targets; null: it takes the gateway's place. */
  readonly label: string | null;
  /** Absolute, on this host. */
  readonly path: string;
}

/** Where an engine puts a program of one's own into the container. */
export const PROGRAM_IN_CONTAINER = '/crabllm-bench-program';

/** The name of the target: `crabllm`, or `crabllm:mine`. */
export function ownProgramName({ gateway, label }: OwnProgram): string {
  return label === null ? gateway : `${gateway}:${label}`;
}

/**
 * A gateway whose program is another file: a build of one's own, with the arguments and the configuration that the compose file gives
 * it. In a container it is the entrypoint and has the arguments that it has without an engine, because an image may begin with a script
 * that makes others of its own.
 * @throws BenchError `binary-unusable` when the gateway is not one program
 */
export function withOwnProgram(service: Service, own: OwnProgram): Service {
  const [program = '', ...args] = service.process?.command ?? [];
  if (service.process === null || !/^[\w.-]+$/.test(program)) {
    throw usageError(
      'binary-unusable',
      `--binary ${ownProgramName(own)}=…: ${service.name} is not one program${program === '' ? '' : `, it is started by ${program}`}.`,
      'Describe your build in a Compose file of your own and give it with --compose FILE, or start it yourself: --target NAME=URL.',
    );
  }
  return {
    ...service,
    name: ownProgramName(own),
    program: own.path,
    // What it says itself, not what the compose file pins.
    version: null,
    entrypoint: [PROGRAM_IN_CONTAINER],
    command: args.map((word) => inContainer(word, service)),
    process: {
      ...service.process,
      command: [own.path, ...args],
      versionCommand: null,
      npmDirectory: null,
      versionFolder: null,
      install: null,
    },
  };
}

/** What a word of the command without an engine is in a container, where files lie at the places that the compose file names. */
function inContainer(word: string, { port, mockPort = 0 }: Service): string {
  return word
    .replaceAll(/\{config:([^}]+)\}/g, '$1')
    .replaceAll('{port}', String(port))
    .replaceAll('{mock-url}', `http://127.0.0.1:${mockPort}`)
    .replaceAll('{mock-host}', '127.0.0.1')
    .replaceAll('{mock-port}', String(mockPort));
}
