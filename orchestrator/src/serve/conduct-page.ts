import type { RowName, SeenCase } from '../analyse/conduct/case-rows.js';
import { requestsBehind } from '../analyse/conduct/evidence.js';
import type { PlayedResult } from '../analyse/conduct/over-run.js';
import { entryOf } from '../analyse/conduct/row-book.js';
import { storyOf } from '../analyse/conduct/story.js';
import { conductRulerLine } from '../certificate/with-run.js';
import { BenchError } from '../errors.js';
import { type RawCase, seenOf, seriesOf } from '../execute/conduct-raw.js';
import { CONDUCT_CASES, type ConductCase } from '../plan/conduct-cases.js';
import type { ConductRun } from '../record/conduct.js';
import { readConductRaw } from '../record/conduct-directory.js';
import type { ConductRaw } from '../report/conduct-html.js';
import type { Behind } from '../report/conduct-page-model.js';
import type { PagePlace } from '../report/page-document.js';

/**
 * The page of what `--group conduct` wrote, made anew of its records.
 * @throws BenchError `page-not-built`
 */
export async function conductPage(directory: string, run: ConductRun, place: PagePlace): Promise<string> {
  // What draws takes a fifth of a second to load, which only those who ask for it should wait for.
  const { renderConductHtml } = await import('../report/conduct-html.js');
  return renderConductHtml(run, rawOf(directory, run), conductRulerLine(directory, run), place);
}

interface Opened {
  readonly found: PlayedResult;
  readonly played: ConductCase;
  readonly raw: RawCase;
  readonly seen: SeenCase;
}

/**
 * The raw records of a case in a block; null for a case that this version does not know: there is nothing to compute its rows with.
 * @throws BenchError `run-damaged`
 */
export function openPlayed(directory: string, found: PlayedResult): Opened | null {
  const played = CONDUCT_CASES.find(({ name }) => name === found.case);
  if (played === undefined) return null;
  const raw = readConductRaw(directory, found);
  return { found, played, raw, seen: seenOf(played, raw) };
}

/** Of the first block that each case was played in: one request is an example, and one picture an outage. */
function rawOf(directory: string, run: ConductRun): ConductRaw {
  const opened = new Map<string, Opened | null>();
  const faults: string[] = [];
  const find = (target: string, name: string): Opened | null => {
    const key = JSON.stringify([target, name]);
    if (!opened.has(key)) {
      const found = run.played.find((each) => each.target === target && each.case === name && 'files' in each);
      opened.set(key, found === undefined ? null : openOr(directory, found as PlayedResult, faults));
    }
    return opened.get(key) ?? null;
  };
  return {
    behind: (target, name, row): Behind | null => {
      const one = find(target, name);
      if (one === null || entryOf(row) === undefined) return null;
      const fates = requestsBehind(row as RowName, one.played, one.seen);
      const [first] = fates;
      return { count: fates.length, story: first === undefined ? null : storyOf(first) };
    },
    series: (target, name) => {
      const one = find(target, name);
      return one === null ? null : seriesOf(one.raw);
    },
    faults: () => faults,
  };
}

/** Figures do not need the raw records: without them they lack their evidence. */
function openOr(directory: string, found: PlayedResult, faults: string[]): Opened | null {
  try {
    return openPlayed(directory, found);
  } catch (cause) {
    if (!(cause instanceof BenchError)) throw cause;
    faults.push(cause.message);
    return null;
  }
}
