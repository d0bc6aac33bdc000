import { join } from 'node:path';
import { requestsBehind, knownFates } from '../analyse/conduct/evidence.js';
import type { RowName, SeenCase } from '../analyse/conduct/case-rows.js';
import type { Fate } from '../analyse/conduct/fate.js';
import type { PlayedResult } from '../analyse/conduct/over-run.js';
import { entryOf, ROWS_IN_ORDER } from '../analyse/conduct/row-book.js';
import { storyOf } from '../analyse/conduct/story.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { seenOf } from '../execute/conduct-raw.js';
import { nearest } from '../nearest.js';
import { CONDUCT_CASES, type ConductCase } from '../plan/conduct-cases.js';
import type { ConductRun } from '../record/conduct.js';
import { readConduct, readConductRaw } from '../record/conduct-directory.js';
import { RunWriter } from '../record/run-directory.js';
import { renderStory } from '../report/conduct-story.js';
import { markdownTable } from '../report/markdown-table.js';

/** So many requests are listed; all of them are in the CSV files. */
const LISTED = 40;
const HEADS = ['request', 'block', 'phase', 'client', 'latency', 'attempts', 'at'].map((head) => ({
  head,
  words: true,
}));

/** Each case of each block in DIRECTORY/csv: every request with what became of it and of its attempts. */
export function exportConductCsv(directory: string): ExitCode {
  const run = readConduct(directory);
  const writer = new RunWriter(join(directory, 'csv'));
  let files = 0;
  for (const { played, seen, found } of cases(directory, run, () => true)) {
    const stem = `conduct-${found.target}-${played.name}.b${found.block}`;
    const fates = knownFates(seen);
    writer.writeFile(`${stem}.requests.csv`, `${requestLines(fates).join('\n')}\n`);
    writer.writeFile(`${stem}.attempts.csv`, `${attemptLines(fates).join('\n')}\n`);
    files += 2;
  }
  process.stdout.write(`${files} files in ${writer.directory}\n`);
  return EXIT.ok;
}

/**
 * The requests behind a row, and the first of them told as a story.
 * @param place `TARGET/CASE/ROW`
 */
export function exportBehind(directory: string, place: string): ExitCode {
  const run = readConduct(directory);
  const { target, name, last: row } = partsOf(run, place, '--behind', 'ROW');
  if (entryOf(row) === undefined)
    throw refused(
      '--behind',
      place,
      `There is no row ${row}.${nearest(row, ROWS_IN_ORDER)} The rows: ${ROWS_IN_ORDER.join(', ')}.`,
    );
  const behind = cases(directory, run, (each) => each.target === target && each.case === name).flatMap(
    ({ played, seen, found }) =>
      requestsBehind(row as RowName, played, seen).map((fate) => ({ fate, block: found.block })),
  );
  const [first] = behind;
  const about = `${target}, ${name}: ${behind.length} requests behind ${row} (${entryOf(row)?.about ?? ''})`;
  const lines = behind.slice(0, LISTED).map(({ fate, block }) => listed(fate, block));
  const more = behind.length > LISTED ? [`and ${behind.length - LISTED} more; --csv writes all of them`] : [];
  const told = first === undefined ? [] : [markdownTable(HEADS, lines), ...more, renderStory(storyOf(first.fate))];
  process.stdout.write(`${[about, ...told].join('\n\n')}\n`);
  return EXIT.ok;
}

/**
 * One request on one line of time.
 * @param place `TARGET/CASE/REQUEST`
 */
export function exportStory(directory: string, place: string): ExitCode {
  const run = readConduct(directory);
  const { target, name, last: id } = partsOf(run, place, '--story', 'REQUEST');
  const fate = cases(directory, run, (each) => each.target === target && each.case === name)
    .flatMap(({ seen }) => knownFates(seen))
    .find(({ request }) => request.id === id);
  if (fate === undefined)
    throw refused(
      '--story',
      place,
      `No request of ${target} in ${name} whose fate is known has that id; --behind lists some.`,
    );
  process.stdout.write(`${renderStory(storyOf(fate))}\n`);
  return EXIT.ok;
}

interface OpenedCase {
  readonly played: ConductCase;
  readonly seen: SeenCase;
  readonly found: PlayedResult;
}

function cases(directory: string, run: ConductRun, wanted: (each: PlayedResult) => boolean): OpenedCase[] {
  return run.played.flatMap((each): OpenedCase[] => {
    if (!('files' in each) || !wanted(each)) return [];
    const played = CONDUCT_CASES.find(({ name }) => name === each.case);
    if (played === undefined)
      throw new BenchError({
        code: 'run-damaged',
        message: `${directory} has a case ${each.case}, which this version does not know.`,
        hint: 'Use the version that wrote it.',
        exitCode: EXIT.usage,
      });
    return [{ played, found: each, seen: seenOf(played, readConductRaw(directory, each)) }];
  });
}

function partsOf(run: ConductRun, place: string, option: string, last: string) {
  const [target = '', name = '', end = '', ...more] = place.split('/');
  if (end === '' || more.length > 0) throw refused(option, place, `Give TARGET/CASE/${last}.`);
  const played = run.played.filter((each) => 'files' in each);
  const targets = [...new Set(played.map((each) => each.target))];
  if (!targets.includes(target))
    throw refused(option, place, `There is no target ${target} in this run; it has ${targets.join(', ') || 'none'}.`);
  const names = [...new Set(played.filter((each) => each.target === target).map((each) => each.case))];
  if (!names.includes(name)) throw refused(option, place, `${target} was asked in ${names.join(', ')}.`);
  return { target, name, last: end };
}

function listed({ request, attempts, phase }: Fate, block: number): string[] {
  const { id, outcome, status, dueUs, endUs } = request;
  const latency = endUs === null ? '–' : `${((endUs - dueUs) / 1000).toFixed(1)} ms`;
  const at = attempts.map(({ provider, status: code }) => `${provider} ${code ?? 'none'}`).join(', ');
  const client = outcome === 'ok' ? String(status) : `${status === 0 ? '' : `${status} `}${outcome}`;
  return [id, String(block), phase ?? '', client, latency, String(attempts.length), at];
}

function requestLines(fates: readonly Fate[]): string[] {
  return [
    'id,phase,outcome,status,dueUs,lastByteUs,endUs,attempts,providers',
    ...fates.map(({ request: { id, outcome, status, dueUs, lastByteUs, endUs }, attempts, phase }) =>
      [
        id,
        phase ?? '',
        outcome,
        status,
        ...[dueUs, lastByteUs, endUs].map(moment),
        attempts.length,
        attempts.map(({ provider }) => provider).join(' '),
      ].join(','),
    ),
  ];
}

function attemptLines(fates: readonly Fate[]): string[] {
  return [
    'id,attempt,provider,phase,status,end,fault,arrivedUs,lastByteUs,endUs',
    ...fates.flatMap(({ request: { id }, attempts }) =>
      attempts.map(({ provider, phase, status, end, fault, arrivedUs, lastByteUs, endUs }, i) =>
        [
          id,
          i + 1,
          provider,
          phase ?? '',
          status ?? '',
          end,
          fault ?? '',
          ...[arrivedUs, lastByteUs, endUs].map(moment),
        ].join(','),
      ),
    ),
  ];
}

function moment(us: number | null): string {
  return us?.toFixed(1) ?? '';
}

function refused(option: string, value: string, hint: string): Error {
  return usageError('bad-value', `${option} ${JSON.stringify(value)} cannot be used.`, hint);
}
