import yargs from 'yargs';
import { nearest } from '../nearest.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { columnsOf } from '../report/terminal-style.js';
import { VERSION } from '../version.js';
import { benchCommand } from './bench.js';
import { calibrateCommand } from './calibrate.js';
import { chartCommand } from './chart.js';
import { exportCommand } from './export.js';
import type { Command, RawOptions } from './options/command.js';
import { compareCommand } from './compare.js';
import { doctorCommand } from './doctor.js';
import { PROGRAMS, programOfBareLine, runProgram } from './programs.js';
import { verifyCommand } from './verify.js';

/** In the order in which help lists them; the first is the default. */
const COMMANDS: readonly Command[] = [
  benchCommand,
  chartCommand,
  compareCommand,
  exportCommand,
  verifyCommand,
  calibrateCommand,
  doctorCommand,
];

/** Asked for beside options of another command; by themselves they start the mock. */
const MOCK_OPTIONS = ['port', 'chunks', 'delay', 'error-rate', 'p', 'c', 'd', 'e'];

const EXIT_CODES =
  'Exit codes: 0 measured · 1 refuted (verify, compare) · 2 bad input · 3 the table has gaps: a gateway failed, one asked for by name is missing, or ' +
  'direct itself could not be measured, and the last line says which · 4 surroundings failed · 130 interrupted';

const NAMES = [...COMMANDS, ...PROGRAMS].map(({ name }) => name);

/**
 * Parses a command line, runs it, reports errors.
 * @returns the exit code of the process
 */
export async function runCommand(words: readonly string[]): Promise<ExitCode> {
  const [first = ''] = words;
  const named = COMMANDS.find(({ name }) => name === first);
  try {
    const program = PROGRAMS.find(({ name }) => name === first);
    if (program !== undefined) return await runProgram(program, words.slice(1));
    const bare = programOfBareLine(words, Object.keys(benchCommand.options));
    if (bare !== undefined) return await runProgram(bare, words);
    if (first === 'help') return await runCommand([...words.slice(1, 2), '--help']);
    if (named === undefined && first !== '' && !first.startsWith('-')) throw unknownCommand(first);
    return await dispatch(named ?? benchCommand, named === undefined ? words : words.slice(1));
  } catch (thrown) {
    return report(thrown, named ?? benchCommand);
  }
}

