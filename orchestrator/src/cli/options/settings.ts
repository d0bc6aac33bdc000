import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Pair } from 'yaml';
import { BenchError, EXIT, messageOf, usageError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import type { SettingsRecord } from '../../record/manifest.js';
import { type Command, isRepeatable, type RawOptions } from './command.js';
import { recordableOptions } from './target.js';

/** Read where no other file is named, if it is there. */
export const SETTINGS_FILE = 'crabllm-bench.yaml';

/** A settings file holds what one would type: below the name of each command, its options without their dashes. */
interface SettingsSource {
  readonly path: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed;
}

/** What is typed and what a file says, together; the command line is stronger. */
export interface Settled {
  readonly given: RawOptions;
  /** Null where no file was read, or it says nothing of this command. */
  readonly record: SettingsRecord | null;
}

/**
 * Adds to what was typed what a settings file says of a command.
 * @param asked the file's path; null: {@link SETTINGS_FILE}, if it is there; false: none at all
 * @param commands all that a file may speak of: it is checked whole, whatever command runs
 * @throws BenchError `settings-missing`; `settings-invalid` with line and column and what is allowed
 */
export function settle(
  command: Command,
  given: RawOptions,
  asked: string | null | false,
  commands: readonly Command[],
): Settled {
  const path = resolve(asked === false || asked === null ? SETTINGS_FILE : asked);
  if (asked === false || (asked === null && !existsSync(path))) return { given, record: null };
  const source = openSettings(path);
  const said = readSections(source, commands).get(command.name);
  if (said === undefined) return { given, record: null };
  const used = Object.fromEntries(Object.entries(said).filter(([name]) => given[name] === undefined));
  return {
    given: { ...used, ...given },
    record: {
      file: basename(path),
      sha256: createHash('sha256').update(source.text).digest('hex'),
      // Run directories are sent around, and what was used is told.
      used: recordableOptions(used),
      overridden: Object.keys(said).filter((name) => given[name] !== undefined),
    },
  };
}

/** What a person is told before anything else: a file that is picked up in silence would change measurements. */
export function settingsLine({ file, used, overridden }: SettingsRecord): string {
  const typed = Object.entries(used).flatMap(([name, value]) => [value].flat().map((one) => asTyped(name, one)));
  const instead = overridden.length === 0 ? '' : `; the command line has its own ${dashed(overridden)}`;
  return `settings of ${file}: ${typed.length === 0 ? 'none used' : typed.join(' ')}${instead} (--no-config leaves them out)`;
}

function asTyped(name: string, value: unknown): string {
  if (value === true) return `--${name}`;
  if (value === false) return `--no-${name}`;
  const text = String(value);
  return `--${name} ${/^[\w@.,:=/%+-]+$/.test(text) ? text : JSON.stringify(text)}`;
}

function dashed(names: readonly string[]): string {
  return names.map((name) => `--${name}`).join(', ');
}

function openSettings(path: string): SettingsSource {
  const lines = new LineCounter();
  const text = readSettingsText(path);
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const source = { path, text, lines, document };
  const [fault] = document.errors;
  if (fault !== undefined) throw faultAt(source, fault.pos[0], fault.message.split('\n')[0] ?? '', 'Mend the YAML.');
  return source;
}

function readSettingsText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(
      'settings-missing',
      `The settings file ${shown(path)} cannot be read: ${messageOf(cause)}.`,
      'Give the path of a YAML file with --config FILE, or leave it out.',
    );
  }
}

/** Every section, checked. */
function readSections(source: SettingsSource, commands: readonly Command[]): Map<string, RawOptions> {
  const { contents } = source.document;
  const sections = new Map<string, RawOptions>();
  if (contents === null || (isScalar(contents) && contents.value === null)) return sections;
  const names = commands.map(({ name }) => name);
  const hint = `Write the name of a command (${names.join(', ')}), and below it its options, for example\n  bench:\n    rps: [100, 500]`;
  if (!isMap(contents)) throw faultAt(source, contents.range[0], 'settings are no list and no single value', hint);
  for (const pair of contents.items) {
    const [name, at] = keyOf(source, pair);
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined)
      throw faultAt(source, at, `"${name}" is no command.${misplaced(name, commands) ?? nearest(name, names)}`, hint);
    sections.set(name, readSection(source, command, pair.value, at));
  }
  return sections;
}

function misplaced(name: string, commands: readonly Command[]): string | null {
  const owner = commands.find(({ options }) => Object.hasOwn(options, name));
  return owner === undefined ? null : ` It is an option of ${owner.name}: write it below ${owner.name}.`;
}

function readSection(source: SettingsSource, command: Command, value: unknown, at: number): RawOptions {
  const node = followed(source, value);
  const allowed = Object.keys(command.options);
  if (isScalar(node) && node.value === null) return {};
  if (!isMap(node)) throw faultAt(source, at, `${command.name} holds no options`, `Allowed: ${allowed.join(', ')}.`);
  return Object.fromEntries(
    node.items.map((pair) => {
      const [name, place] = keyOf(source, pair);
      if (!allowed.includes(name)) {
        const near = nearest(name, allowed);
        throw faultAt(
          source,
          place,
          `${command.name} has no option "${name}".${near}`,
          `Allowed: ${allowed.join(', ')}.`,
        );
      }
      return [name, readValue(source, command, name, followed(source, pair.value), place)];
    }),
  );
}

/** As yargs would hand it over: text, a list of texts where an option may be given several times, yes or no. */
function readValue(source: SettingsSource, command: Command, name: string, node: unknown, at: number): unknown {
  const option = command.options[name] ?? {};
  if (option.type === 'boolean') {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    throw faultAt(source, startOf(node) ?? at, `${name} is neither on nor off`, 'Write true or false.');
  }
  if (!isSeq(node)) return textOf(source, name, node, at);
  const texts = node.items.map((item) => textOf(source, name, followed(source, item), at));
  if (texts.length === 0)
    throw faultAt(source, startOf(node) ?? at, `${name} is empty`, 'Leave it out, or give values.');
  return isRepeatable(option) ? texts : texts.join(',');
}

/** As it stands in the file: `1e3` stays `1e3`, and the option says whether it likes that. */
function textOf(source: SettingsSource, name: string, node: unknown, at: number): string {
  if (isScalar(node) && (typeof node.value === 'string' || typeof node.value === 'number'))
    return typeof node.value === 'number' ? (node.source ?? String(node.value)) : node.value;
  const what = isScalar(node) && typeof node.value === 'boolean' ? String(node.value) : 'no value';
  throw faultAt(
    source,
    startOf(node) ?? at,
    `${name} cannot be ${what}`,
    'Give text, a number, or a list of them; quotes make text of anything.',
  );
}

function keyOf(source: SettingsSource, { key }: Pair): [name: string, at: number] {
  if (!isScalar(key)) throw faultAt(source, startOf(key) ?? 0, 'a key is no word', 'Write NAME: VALUE.');
  return [String(key.value), startOf(key) ?? 0];
}

function followed({ document }: SettingsSource, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function startOf(node: unknown): number | null {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0] ?? null;
}

function faultAt({ path, lines }: SettingsSource, offset: number, message: string, hint: string): BenchError {
  const { line, col } = lines.linePos(offset);
  const text = `${shown(path)}:${line}:${col}: ${message}${/[.?]$/.test(message) ? '' : '.'}`;
  return new BenchError({ code: 'settings-invalid', message: text, hint, exitCode: EXIT.usage });
}

/** A path as a person looks for it. */
function shown(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith('..') ? path : below;
}
