import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';

/** What the files of a project say of the gateway that it is. */
export interface FoundGateway {
  readonly name: string;
  /** Null: no project file says what starts it. */
  readonly command: readonly string[] | null;
  /** Null: nothing says where it listens. */
  readonly port: number | null;
  readonly hasDockerfile: boolean;
  /** One line for a person a thing that was found. */
  readonly evidence: readonly string[];
}

type Project = Pick<FoundGateway, 'name' | 'command'>;

/** How each project file is read; null: it says nothing. The first that says something counts. */
const PROJECTS: readonly (readonly [file: string, read: (text: string, directory: string) => Project | null])[] = [
  ['Cargo.toml', readCargo],
  ['go.mod', readGo],
  ['package.json', readPackage],
  ['pyproject.toml', readPython],
];

/** Looks at a folder. Starts nothing, and throws nothing: a file that cannot be understood says nothing. */
export function findGateway(directory: string): FoundGateway {
  const dockerfile = textOf(join(directory, 'Dockerfile'));
  const exposed = /^EXPOSE\s+(\d+)/im.exec(dockerfile ?? '')?.[1];
  for (const [file, read] of PROJECTS) {
    const text = textOf(join(directory, file));
    const project = text === null ? null : read(text, directory);
    if (project === null) continue;
    return {
      ...project,
      port: exposed === undefined ? null : Number(exposed),
      hasDockerfile: dockerfile !== null,
      evidence: [`${file}: ${project.name}, started by ${project.command?.join(' ') ?? '?'}`, ...portLine(exposed)],
    };
  }
  return {
    name: nameOf(basename(directory)),
    command: null,
    port: exposed === undefined ? null : Number(exposed),
    hasDockerfile: dockerfile !== null,
    evidence: portLine(exposed),
  };
}

function portLine(exposed: string | undefined): string[] {
  return exposed === undefined ? [] : [`Dockerfile: listens at ${exposed}`];
}

function readCargo(text: string, directory: string): Project | null {
  const name = (section: string): string | undefined =>
    new RegExp(String.raw`^\[+${section}\]+[^[]*?^name\s*=\s*"([^"]+)"`, 'ms').exec(text)?.[1];
  const program = name('bin') ?? name('package');
  return program === undefined
    ? null
    : { name: nameOf(program), command: [join(directory, 'target', 'release', program)] };
}

function readGo(text: string, directory: string): Project | null {
  const program = /^module\s+(\S+)/m
    .exec(text)?.[1]
    ?.replace(/\/v\d+$/, '')
    .split('/')
    .at(-1);
  return program === undefined ? null : { name: nameOf(program), command: [join(directory, program)] };
}

const packageSchema = z.object({
  name: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  main: z.string().optional(),
});

function readPackage(text: string, directory: string): Project | null {
  try {
    const { name, bin, main } = packageSchema.parse(JSON.parse(text));
    const script = typeof bin === 'string' ? bin : (Object.values(bin ?? {})[0] ?? main);
    return {
      name: nameOf(name),
      command: script === undefined ? null : ['{node}', join(directory, script)],
    };
  } catch {
    return null;
  }
}

function readPython(text: string, directory: string): Project | null {
  const script = /^\[project\.scripts\]\s*^"?([\w.-]+)"?\s*=/m.exec(text)?.[1];
  const name = /^\[project\][^[]*?^name\s*=\s*"([^"]+)"/ms.exec(text)?.[1];
  if (name === undefined) return null;
  return { name: nameOf(name), command: script === undefined ? null : [join(directory, '.venv', 'bin', script)] };
}

/** As a service may be called: a scope goes, other characters become `-`. */
function nameOf(text: string): string {
  return text
    .replace(/^@[^/]*\//, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
