import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { analyse } from '../analyse/analyse.js';
import { analyseCapacity, searchSteps } from '../analyse/capacity.js';
import { rulerLine } from '../certificate/with-run.js';
import { BenchError, messageOf } from '../errors.js';
import { holdsConduct, readConduct } from '../record/conduct-directory.js';
import { objectivesOf } from '../record/objective-text.js';
import { readRest } from '../record/rest.js';
import { holdsTrials, readManifest, readRun } from '../record/run-directory.js';
import { runDirectoriesBelow } from '../record/run-folders.js';
import { type ListedRun, renderRunsPage } from '../report/runs-page.js';
import { conductPage } from './conduct-page.js';
import { type PageRequest, sendPage, sendText } from './page-server.js';

/**
 * Serves the pages of run directories: of one its page, of several a list with a search and a page each. Directories are looked for at each
 * look at the list, so that a run that ends meanwhile is in it; a request names a run by a key, never by a path.
 * @param words run directories, or folders of them
 * @throws BenchError `run-missing` for a word that is neither
 */
export function servesRuns(words: readonly string[]): (request: PageRequest) => Promise<void> {
  const [only, ...more] = runDirectoriesBelow(words);
  // A folder of one run today is a list tomorrow.
  const single = only !== undefined && more.length === 0 && words.includes(only) ? only : null;
  return async ({ method, path, query, response }) => {
    if (method !== 'GET') return sendText(response, 405, 'Only GET is understood here.');
    if (single !== null && path === '/') return sendPage(response, await servedPage(single));
    if (single === null && path === '/')
      return sendPage(response, renderRunsPage(listOf(words, query.get('q') ?? ''), query.get('q') ?? ''));
    const key = /^\/run\/([0-9a-f]{16})\/$/.exec(path)?.[1];
    const directory = single === null ? runDirectoriesBelow(words).find((one) => keyOf(one) === key) : undefined;
    if (directory === undefined) return sendText(response, 404, 'There is no such run here.');
    return sendPage(response, await servedPage(directory));
  };
}

function keyOf(directory: string): string {
  return createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 16);
}

/** Those of the runs in which every word of the search stands, newest first; what cannot be read comes last. */
function listOf(words: readonly string[], search: string): ListedRun[] {
  const wanted = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return runDirectoriesBelow(words)
    .map(listed)
    .filter((run) => wanted.every((word) => textOf(run).includes(word)))
    .toSorted((a, b) => (a.startedAt === b.startedAt ? 0 : a.startedAt < b.startedAt ? 1 : -1));
}

function textOf({ directory, id, startedAt, targets, about, state }: ListedRun): string {
  return [directory, id, startedAt, ...targets, about, state].join(' ').toLowerCase();
}

function listed(directory: string): ListedRun {
  try {
    if (holdsConduct(resolve(directory))) return listedConduct(directory);
    const manifest = readManifest(resolve(directory));
    const { id, startedAt, finishedAt, targets, scenarios, runtime, driver, complete } = manifest;
    return {
      key: keyOf(directory),
      directory,
      id,
      startedAt,
      targets: targets.map(({ name }) => name),
      about: `${scenarios.map(({ name }) => name).join(', ')} · ${driver} on ${runtime}`,
      state: stateOf(directory, { finishedAt, complete }),
    };
  } catch (cause) {
    if (!(cause instanceof BenchError) && !(cause instanceof Error && 'code' in cause)) throw cause;
    const state = messageOf(cause).replaceAll(/\s+/g, ' ');
    return { key: null, directory, id: '', startedAt: '', targets: [], about: '', state };
  }
}

function stateOf(
  directory: string,
  { finishedAt, complete }: { finishedAt: string | null; complete: boolean },
): string {
  if (finishedAt === null) return 'has not ended: it is being measured, or was cut off';
  if (!holdsTrials(resolve(directory))) return 'its trials are missing: there is no trials.jsonl';
  return complete ? '' : 'ended early';
}

function listedConduct(directory: string): ListedRun {
  const { id, startedAt, targets, conduct, runtime, complete } = readConduct(resolve(directory));
  const cases = [...new Set(conduct.map(({ case: name }) => name))];
  return {
    key: keyOf(directory),
    directory,
    id,
    startedAt,
    targets: targets.map(({ name }) => name),
    about: `conduct while providers fail: ${cases.join(', ')} · on ${runtime}`,
    state: complete ? '' : 'ended early',
  };
}

/**
 * The page of the run in a directory, for a browser that asks this program for it. Made anew of the records: `report.html` in the directory
 * may be of another version, or of anybody.
 * @throws BenchError `run-missing`, `run-damaged`
 */
export async function servedPage(directory: string): Promise<string> {
  const place = resolve(directory);
  if (holdsConduct(place)) return conductPage(place, readConduct(place), 'served');
  const run = readRun(place);
  const { manifest, trials } = run;
  const objectives = objectivesOf(run);
  // What draws takes a fifth of a second to load, which only a reader of a page should wait for.
  if (objectives !== null) {
    const { renderCapacityHtml } = await import('../report/capacity-html.js');
    const capacity = analyseCapacity(manifest, trials, readRest(place), objectives);
    return renderCapacityHtml(capacity, searchSteps(manifest, trials, objectives), manifest, 'served');
  }
  const summary = analyse(manifest, trials);
  const { renderHtml } = await import('../report/html.js');
  return renderHtml(summary, rulerLine(place, summary), run, 'served');
}
