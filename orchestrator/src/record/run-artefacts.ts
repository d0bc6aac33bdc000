import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, TRIALS } from './run-directory.js';
import { leadsOut } from './trial-files.js';

/** What is written once a run, by whichever command. */
const FILES = [
  MANIFEST,
  TRIALS,
  'summary.json',
  'summary.md',
  'capacity.json',
  'soak.json',
  'rest.json',
  'planted.json',
  'certificate.json',
  'certificate.md',
  'report.html',
];

/** Folders whose files have names of their own, and which of the files in them are a run's. */
const FOLDERS: readonly (readonly [folder: string, own: RegExp])[] = [
  ['charts', /\.(svg|png)$/],
  ['original', /\.json$/],
  ['csv', /\.(requests|ledger|seconds)\.csv$/],
];

/**
 * The files of the run in a directory, as paths within it: those of fixed names, and those that its records name. Whatever else lies
 * there is somebody else's, also another run in a folder of its own. Needs no run that can be read.
 */
export function artefactsOf(directory: string): string[] {
  const fromFolders = FOLDERS.flatMap(([folder, own]) =>
    entriesOf(join(directory, folder))
      .filter((name) => own.test(name))
      .map((name) => join(folder, name)),
  );
  const names = new Set([...FILES, ...fromFolders, ...namedByRecords(directory)]);
  return [...names].filter((name) => !leadsOut(name) && existsSync(join(directory, name)));
}

/** By the shape of a record alone: it may be of another version, or the last one cut short by a crash. */
function namedByRecords(directory: string): string[] {
  const path = join(directory, TRIALS);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => [...line.matchAll(/\{"name":"([^"\\]+)","sha256":"/g)])
    .map(([, name = '']) => name);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