async function dispatch(command: Command, line: readonly string[]): Promise<ExitCode> {
  const parser = yargs([...line])
    .scriptName('crabllm-bench')
    .usage(usageOf(command))
    .parserConfiguration({
      'camel-case-expansion': false,
      'duplicate-arguments-array': true,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .options(command.options)
    .example(command.examples.map(([words, about]): [string, string] => [`${invocation(command)} ${words}`, about]))
    .epilogue(command.exitCodes ?? EXIT_CODES)
    .wrap(Math.min(110, columnsOf(process.stdout, process.env, 110)))
    .version(false)
    .option('version', { type: 'boolean', describe: 'Print the version' })
    .help(false)
    .option('help', { type: 'boolean', alias: 'h', describe: 'Print this help' })
    .exitProcess(false)
    .fail((message, error) => {
      if (error instanceof BenchError) throw error;
      const bare = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
      throw usageError('usage', bare === undefined ? `${message}.` : `--${bare} needs a value.`, 'See --help.');
    });
  checkFlags(command, line);
  const raw = (await parser.parse()) as RawOptions & { _: string[] };
  checkOptions(command, raw, line);
  if (raw['help'] === true) {
    process.stdout.write(`${plainHelp(await parser.getHelp())}\n`);
    return EXIT.ok;
  }
  if (raw['version'] === true) {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const words = raw._.map(String);
  checkWords(command, words);
  return command.run(givenOptions(command, raw), words);
}

/** An option's type is plain from its description; the tag that yargs puts behind each is noise. */
function plainHelp(help: string): string {
  return help.replaceAll(/ +\[(?:string|boolean)\](?=$| \[)/gm, '').replaceAll(/^\s+\[(?:string|boolean)\]\n/gm, '');
}

function invocation({ name }: Command): string {
  return name === benchCommand.name ? '$0' : `$0 ${name}`;
}

function usageOf(command: Command): string {
  const optional = (command.optionalWords ?? []).map((word) => `[${word.toUpperCase()}]`);
  const line = [invocation(command), ...command.words.map((word) => word.toUpperCase()), ...optional, '[options]'].join(
    ' ',
  );
  if (command !== benchCommand) return `${line}\n\n${command.about}.`;
  const width = Math.max(...NAMES.map((name) => name.length));
  const list = [...COMMANDS, ...PROGRAMS].map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return [
    `${line}\n$0 COMMAND [options]`,
    'Measures what LLM gateways cost, in front of a mock provider, and says how sure it is.',
    `Commands:\n${list.join('\n')}`,
  ].join('\n\n');
}

/** yargs takes whatever stands behind a flag's `=` for a yes. */
function checkFlags({ options }: Command, line: readonly string[]): void {
  for (const word of line) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (options[name]?.type === 'boolean' && value !== 'true' && value !== 'false')
      throw usageError(
        'bad-value',
        `--${name} takes no value, and "${value}" was given.`,
        `Write --${name} or leave it out.`,
      );
  }
}

/** What yargs' strict mode does, with a suggestion, and judged by names rather than by its messages. */
function checkOptions({ options }: Command, raw: RawOptions, line: readonly string[]): void {
  const known = [...Object.keys(options), 'help', 'h', 'version'];
  for (const parsed of Object.keys(raw)) {
    if (parsed === '_' || parsed === '$0' || known.includes(parsed)) continue;
    // yargs makes a --self-test that is off of --no-self-test; a person looks for what was typed.
    const name = line.some((word) => word.split('=', 1)[0] === `--no-${parsed}`) ? `no-${parsed}` : parsed;
    throw usageError(
      'unknown-option',
      `There is no option ${dashed(name)}.${nearest(name, known).replace('"', '"--')}`,
      MOCK_OPTIONS.includes(name)
        ? `The mock has one: crabllm-bench mock ${dashed(name)} …`
        : 'See --help for all of them.',
    );
  }
}

function dashed(name: string): string {
  return `${name.length === 1 ? '-' : '--'}${name}`;
}

function checkWords(command: Command, words: readonly string[]): void {
  const missing = command.words[words.length];
  if (missing !== undefined)
    throw usageError('missing-word', `${command.name} needs ${missing.toUpperCase()}.`, 'See --help.');
  const extra = words[command.words.length + (command.optionalWords ?? []).length];
  if (extra === undefined) return;
  const hint = NAMES.includes(extra)
    ? `The command comes first: crabllm-bench ${extra} …`
    : command === benchCommand
      ? 'Lists are one word: --rps "100 500". See --help.'
      : `See crabllm-bench ${command.name} --help.`;
  throw usageError('unknown-word', `"${extra}" is not understood.`, hint);
}

function unknownCommand(word: string): BenchError {
  return usageError(
    'unknown-command',
    `There is no command "${word}".${nearest(word, NAMES)}`,
    `Commands: ${NAMES.join(', ')}; bench is the default. See --help.`,
  );
}

/** What a person gave, without yargs' own entries and the defaults of flags. */
function givenOptions({ options }: Command, raw: RawOptions): RawOptions {
  const entries = Object.entries(raw).filter(
    ([name, value]) => name in options && value !== undefined && value !== options[name]?.default,
  );
  return Object.fromEntries(entries);
}

/**
 * A hint without the sentences that name options of other commands: what is told may come from rooms that know no command line.
 * What names another command by `crabllm-bench`, or another program, stays.
 */
export function ownHint({ options }: Pick<Command, 'options'>, hint: string): string {
  const others = new Set(
    COMMANDS.flatMap((command) => Object.keys(command.options)).filter((name) => !(name in options)),
  );
  const isForeign = (sentence: string): boolean =>
    !/crabllm-bench |docker /.test(sentence) &&
    [...sentence.matchAll(/--([a-z][a-z-]*)/g)].some(([, name = '']) => others.has(name));
  return hint
    .split(/(?<=[.;]) /)
    .filter((sentence) => !isForeign(sentence))
    .join(' ')
    .replace(/;$/, '.');
}

function report(thrown: unknown, command: Command): ExitCode {
  if (thrown instanceof BenchError) {
    const hint = ownHint(command, thrown.hint ?? '');
    process.stderr.write(`crabllm-bench: ${thrown.message}\n${hint === '' ? '' : `  ${hint}\n`}`);
    return thrown.exitCode;
  }
  process.stderr.write(
    `crabllm-bench: a fault of this program: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`,
  );
  return EXIT.bug;
}
