import type { History, HistoryLine } from '../analyse/history/history.js';
import { formatLevel } from '../record/cell.js';
import type { CompareVerdict } from '../record/comparison.js';
import { groupBy } from '../grouping.js';
import { changeText, figure, signed } from './comparison-rows.js';
import { VERDICT_TEXT } from './comparison-verdict.js';

/** A line of a history in words. */
export interface HistoryRow {
  readonly cell: string;
  readonly name: string;
  readonly newest: string;
  /** Against the runs before, with interval, or why that is not told. */
  readonly step: string;
  readonly verdict: CompareVerdict;
  /** `+5.1 % (worse) from run ID of DATE on`, for each change point. */
  readonly changes: readonly string[];
}

/** What history is made of, beside the runs. */
export interface HistoryPage {
  readonly history: History;
  /** Directories that could not be read, or hold no run that has ended. */
  readonly leftOut: readonly { readonly directory: string; readonly reason: string }[];
  /** Where the repository of what was measured is looked at, `https://github.com/owner/name`; null: commits are no links. */
  readonly repository: string | null;
}

/** Something that changed, in words, and the commits between which it did. */
export interface ChangeLine {
  readonly text: string;
  /** Null where it is not known what the runs measured. `href` null: nobody said where its repository is. */
  readonly commits: { readonly text: string; readonly href: string | null } | null;
}

/** A line in words. */
export function historyRow(line: HistoryLine, runs: History['runs']): HistoryRow {
  const { newest, unit, points, target, scenario, level, name } = line;
  const last = points.at(-1);
  return {
    cell: `${target} ${scenario} ${formatLevel(level)}`,
    name,
    newest: last === undefined ? '–' : figure({ unit }, last.value),
    step:
      'absent' in newest
        ? newest.absent
        : `${changeText({ unit, a: newest.before, change: newest.change })} against ${newest.runsBefore} before`,
    verdict: 'absent' in newest ? 'not-compared' : newest.verdict,
    changes: line.changes.map(
      ({ run, before, behind, verdict }) =>
        `${signed((100 * (behind - before)) / Math.abs(before))} % (${verdict}) from ${runText(runs, run)} on`,
    ),
  };
}

/** A run as sentences name it. */
export function runText(runs: History['runs'], place: number): string {
  const run = runs[place];
  return run === undefined ? 'an unknown run' : `run ${run.id} of ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

/** The answer of the whole page. */
export function historyHeadline({ lines, lost, runs }: History): string {
  const gateways = lines.filter(({ kind }) => kind !== 'direct');
  const went = (verdict: CompareVerdict): number => gateways.filter(({ last }) => last?.verdict === verdict).length;
  const gone = lost.filter(({ worse }) => worse).length;
  const fallen = gone === 0 ? '' : `, ${gone} cells do not keep up any more`;
  return (
    `${runs.length} runs, ${gateways.length} figures: ${went('worse')} last changed for the worse, ` +
    `${went('better')} for the better${fallen}`
  );
}

/** Everything that changed, worst first, a line each. */
export function changeLines(page: HistoryPage): ChangeLine[] {
  const { history } = page;
  const changed = history.lines
    .flatMap((line) => (line.last === null ? [] : [{ line, last: line.last }]))
    .toSorted((a, b) => b.last.share - a.last.share);
  const lost = history.lost
    .filter(({ worse }) => worse)
    .map(({ target, scenario, level, reason }) => ({
      text: `▲ ${target} ${scenario} ${formatLevel(level)}: ${reason}`,
      commits: commitsTo(page, history.runs.length - 1, history.runs.length - 2),
    }));
  return [
    ...lost,
    ...changed.map(({ line, last }) => {
      const { cell, name } = historyRow(line, history.runs);
      const whose = line.kind === 'direct' ? ' (the machine, no gateway)' : '';
      const before = line.points.findLast(({ run }) => run < last.run)?.run;
      return {
        text: `${VERDICT_TEXT[last.verdict].slice(0, 1)} ${cell} ${name} ${signed(100 * last.share)} %, ${last.verdict}${whose}, since ${runText(history.runs, last.run)}`,
        commits: before === undefined ? null : commitsTo(page, last.run, before),
      };
    }),
  ];
}

/** The same as text alone. */
export function changeTexts(page: HistoryPage): string[] {
  return changeLines(page).map(({ text, commits }) => (commits === null ? text : `${text} (${commits.text})`));
}

/** So much of a commit's name is shown; a link has all of it. */
const SHOWN_COMMIT = 10;

/** What was measured before a run, up to what it measured. */
function commitsTo({ history, repository }: HistoryPage, run: number, before: number): ChangeLine['commits'] {
  const [from, to] = [history.runs[before]?.commit ?? null, history.runs[run]?.commit ?? null];
  if (to === null) return null;
  const [first, last] = [from ?? to, to].map((commit) => commit.slice(0, SHOWN_COMMIT));
  if (from === null || from === to) return { text: `commit ${last}`, href: addressOf(repository, `commit/${to}`) };
  return { text: `commits ${first}...${last}`, href: addressOf(repository, `compare/${from}...${to}`) };
}

/** GitLab has what belongs to a repository behind `/-/`; GitHub, Gitea and Forgejo have not. */
function addressOf(repository: string | null, path: string): string | null {
  if (repository === null) return null;
  const isGitLab = /^https?:\/\/[^/]*gitlab/.test(repository);
  return `${repository}/${isGitLab ? '-/' : ''}${path}`;
}

/** Where series end because runs are not comparable, one line a run and target. */
export function breakLines({ lines, runs }: History): string[] {
  const all = lines.flatMap(({ target, breaks }) => breaks.map((at) => ({ ...at, target })));
  return [...groupBy(all, ({ run, reasons }) => JSON.stringify([run, reasons])).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const targets = [...new Set(same.map(({ target }) => target))].join(', ');
    return [`a new series begins with ${runText(runs, first.run)} (${targets}): ${first.reasons.join('; ')}`];
  });
}

/** The smallest change that would have been seen in the newest run, of the middle line of each quantity. */
export function smallestLine({ lines }: History): string {
  const known = lines.flatMap(({ name, newest }) => ('absent' in newest ? [] : [{ name, share: newest.smallest }]));
  if (known.length === 0)
    return 'No figure of the newest run has comparable runs before it, so that no step can be told.';
  const parts = [...groupBy(known, ({ name }) => name)].map(([name, members]) => {
    const shares = members.map(({ share }) => share).toSorted((a, b) => a - b);
    return `${name} ${(100 * (shares[shares.length >> 1] as number)).toFixed(1)} %`;
  });
  return `The smallest step that the newest run alone shows in every second case (middle line of each): ${parts.join(', ')}.`;
}

/** For every form in which a history is shown. */
export const HOW_TO_READ_HISTORY =
  'Worse or better is said of the newest run when it differs from the runs before it by Student’s t with the spread between runs, after ' +
  'Holm’s correction over the page at 2.5 %, beyond the noise floor and by at least 3 %. With fewer than ten runs that spread is what the runs’ records ' +
  'state. From ten comparable runs on change points are looked for by E-divisive (Matteson and James 2014) with whole runs in random order, ' +
  'which shows one on 2.5 % of pages without any: together a page on which nothing changes shows something in 5 % of cases at most.';

/** A line for each directory that could not be used, and why. */
export function leftOutLines({ leftOut }: HistoryPage): string[] {
  return leftOut.map(({ directory, reason }) => `left out: ${directory}: ${reason}`);
}
