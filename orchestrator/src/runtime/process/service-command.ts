import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { PLACEHOLDER } from '../../catalogue/placeholders.js';
import type { ProcessSpec, Service } from '../../catalogue/service.js';
import { MOCK_PROGRAM, SINK_PROGRAM } from '../../installation.js';
import type { Reason } from '../../record/reason.js';
import { findProgram } from './find-program.js';

/** Where the words of a command lead. */
export interface CommandPlaces {
  /** Folders that are searched for the program before PATH is. */
  readonly programDirectories: readonly string[];
  /** Whether PATH is searched behind them; not when a certain version was asked for. */
  readonly path: boolean;
  /** What `{npm}` stands for; null when the service has no packages. */
  readonly packagesDirectory: string | null;
  /** Holds copies of the mounted files under their paths in a container: what `{config:…}` points into. */
  readonly privateDirectory: string;
  /** What `{free-port:NAME}` stands for, by name; 0 where nothing is started yet. */
  readonly freePorts: ReadonlyMap<string, number>;
}

export type FoundProgram = Extract<FoundCommand, { readonly state: 'found' }>;

export type FoundCommand =
  | {
      readonly state: 'found';
      readonly words: readonly [program: string, ...args: string[]];
      readonly environment: Readonly<Record<string, string>>;
      /** What prints the version of what runs; null where nothing is said to. */
      readonly versionWords: readonly [program: string, ...args: string[]] | null;
    }
  | { readonly state: 'absent'; readonly reason: Reason };

/** The program's file and its arguments for a service, or why there is none. Looks at the file system, starts nothing. */
export function findCommand(service: Service, places: CommandPlaces): FoundCommand {
  const spec = service.process;
  if (spec === null || spec.command.length === 0) {
    return absent(
      'not-startable',
      `the compose file does not say how to start ${service.name} without a container engine (x-bench.process)`,
    );
  }
  const words = resolveWords(spec.command, service, places);
  if ('code' in words) return { state: 'absent', reason: words };
  const [name = '', ...args] = words;
  const programOf = (word: string): string | null =>
    findProgram(word, packageBins(places).concat(places.programDirectories), places.path);
  const program = programOf(name);
  if (program === null) return absent('not-installed', notInstalled(service.name, name, spec, places.path));
  const values = resolveWords(Object.values(spec.environment), service, places);
  if ('code' in values) return { state: 'absent', reason: values };
  const names = Object.keys(spec.environment);
  const version = resolveWords(spec.versionCommand ?? [], service, places);
  if ('code' in version) return { state: 'absent', reason: version };
  const [versionName, ...versionArgs] = version;
  // Not there: the version is not known, and the service can be started all the same.
  const versionProgram = versionName === undefined ? null : programOf(versionName);
  return {
    state: 'found',
    words: [program, ...args],
    environment: Object.fromEntries(values.map((value, i) => [names[i] as string, value])),
    versionWords: versionProgram === null ? null : [versionProgram, ...versionArgs],
  };
}

function resolveWords(words: readonly string[], service: Service, places: CommandPlaces): string[] | Reason {
  const resolved: string[] = [];
  for (const word of words) {
    const one = resolveWord(word, service, places);
    if (typeof one !== 'string') return one;
    resolved.push(one);
  }
  return resolved;
}

function resolveWord(word: string, service: Service, places: CommandPlaces): string | Reason {
  let problem: Reason | null = null;
  const resolved = word.replace(PLACEHOLDER, (placeholder: string, key: string, target: string | undefined) => {
    if (key === 'free-port') {
      return String(places.freePorts.get(target ?? '') ?? 0);
    } else if (key === 'mock-url') {
      return `http://127.0.0.1:${service.mockPort ?? 0}`;
    } else if (key === 'mock-host') {
      return '127.0.0.1';
    } else if (key === 'mock-port') {
      return String(service.mockPort ?? 0);
    } else if (target !== undefined) {
      const isMounted = service.mounts.some(({ containerPath }) =>
        `${containerPath}/`.startsWith(`${target.replace(/\/$/, '')}/`),
      );
      if (isMounted) return join(places.privateDirectory, target);
      problem = {
        code: 'not-startable',
        message: `${placeholder} in x-bench.process of ${service.name} names nothing that is mounted`,
      };
    } else if (key === 'node') {
      return process.execPath;
    } else if (key === 'mock') {
      return MOCK_PROGRAM;
    } else if (key === 'sink') {
      return SINK_PROGRAM;
    } else if (key === 'port') {
      return String(service.port);
    } else if (places.packagesDirectory !== null) {
      return places.packagesDirectory;
    } else {
      problem = {
        code: 'not-startable',
        message: `{npm} in x-bench.process of ${service.name} needs x-bench.process.npm`,
      };
    }
    return placeholder;
  });
  if (problem !== null) return problem;
  if (/\{(mock|sink|npm)\}/.test(word) && isAbsolute(resolved) && !existsSync(resolved)) {
    return {
      code: 'not-installed',
      message: `${resolved}, which starts ${service.name}, does not exist${remedy(service.process)}`,
    };
  }
  return resolved;
}

function packageBins(places: CommandPlaces): string[] {
  return places.packagesDirectory === null ? [] : [join(places.packagesDirectory, 'node_modules', '.bin')];
}

function notInstalled(service: string, program: string, spec: ProcessSpec, path: boolean): string {
  if (isAbsolute(program)) return `${program}, which starts ${service}, is not an executable file${remedy(spec)}`;
  if (program.includes('/')) return `${program}, which starts ${service}, must be an absolute path or a bare name`;
  if (!path) return `${service} is not installed${remedy(spec)}`;
  return `${program}, which starts ${service}, is not on PATH${remedy(spec)}`;
}

function remedy(spec: ProcessSpec | null): string {
  return spec === null || spec.install === null ? '' : `; this brings it: ${spec.install}`;
}

function absent(code: string, message: string): FoundCommand {
  return { state: 'absent', reason: { code, message } };
}
