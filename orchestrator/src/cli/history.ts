import { historyOf, isWorse } from '../analyse/history/history.js';
import { figuresOf, type RunFigures } from '../analyse/history/run-figures.js';
import { BenchError, EXIT, type ExitCode, usageError } from '../errors.js';
import { gitPlaceOf, webAddressOf } from '../record/git-runs.js';
import { type LeftOut, runsBelow } from '../record/run-folders.js';
import { renderHistoryMarkdown } from '../report/history-markdown.js';
import { renderHistoryPage } from '../report/history-page.js';
import type { HistoryPage } from '../report/history-rows.js';
import { renderHistory } from '../report/history-terminal.js';
import { styleOf } from '../report/terminal-style.js';
import { type Command, flagOption, type RawOptions, textOption, valueOf } from './options/command.js';
import { markdownFile, pageFile, SHOWN } from './options/shown.js';
import { writePage } from './write-page.js';

/** Says what changed over many runs of one plan, and when. */
export const historyCommand: Command = {
  name: 'history',
  about: 'Say what changed over many runs, and since which: run directories, folders of them, or a git branch of them',
  words: ['dir'],
  moreWords: true,
  options: {
    since: textOption('How', 'Leave out runs that began before: a date, 2026-01-31, or the id of a run'),
    repository: textOption(
      SHOWN,
      'Link commits to this address, e.g. https://github.com/owner/name',
      'with git:BRANCH its remote origin, else none',
    ),
    html: textOption(SHOWN, 'Write the page with a sparkline for each figure to this file; it needs nothing else'),
    markdown: textOption(SHOWN, 'Write a summary that fits a comment to this file'),
    json: flagOption(SHOWN, 'Print the history as JSON on standard output and nothing else'),
  },
  exitCodes:
    'Exit codes: 0 no gateway’s last change is for the worse · 1 one is: in the newest run, or at its last change point · 2 bad input, or no run at all · 4 a page cannot be written',
  examples: [
    ['runs', 'all runs in a folder'],
    ['runs --html history.html --since 2026-01-31', 'as a page, from a change on that was accepted'],
    ['git:gh-pages:run --html history.html', 'the runs that the commits of a branch brought'],
    ['monday tuesday wednesday --json', 'three run directories'],
  ],
  run: async (given, words) => tellHistory(given, words),
};

function tellHistory(given: RawOptions, words: readonly string[]): ExitCode {
  const [markdown, html] = [markdownFile(given), pageFile(given, 'html', 'history.html')];
  const repository = repositoryOf(words, valueOf(given, 'repository'));
  const page = pageOf(words, valueOf(given, 'since') ?? null, repository);
  if (given['json'] === true)
    process.stdout.write(`${JSON.stringify({ ...page.history, leftOut: page.leftOut }, null, 2)}\n`);
  else process.stdout.write(`${renderHistory(page, styleOf(process.stdout, process.env))}\n`);
  if (markdown !== null) writeAloud(markdown, renderHistoryMarkdown(page), 'markdown');
  if (html !== null) writeAloud(html, renderHistoryPage(page), 'html');
  return isWorse(page.history) ? EXIT.refuted : EXIT.ok;
}

/** @throws BenchError `bad-value` for what is no address of the web: it becomes a link in a page */
function repositoryOf(words: readonly string[], given: string | undefined): string | null {
  if (given === undefined) return words.some((word) => gitPlaceOf(word) !== null) ? webAddressOf() : null;
  if (/^https?:\/\/[\w.-]+(?::\d+)?\/[\w./~-]+$/.test(given)) return given.replace(/(?:\.git)?\/*$/, '');
  throw usageError(
    'bad-value',
    `--repository ${JSON.stringify(given)} is no address of a repository.`,
    'Give it as a browser shows it, for example https://github.com/owner/name.',
  );
}

function writeAloud(path: string, content: string, option: string): void {
  writePage(path, content, option);
  process.stderr.write(`wrote ${path}\n`);
}

/** @throws BenchError `no-runs` with why each directory was left out */
function pageOf(words: readonly string[], since: string | null, repository: string | null): HistoryPage {
  const [runs, leftOut]: [RunFigures[], LeftOut[]] = [[], []];
  for (const found of runsBelow(words)) {
    if ('run' in found) runs.push(figuresOf(found.run, found.commit));
    else leftOut.push(found);
  }
  if (runs.length === 0)
    throw new BenchError({
      code: 'no-runs',
      message: `No run can be read:\n${leftOut.map(({ directory, reason }) => `  ${directory}: ${reason}`).join('\n')}`,
      hint: 'Measure some with --output DIR, a directory each.',
      exitCode: EXIT.usage,
    });
  const from = since === null ? Number.NEGATIVE_INFINITY : startOf(since, runs);
  const kept = runs.filter(({ manifest }) => Date.parse(manifest.startedAt) >= from);
  if (kept.length === 0)
    throw usageError('no-runs', `No run began at ${since} or later.`, 'Give an earlier date, or the id of a run.');
  return { history: historyOf(kept), leftOut, repository };
}

function startOf(since: string, runs: readonly RunFigures[]): number {
  const named = runs.find(({ manifest }) => manifest.id === since)?.manifest.startedAt ?? since;
  const at = Date.parse(named);
  if (!Number.isNaN(at)) return at;
  throw usageError(
    'bad-value',
    `--since ${JSON.stringify(since)} is neither a date nor the id of a run.`,
    `Write a date as 2026-01-31 or 2026-01-31T12:00Z, or an id as ${runs[0]?.manifest.id ?? 'in run.json'}.`,
  );
}
