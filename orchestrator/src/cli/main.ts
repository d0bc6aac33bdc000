import yargs from 'yargs';
import { nearest } from '../catalogue/nearest.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { VERSION } from '../version.js';
import { benchCommand } from './bench.js';
import { calibrateCommand } from './calibrate.js';
import { chartCommand } from './chart.js';
import { exportCommand } from './export.js';
import type { Command, RawOptions } from './command.js';
import { doctorCommand } from './doctor.js';
import { PROGRAMS, runProgram } from './programs.js';
import { verifyCommand } from './verify.js';

/** In the order in which help lists them; the first is the default. */
const COMMANDS: readonly Command[] = [
  benchCommand,
  chartCommand,
  exportCommand,
  verifyCommand,
  calibrateCommand,
  doctorCommand,
];

const NAMES = [...COMMANDS, ...PROGRAMS].map(({ name }) => name);

/**
 * Parses a command line, runs it, reports errors.
 * @returns the exit code of the process
 */
export async function runCommand(words: readonly string[]): Promise<ExitCode> {
  try {
    const [first = ''] = words;
    const program = PROGRAMS.find(({ name }) => name === first);
    if (program !== undefined) return await runProgram(program, words.slice(1));
    const named = COMMANDS.find(({ name }) => name === first);
    if (named === undefined && first !== '' && !first.startsWith('-')) throw unknownCommand(first);
    return await dispatch(named ?? benchCommand, named === undefined ? words : words.slice(1));
  } catch (thrown) {
    return report(thrown);
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
    .epilogue(
      'Exit codes: 0 measured · 1 refuted (verify) · 2 bad input · 3 something asked for by name is missing · 4 surroundings failed · 130 interrupted',
    )
    .wrap(Math.min(110, process.stdout.columns || 110))
    .version(false)
    .option('version', { type: 'boolean', default: false, describe: 'Print the version' })
    .help(false)
    .option('help', { type: 'boolean', default: false, alias: 'h', describe: 'Print this help' })
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof BenchError ? error : usageError('usage', `${message}.`, 'See --help.');
    });
  const raw = (await parser.parse()) as RawOptions & { _: string[] };
  checkOptions(command, raw);
  if (raw['help'] === true) {
    process.stdout.write(`${await parser.getHelp()}\n`);
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

function invocation({ name }: Command): string {
  return name === benchCommand.name ? '$0' : `$0 ${name}`;
}

function usageOf(command: Command): string {
  const line = [invocation(command), ...command.words.map((word) => word.toUpperCase()), '[options]'].join(' ');
  if (command !== benchCommand) return `${line}\n\n${command.about}.`;
  const width = Math.max(...NAMES.map((name) => name.length));
  const list = [...COMMANDS, ...PROGRAMS].map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`);
  return [
    `${line}\n$0 COMMAND [options]`,
    'Measures what LLM gateways cost, in front of a mock provider, and says how sure it is.',
    `Commands:\n${list.join('\n')}`,
  ].join('\n\n');
}

/** What yargs' strict mode does, with a suggestion, and judged by names rather than by its messages. */
function checkOptions({ options }: Command, raw: RawOptions): void {
  const known = [...Object.keys(options), 'help', 'h', 'version'];
  for (const name of Object.keys(raw)) {
    if (name === '_' || name === '$0' || known.includes(name)) continue;
    throw usageError(
      'unknown-option',
      `There is no option --${name}.${nearest(name, known)}`,
      'See --help for all of them.',
    );
  }
}

function checkWords(command: Command, words: readonly string[]): void {
  const missing = command.words[words.length];
  if (missing !== undefined)
    throw usageError('missing-word', `${command.name} needs ${missing.toUpperCase()}.`, 'See --help.');
  const extra = words[command.words.length];
  if (extra === undefined) return;
  const hint = NAMES.includes(extra)
    ? `The command comes first: crabllm-bench ${extra} …`
    : 'Lists are one word: --rps "100 500". See --help.';
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

function report(thrown: unknown): ExitCode {
  if (thrown instanceof BenchError) {
    process.stderr.write(`crabllm-bench: ${thrown.message}\n${thrown.hint === undefined ? '' : `  ${thrown.hint}\n`}`);
    return thrown.exitCode;
  }
  process.stderr.write(
    `crabllm-bench: a fault of this program: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`,
  );
  return EXIT.bug;
}
