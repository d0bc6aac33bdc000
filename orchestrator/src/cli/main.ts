import yargs from 'yargs';
import { nearest } from '../catalogue/nearest.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { runBench } from './bench.js';
import { BENCH_OPTIONS, type RawOptions, readBenchOptions, readShowOptions } from './bench-options.js';
import { runMock } from './mock.js';
import { showDirectory } from './show.js';
import { VERSION } from '../version.js';

const COMMANDS = ['bench', 'chart', 'mock'];

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 --quick', 'a two-minute look at whatever can be had'],
  ["$0 --group overhead --rps '100 500 1000' --duration 10", 'three levels, 10 s each'],
  ['$0 --gateways crabllm,litellm --scenarios chat-stream', 'two gateways, one scenario'],
  ['$0 --target mygw=http://127.0.0.1:8080', 'a gateway that already runs, in front of the mock'],
  ['$0 --chart-only --png --output results', 'redraw a finished run'],
  ['$0 mock --port 9999', 'the mock alone'],
];

/**
 * Parses a command line, runs it, reports errors.
 * @returns the exit code of the process
 */
export async function runCommand(words: readonly string[]): Promise<ExitCode> {
  try {
    // Everything after `mock` is the mock's own affair: it runs without this package, too.
    if (words[0] === 'mock') return await runMock(words.slice(1));
    return await dispatch(words);
  } catch (thrown) {
    return report(thrown);
  }
}

async function dispatch(words: readonly string[]): Promise<ExitCode> {
  const parser = yargs([...words])
    .scriptName('crabllm-bench')
    .usage(
      '$0 [bench] [options]\n$0 mock [options]\n\nMeasures what LLM gateways cost, in front of a mock provider, and says how sure it is.',
    )
    .parserConfiguration({
      'camel-case-expansion': false,
      'duplicate-arguments-array': true,
      'dot-notation': false,
      'parse-positional-numbers': false,
    })
    .options(BENCH_OPTIONS)
    .example(EXAMPLES as [string, string][])
    .epilogue(
      'Exit codes: 0 measured · 2 bad input · 3 something asked for by name is missing · 4 surroundings failed · 130 interrupted',
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
  checkWords(raw);
  if (raw['help'] === true) {
    process.stdout.write(`${await parser.getHelp()}\n`);
    return EXIT.ok;
  }
  if (raw['version'] === true) {
    process.stdout.write(`${VERSION}\n`);
    return EXIT.ok;
  }
  const given = givenOptions(raw);
  if (raw['chart-only'] === true || raw._[0] === 'chart')
    return showDirectory(readBenchOptions(given).output, { ...readShowOptions(given), chart: true });
  return runBench(given);
}

/** What yargs' strict mode does, with a suggestion, and judged by names rather than by its messages. */
function checkWords(raw: RawOptions & { _: string[] }): void {
  const [command, extra] = raw._.map(String);
  if (command !== undefined && !COMMANDS.includes(command)) {
    throw usageError(
      'unknown-command',
      `There is no command "${command}".${nearest(command, COMMANDS)}`,
      `Commands: ${COMMANDS.join(', ')}; bench is the default. See --help.`,
    );
  }
  if (extra !== undefined)
    throw usageError(
      'unknown-word',
      `"${extra}" is not understood.`,
      'Lists are one word: --rps "100 500". See --help.',
    );
  const known = [...Object.keys(BENCH_OPTIONS), 'help', 'h', 'version'];
  for (const name of Object.keys(raw)) {
    if (name === '_' || name === '$0' || known.includes(name)) continue;
    throw usageError(
      'unknown-option',
      `There is no option --${name}.${nearest(name, known)}`,
      'See --help for all of them.',
    );
  }
}

/** What a person gave, without yargs' own entries and the defaults of flags. */
function givenOptions(raw: RawOptions): RawOptions {
  const entries = Object.entries(raw).filter(
    ([name, value]) => name in BENCH_OPTIONS && value !== undefined && value !== BENCH_OPTIONS[name]?.default,
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
