import { groupBy } from '../grouping.js';
import type { Finding } from '../record/summary.js';
import type { ReportModel } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { LETTERS, placeLines } from './places.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { cut, wrap } from './wrap.js';

/** Targets that could not be had at all, each once with its reason and what would bring it; but for those that the table of features has. */
export function absentLines({ absentTargets }: ReportModel, { columns }: TerminalStyle, paint: Paint): string[] {
  return absentTargets
    .filter(({ isAmongFeatures }) => !isAmongFeatures)
    .flatMap(({ target, message }) =>
      wrap(`${target} is absent: ${message}`, columns - 2).map((line, i) =>
        paint.yellow(`${i === 0 ? '' : '  '}${line}`),
      ),
    );
}

/** So many more places of one finding are named. */
const MOST_LIKEWISE = 4;

/**
 * What analyse found, one paragraph each behind an empty line; nothing when there is nothing. Findings that say the same of several targets
 * or scenarios are one, with the words of the first.
 */
export function findingLines(findings: readonly Finding[], { columns }: TerminalStyle, paint: Paint): string[] {
  const lines = notesOf(findings).flatMap((note) => paragraph(note, columns, paint));
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Those that void or weaken a figure come first where there is not room for all. */
const WEIGHT: Readonly<Record<Finding['severity'], number>> = { void: 0, warning: 1, info: 2 };

/**
 * The same in so many lines at most: whole where there is room, else the first sentence of each, else a line each, else those of most weight.
 * @returns the lines, and of how many findings there is none
 */
export function briefFindingLines(
  findings: readonly Finding[],
  { columns }: TerminalStyle,
  paint: Paint,
  rows: number,
): { readonly lines: readonly string[]; readonly without: number } {
  const notes = notesOf(findings).toSorted((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
  const inALine = (text: string): string => cut(text, columns - 4);
  for (const form of [(text: string) => text, firstSentence, inALine]) {
    const lines = notes.flatMap(({ severity, text }) => paragraph({ severity, text: form(text) }, columns, paint));
    if (lines.length <= rows) return { lines, without: 0 };
  }
  const shown = notes.slice(0, rows);
  return {
    lines: shown.flatMap(({ severity, text }) => paragraph({ severity, text: inALine(text) }, columns, paint)),
    without: notes.length - shown.length,
  };
}

/** A finding, or several of a kind, as they are told. */
interface Note {
  readonly severity: Finding['severity'];
  readonly text: string;
}

function notesOf(findings: readonly Finding[]): Note[] {
  const alike = groupBy(findings, ({ severity, code }) => `${severity} ${code}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const about = aboutOf(first);
    const others = [...new Set(group.slice(1).map(aboutOf))].filter((other) => other !== about && other !== '');
    const text = `${about === '' ? '' : `${about}: `}${first.message}${likewise(others)}`;
    return [{ severity: first.severity, text }];
  });
}

function paragraph({ severity, text }: Note, columns: number, paint: Paint): string[] {
  return wrap(text, columns - 2).map((line, i) =>
    i === 0 ? `${paint.yellow(severity === 'info' ? 'i' : '!')} ${line}` : `  ${line}`,
  );
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s+\p{Lu})/su.exec(text)?.[0] ?? text;
}

function aboutOf({ target, scenario }: Finding): string {
  return [target, scenario].filter((part) => part !== null).join(' ');
}

function likewise(others: readonly string[]): string {
  if (others.length === 0) return '';
  const more = others.length - MOST_LIKEWISE;
  return ` (likewise: ${others.slice(0, MOST_LIKEWISE).join(', ')}${more > 0 ? ` and ${more} more` : ''}, each in summary.json)`;
}

/** The places of the gateways in few lines: levels with the same places together; nothing when there are not two to compare. */
export function briefPlacesLines(model: ReportModel, { columns }: TerminalStyle, paint: Paint): string[] {
  const lines = model.scenarios.flatMap((scenario) => placeLines(model, scenario));
  return [...groupBy(lines, ({ by }) => by).values()].flatMap((own) => {
    const by = own[0]?.by;
    if (by === undefined) return [];
    const alike = groupBy(own, ({ places, without }) => [places, ...without].join(' '));
    return [
      ...wrap(`Places by ${OVERHEAD_NAME[by]} (with a shared letter: not told apart, judged in pairs)`, columns).map(
        (line) => paint.bold(line),
      ),
      ...[...alike.values()].flatMap((group) => {
        const [first] = group;
        if (first === undefined) return [];
        const { places, without } = first;
        const gone = without.length === 0 ? '' : ` · no place: ${without.join(', ')}`;
        const where = [...groupBy(group, ({ scenario }) => scenario)].map(([scenario, levels]) => {
          const told = levels.map(
            ({ level, quantiles, open }) => `${level} ${quantiles}${open === '' ? '' : ` (${open})`}`,
          );
          return `${scenario} ${told.join(', ')}`;
        });
        return wrap(`${places}${gone}: ${where.join('; ')}`, columns - 4).map(
          (line, i) => `${i === 0 ? '  ' : '    '}${line}`,
        );
      }),
    ];
  });
}

/** The places of the gateways, a line a scenario and level; nothing when there are not two to compare. */
export function placesLines(model: ReportModel, { columns }: TerminalStyle, paint: Paint): string[] {
  const lines = model.scenarios.flatMap((scenario) => placeLines(model, scenario));
  const heads = lines.map(({ scenario, level, quantiles }) => [`${scenario} · ${level}`, quantiles] as const);
  const [wide, narrow] = [0, 1].map((i) => Math.max(...heads.map((head) => head[i]?.length ?? 0)));
  return ['per-request', 'quantile-shift'].flatMap((kind) => {
    const own = lines.flatMap((line, i) => (line.by === kind ? [{ ...line, head: heads[i] ?? ['', ''] }] : []));
    const [first] = own;
    if (first === undefined) return [];
    return [
      '',
      ...wrap(`Places by ${OVERHEAD_NAME[first.by]} (${LETTERS})`, columns).map((line) => paint.bold(line)),
      ...own.flatMap(({ head: [where, quantiles], places, open, without }) => {
        const more = open === '' ? '' : ` (${open})`;
        const rest = `${more}${without.length === 0 ? '' : ` · no place: ${without.join(', ')}`}`;
        const indent = `  ${where?.padEnd(wide ?? 0)}  ${quantiles?.padEnd(narrow ?? 0)}  `;
        return wrap(places + rest, Math.max(20, columns - indent.length)).map((line, i) =>
          i === 0 ? indent + line : ' '.repeat(indent.length) + line,
        );
      }),
    ];
  });
}
