import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { originalResults, originalSummary, type SummarisedResult } from '../analyse/original-results.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { formatLevel } from '../record/cell.js';
import { objectivesOf } from '../record/objective-text.js';
import { readOriginal } from '../record/original.js';
import { parseOriginalName } from '../record/original-name.js';
import { holdsRun, readRun, RunWriter, trialFileName } from '../record/run-directory.js';

/** Where a run's own directory has them. */
export const ORIGINAL_FOLDER = 'original';

/**
 * Writes a run as the files that scripts of the original suite read: oha's JSON and the memory of each cell, and `summary.json` by
 * target, scenario and level. A directory of the original suite is copied, with a summary of what is in it.
 * @returns what was written and what has no file, in lines for a person
 * @throws BenchError when there is no run, or the files would lie among the run's own
 */
export async function writeOriginal(directory: string, into: string): Promise<string[]> {
  if (resolve(into) === resolve(directory))
    throw usageError(
      'bad-value',
      `--original ${into} is the run's own directory, whose files would be overwritten.`,
      `Give another one, for example --original ${join(into, ORIGINAL_FOLDER)}.`,
    );
  const lines = holdsRun(directory) ? exportOwn(directory, into) : await copyOriginal(directory, into);
  return [`${lines.written} cells in ${into}`, ...lines.without];
}

/** The command's form of {@link writeOriginal}. */
export async function exportOriginal(directory: string, into: string): Promise<ExitCode> {
  const [first = '', ...rest] = await writeOriginal(directory, into);
  process.stdout.write(`${first}\n`);
  for (const line of rest) process.stderr.write(`${line}\n`);
  return EXIT.ok;
}

interface Written {
  readonly written: number;
  readonly without: readonly string[];
}

function exportOwn(directory: string, into: string): Written {
  const run = readRun(directory);
  if (objectivesOf(run) !== null)
    throw usageError(
      'no-cells',
      `${directory} holds a search for a capacity, which the original suite had none of.`,
      'Give a run with scenarios and levels.',
    );
  const { results, without } = originalResults(run.manifest, run.trials);
  const writer = new RunWriter(into);
  for (const { cell, json, memoryKb } of results) {
    const name = trialFileName({ ...cell, replica: 1, block: 1, numbered: false });
    writer.writeFile(`${name}.json`, `${JSON.stringify(json, null, 2)}\n`);
    if (memoryKb !== null) writer.writeFile(`${name}.mem.json`, `${JSON.stringify({ memory_kb: memoryKb })}\n`);
  }
  writeSummary(writer, results);
  return {
    written: results.length,
    without: without.map(
      ({ cell, message }) =>
        `${cell.target} ${cell.scenario} at ${formatLevel(cell.level)} has no file: ${message.replace(/\s+/g, ' ')}`,
    ),
  };
}

/** Byte for byte: nothing is known better than what was written. */
async function copyOriginal(directory: string, into: string): Promise<Written> {
  const { trials, leftOut } = await readOriginal(directory);
  const unreadable = trials.filter(({ load }) => load === null);
  const writer = new RunWriter(into);
  const results: SummarisedResult[] = [];
  for (const file of readdirSync(directory).sort()) {
    const cell = parseOriginalName(file);
    if (cell === null) continue;
    const text = readFileSync(join(directory, file), 'utf8');
    writer.writeFile(file, text);
    const json = parse(text) as SummarisedResult['json'] | null;
    if (json?.latencyPercentiles === undefined || json.summary === undefined) continue;
    results.push({ cell, json, memoryKb: copyMemory(directory, file, writer) });
  }
  writeSummary(writer, results);
  return {
    written: results.length,
    without: [
      ...leftOut.map(({ message }) => `left out: ${message}`),
      ...unreadable.map(({ reason }) => `not in the summary: ${reason?.message ?? ''}`),
    ],
  };
}

function copyMemory(directory: string, file: string, writer: RunWriter): number | null {
  const name = file.replace(/\.json$/, '.mem.json');
  if (!existsSync(join(directory, name))) return null;
  const text = readFileSync(join(directory, name), 'utf8');
  writer.writeFile(name, text);
  const kb = (parse(text) as { readonly memory_kb?: unknown } | null)?.memory_kb;
  return typeof kb === 'number' ? kb : null;
}

/** Null for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function writeSummary(writer: RunWriter, results: readonly SummarisedResult[]): void {
  if (results.length === 0)
    throw new BenchError({
      code: 'no-results',
      message: `There is not one cell to write into ${writer.directory}.`,
      hint: 'Show the run with --chart-only: it says what became of each cell.',
    });
  writer.writeFile('summary.json', `${JSON.stringify(originalSummary(results), null, 2)}\n`);
}
