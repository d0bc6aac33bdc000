import yargs from 'yargs';
import { nearest } from '../nearest.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { columnsOf } from '../report/terminal-style.js';
import { COMMIT, VERSION } from '../version.js';
import { agentCommand } from './agent.js';
import { benchCommand } from './bench.js';
import { calibrateCommand } from './calibrate.js';
import { chartCommand } from './chart.js';
import { exportCommand } from './export.js';
import { initCommand } from './init.js';
import { type Command, type RawOptions, textOption, valueOf } from './options/command.js';
import { SETTINGS_FILE, settingsLine, settle } from './options/settings.js';
import { compareCommand } from './compare.js';
import { completionCommand } from './completion.js';
import { doctorCommand } from './doctor.js';
import { downCommand } from './down.js';
import { fidelityCommand } from './fidelity.js';
import { gatewaysCommand } from './gateways.js';
import { historyCommand } from './history.js';
import { serveCommand } from './serve.js';
import { tryGatewayCommand } from './try-gateway.js';
import { shownOptions, topicLines, topicsOf } from './help.js';
import { PROGRAMS, programOfBareLine, runProgram } from './programs.js';
import { verifyCommand } from './verify.js';

/** In the order in which help lists them; the first is the default. */
const COMMANDS: readonly Command[] = [
  benchCommand,
  chartCommand,
  compareCommand,
  historyCommand,
  serveCommand,
  exportCommand,
  verifyCommand,
  calibrateCommand,
  doctorCommand,
  fidelityCommand,
  gatewaysCommand,
  tryGatewayCommand,
  downCommand,
  initCommand,
  agentCommand,
  completionCommand(() => [...COMMANDS, ...PROGRAMS]),
];

/** Asked for beside options of another command; by themselves they start the mock. */
const MOCK_OPTIONS = ['port', 'chunks', 'delay', 'error-rate', 'p', 'c', 'd', 'e'];

const EXIT_CODES =
  'Exit codes: 0 measured · 1 refuted (verify, compare, history) · 2 bad input · 3 the table has gaps: a gateway failed, one asked for by name is missing, or ' +
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
    if (first === 'help') return await helpOn(words[1] ?? null);
    if (named === undefined && first !== '' && !first.startsWith('-')) throw unknownCommand(first);
    return await dispatch(named ?? benchCommand, named === undefined ? words : words.slice(1));
  } catch (thrown) {
    return report(thrown, named ?? benchCommand);
  }
}

/** @param word a command, or a topic of the options of the first one; null: what one needs first */
async function helpOn(word: string | null): Promise<ExitCode> {
  const named = [...COMMANDS, ...PROGRAMS].find(({ name }) => name === word);
  if (named !== undefined) return runCommand([named.name, '--help']);
  await showHelp(benchCommand, word);
  return EXIT.ok;
}

async function showHelp(command: Command, topic: string | null): Promise<void> {
  const shown = shownOptions(command.options, topic);
  if (shown === null) throw unknownTopic(topic ?? '');
  const more = topic === null ? topicLines(command.options, shown) : '';
  const epilogue = more === '' ? exitCodesOf(command) : `${more}\n\n${exitCodesOf(command)}`;
  // Whoever asks for a topic knows what this program is.
  const isTopic = topic !== null && topic !== 'all';
  const told = isTopic
    ? yargs([]).usage('').options(shown).version(false).help(false).wrap(screenWidth())
    : parserOf(command, shown, [], epilogue);
  process.stdout.write(`${plainHelp(await told.getHelp()).trimStart()}\n`);
}

function parserOf(command: Command, options: Command['options'], line: readonly string[], epilogue: string) {
  return yargs([...line])
    .scriptName('crabllm-bench')
    .usage(usageOf(command))
    .parserConfiguration({
      'camel-case-expansion': false,
      'duplicate-arguments-array': true,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .options(options)
    .example(command.examples.map(([words, about]): [string, string] => [`${invocation(command)} ${words}`, about]))
    .epilogue(epilogue)
    .wrap(screenWidth())
    .option(
      'config',
      textOption(
        'Settings',
        'Take options of a YAML file; those typed are stronger',
        `${SETTINGS_FILE}, if it is there`,
      ),
    )
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
}

async function dispatch(command: Command, line: readonly string[]): Promise<ExitCode> {
  checkFlags(command, line);
  const raw = (await parserOf(command, command.options, line, exitCodesOf(command)).parse()) as RawOptions & {
    _: string[];
  };
  checkOptions(command, raw, line);
  if (raw['help'] === true) {
    await showHelp(command, null);
    return EXIT.ok;
  }
  if (raw['version'] === true) {
    process.stdout.write(`${VERSION} (commit ${COMMIT ?? 'unknown'})\n`);
    return EXIT.ok;
  }
  const words = raw._.map(String);
  checkWords(command, words);
  const { given, record } = settle(
    command,
    givenOptions(command, raw),
    raw['config'] === false ? false : (valueOf(raw, 'config') ?? null),
    COMMANDS,
  );
  if (record !== null) process.stderr.write(`${settingsLine(record)}\n`);
  return command.run(given, words, record);
}

function screenWidth(): number {
  return Math.min(110, columnsOf(process.stdout, process.env, 110));
}

function exitCodesOf({ exitCodes }: Command): string {
  return exitCodes ?? EXIT_CODES;
}

/** An option's type is plain from its description; the tag that yargs puts behind each is noise. */
function plainHelp(help: string): string {
  return help
    .replaceAll(/^ +\[(?:string|boolean)\]\n/gm, '')
    .replaceAll(/^( +)\[(?:string|boolean)\] /gm, '$1')
    .replaceAll(/ *\[(?:string|boolean)\](?=$| \[)/gm, '');
}

function invocation({ name }: Command): string {
  return name === benchCommand.name ? '$0' : `$0 ${name}`;
}

function usageOf(command: Command): string {
  const optional = (command.optionalWords ?? []).map((word) => `[${word.toUpperCase()}]`);
  const needed = command.words.map((word) => word.toUpperCase()).join(' ');
  const words = [`${needed}${command.moreWords === true ? '…' : ''}`, ...optional].filter((word) => word !== '');
  const line = [invocation(command), ...words, '[options]'].join(' ');
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
  const known = [...Object.keys(options), 'config', 'help', 'h', 'version'];
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
  if (command.moreWords === true) return;
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

function unknownTopic(word: string): BenchError {
  const topics = topicsOf(benchCommand.options).map(({ word: topic }) => topic);
  return usageError(
    'unknown-topic',
    `There is no help on "${word}".${nearest(word, [...NAMES, ...topics])}`,
    `Commands: ${NAMES.join(', ')}; topics: ${topics.join(', ')}, all.`,
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
