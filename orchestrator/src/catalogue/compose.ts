import { type Buffer, isUtf8 } from 'node:buffer';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BenchError, messageOf, usageError } from '../errors.js';
import { check } from './compose-check.js';
import { ComposeFaults, type Path } from './compose-faults.js';
import { projectVariables } from './compose-project.js';
import { checkRelations } from './compose-relations.js';
import { composeSchema } from './compose-schema.js';
import { readService } from './compose-service.js';
import { type ComposeText, type ComposeValue, composeValues, isValueMap, parseYaml } from './compose-yaml.js';
import { InterpolationFault, type Lookup, interpolate } from './interpolate.js';
import type { Service } from './service.js';

/**
 * Reads a compose file into services as Compose reads it, strictly: what Compose would refuse, and what this program has no use for,
 * is refused; nothing is read differently in silence.
 * @param shell where variables come from; `.env` beside the file adds what it lacks
 * @param elsewhere names of services in files that were read before, which `depends_on` may name
 * @throws BenchError `compose-missing`; `compose-invalid` with everything that is wrong, each with line and column and what to do
 */
export function readCompose(
  path: string,
  shell: NodeJS.ProcessEnv = process.env,
  elsewhere: readonly string[] = [],
): Service[] {
  const yaml = openCompose(path);
  const faults = new ComposeFaults({ path: resolve(path), lines: yaml.lines });
  const written = composeValues(yaml, faults);
  const lookup = lookupFor(path, shell, written, faults);
  const root = interpolateAll(faults, [], written, lookup);
  check(faults, [], composeSchema, root);
  const services =
    isValueMap(root) && isValueMap(root['services'] ?? null)
      ? (root['services'] as Record<string, ComposeValue>)
      : null;
  const reading = { path: resolve(path), faults, lookup };
  const read = Object.entries(services ?? {}).map(([name, raw]) => readService(reading, name, raw));
  checkRelations(faults, read, elsewhere);
  if (services !== null && read.length === 0)
    faults.add(['services'], 'there is no service in it', 'Describe one below services:.');
  faults.throwIfAny();
  return read.flatMap(({ service }) => (service === null ? [] : [service]));
}

function openCompose(path: string): ComposeText {
  const fault = (what: string): BenchError =>
    usageError('compose-missing', what, 'Give the path of a Compose file with --compose FILE.');
  if (!existsSync(path)) throw fault(`There is no compose file at ${path}.`);
  // A pipe would be waited for, a device read for ever.
  if (!statSync(path).isFile()) throw fault(`${path} is no compose file: it is a folder, a pipe or a device.`);
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    throw fault(`${path} cannot be read: ${messageOf(thrown)}.`);
  }
  const coding = foreignCoding(bytes);
  if (coding !== null) {
    throw usageError('compose-invalid', `${path} is no text in UTF-8: ${coding}.`, 'Save it as UTF-8.');
  }
  return parseYaml(bytes.toString('utf8'));
}

/** How bytes show that they are no UTF-8; read as such they would be other names and values in silence. */
function foreignCoding(bytes: Buffer): string | null {
  const start = bytes.toString('latin1', 0, 2);
  if (start === '\xff\xfe' || start === '\xfe\xff') return 'it begins as UTF-16 does';
  if (start === '\x1f\x8b') return 'it begins as gzip does';
  if (bytes.includes(0)) return `byte ${bytes.indexOf(0) + 1} is 0`;
  return isUtf8(bytes) ? null : 'some of its bytes are none, as in a file of Latin-1';
}

/** The file's `name` may itself be made of variables, and is one. */
function lookupFor(path: string, shell: NodeJS.ProcessEnv, written: ComposeValue, faults: ComposeFaults): Lookup {
  const variables = projectVariables(path, shell);
  const name = isValueMap(written) ? written['name'] : null;
  return variables(typeof name === 'string' ? interpolateText(faults, ['name'], name, variables(null)) : null);
}

/** Compose's variables in every text of a value, but in no key. */
function interpolateAll(faults: ComposeFaults, at: Path, value: ComposeValue, lookup: Lookup): ComposeValue {
  if (typeof value === 'string') return interpolateText(faults, at, value, lookup);
  if (Array.isArray(value))
    return value.map((item: ComposeValue, i) => interpolateAll(faults, [...at, i], item, lookup));
  if (isValueMap(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, interpolateAll(faults, [...at, key], item, lookup)]),
    );
  }
  return value;
}

function interpolateText(faults: ComposeFaults, at: Path, text: string, lookup: Lookup): string {
  try {
    return interpolate(text, lookup);
  } catch (thrown) {
    if (!(thrown instanceof InterpolationFault)) throw thrown;
    faults.add(at, `${at.join('.')}: ${thrown.message}`, thrown.hint);
    return text;
  }
}
