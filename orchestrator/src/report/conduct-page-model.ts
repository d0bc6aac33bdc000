import { boundOf } from '../analyse/conduct/accusations.js';
import { entryOf, ROWS_IN_ORDER } from '../analyse/conduct/row-book.js';
import type { Story } from '../analyse/conduct/story.js';
import { CONDUCT_CASES } from '../plan/conduct-cases.js';
import type { ConductRun } from '../record/conduct.js';
import { figure, rowParts } from './conduct-figures.js';
import { eventsOf } from './conduct-story.js';
import { type Colour, colourOf } from './target-colour.js';

type Case = ConductRun['conduct'][number];
type Row = Case['rows'][string];

/** The requests behind a row: how many there are, and one of them. */
export interface Behind {
  readonly count: number;
  readonly story: Story | null;
}

/** A request on one line of time as the page draws it: parts of the whole width, 0 to 1. */
export interface PageStory {
  readonly title: string;
  readonly lanes: readonly { readonly who: string; readonly from: number; readonly to: number; readonly how: string }[];
  readonly lines: readonly string[];
}

/** What opens at a figure. */
export interface ConductEvidence {
  /** What the figure is, what it is made of, its bound and whose that is, each block's own. */
  readonly lines: readonly string[];
  readonly story: PageStory | null;
  /** Lists the requests behind it. */
  readonly command: string;
}

/** A figure of the scorecard. */
export interface ConductCell {
  readonly text: string;
  readonly bounds: string;
  /** What it is sorted by; null: it comes last. */
  readonly value: number | null;
  readonly verdict: 'against' | 'within' | 'open' | '';
  readonly evidence: ConductEvidence;
}

/** A target in a case. */
export interface ConductPageRow {
  readonly target: string;
  readonly colour: Colour;
  /** By row; one that the case does not have is left out. */
  readonly cells: Readonly<Record<string, ConductCell>>;
}

/** A case with all its targets. */
export interface ConductPageCase {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly { readonly row: string; readonly head: string; readonly about: string }[];
  readonly rows: readonly ConductPageRow[];
}

/** Everything that the interactive part of the page of `--group conduct` shows. All words and figures are made here. */
export interface ConductPageModel {
  /** The run's id. */
  readonly run: string;
  readonly question: string;
  readonly trust: string;
  /** What of planted policies the rows recover on this machine, by its certificate. */
  readonly ruler: string;
  /** Of each target what speaks against it; empty: nothing does. */
  readonly targets: readonly { readonly name: string; readonly colour: Colour; readonly against: readonly string[] }[];
  readonly cases: readonly ConductPageCase[];
}

/**
 * @param ruler what of planted policies the rows recover on this machine, in a sentence
 * @param behind the requests behind a row of a case of a target; null where nobody looked
 */
export function conductPageModel(
  run: ConductRun,
  ruler: string,
  behind: (target: string, name: string, row: string) => Behind | null,
): ConductPageModel {
  const { planned, done } = run.blocks;
  const names = [...new Set(run.conduct.map(({ case: name }) => name))];
  const unknown = run.conduct.reduce((sum, { requests }) => sum + requests.unknown, 0);
  return {
    run: run.id,
    question: 'What does each gateway do while its provider fails?',
    ruler,
    trust: [
      `${done} of ${planned} blocks; ${run.pace.rps} requests a second, ${run.pace.faultMs / 1000} s of fault.`,
      unknown === 0
        ? 'The fate of every request is known.'
        : `The fate of ${unknown} requests cannot be told: they are in no figure.`,
      'A figure opens: what it is made of, whose bound it is held against, and one of the requests behind it.',
    ].join(' '),
    targets: [...new Set(run.conduct.map(({ target }) => target))].map((name) => ({
      name,
      colour: colourOf(name),
      against: run.conduct
        .filter(({ target }) => target === name)
        .flatMap(({ accusations }) => accusations.map(({ case: of, what }) => `${what} (${of})`)),
    })),
    cases: names.map((name) => caseOf(run, name, behind)),
  };
}

function caseOf(run: ConductRun, name: string, behind: Parameters<typeof conductPageModel>[2]): ConductPageCase {
  const cases = run.conduct.filter((each) => each.case === name);
  const rows = ROWS_IN_ORDER.filter((row) => cases.some((each) => isTold(each.rows[row])));
  return {
    name,
    about: CONDUCT_CASES.find((known) => known.name === name)?.about ?? '',
    columns: rows.map((row) => ({ row, head: entryOf(row)?.head ?? row, about: entryOf(row)?.about ?? '' })),
    rows: cases.map((each) => ({
      target: each.target,
      colour: colourOf(each.target),
      cells: Object.fromEntries(
        rows.flatMap((row) => {
          const found = each.rows[row];
          return found === undefined ? [] : [[row, cellOf(run, each, row, found, behind(each.target, name, row))]];
        }),
      ),
    })),
  };
}

function isTold(row: Row | undefined): boolean {
  return row !== undefined && !('state' in row && row.state === 'nothing-seen');
}

function cellOf(run: ConductRun, each: Case, name: string, row: Row, behind: Behind | null): ConductCell {
  const accused = each.accusations.some((said) => said.row === name);
  return {
    ...rowParts(name, row),
    value: row.value ?? null,
    verdict: accused ? 'against' : '',
    evidence: {
      lines: [
        `${name}: ${entryOf(name)?.about ?? ''}.`,
        ...('state' in row
          ? [`${row.reason}.`]
          : [`Made of ${row.count}, over ${each.blocks} ${plural(each.blocks, 'block')}.`]),
        ...boundLine(each.case, name),
        ...blockLine(run, each, name),
        ...(behind === null || behind.count === 0
          ? []
          : [`${behind.count} ${plural(behind.count, 'request')} behind it; one of them:`]),
      ],
      story: behind === null || behind.story === null ? null : pageStory(behind.story),
      command: `crabllm-bench export DIRECTORY --behind ${each.target}/${each.case}/${name}`,
    },
  };
}

function boundLine(name: string, row: string): string[] {
  const bound = boundOf(name, row);
  if (bound === undefined) return [];
  const limit = figure(bound.bound, entryOf(row)?.unit ?? 'times');
  return [`Speaks against a gateway ${bound.bad} ${limit}, with its whole interval: ${bound.source}.`];
}

function blockLine({ played }: ConductRun, { target, case: name }: Case, row: string): string[] {
  const own = played.flatMap((each) =>
    'files' in each && each.target === target && each.case === name && each.rows[row] !== undefined
      ? [`${each.block}: ${rowParts(row, each.rows[row]).text}`]
      : [],
  );
  return own.length < 2 ? [] : [`By block: ${own.join(' · ')}.`];
}

function pageStory(story: Story): PageStory {
  const part = (us: number): number => Math.min(1, Math.max(0, us / Math.max(1, story.endUs)));
  return {
    title: `request ${story.id}, in the phase ${story.phase}, ${(story.endUs / 1000).toFixed(1)} ms`,
    lanes: story.lanes.map(({ who, fromUs, untilUs, how }) => ({
      who,
      from: part(fromUs),
      to: part(untilUs ?? story.endUs),
      how,
    })),
    lines: eventsOf(story.lanes).map(({ atUs, who, what }) => `${(atUs / 1000).toFixed(1)} ms: ${who} ${what}`),
  };
}

function plural(number: number, word: string): string {
  return number === 1 ? word : `${word}s`;
}
