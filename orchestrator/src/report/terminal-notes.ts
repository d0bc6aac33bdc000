import type { Finding } from '../record/summary.js';
import type { ReportModel } from './model.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { LETTERS, placeLines } from './places.js';
import type { Paint, TerminalStyle } from './terminal-style.js';
import { wrap } from './wrap.js';

/** Targets that could not be had at all, each once with its reason and what would bring it. */
export function absentLines({ absentTargets }: ReportModel, { columns }: TerminalStyle, paint: Paint): string[] {
  return absentTargets.flatMap(({ target, message }) =>
    wrap(`${target} is absent: ${message}`, columns - 2).map((line, i) =>
      paint.yellow(`${i === 0 ? '' : '  '}${line}`),
    ),
  );
}

/** What analyse found, one paragraph each behind an empty line; nothing when there is nothing. */
export function findingLines(findings: readonly Finding[], { columns }: TerminalStyle, paint: Paint): string[] {
  const lines = findings.flatMap(({ severity, target, scenario, message }) => {
    const about = [target, scenario].filter((part) => part !== null).join(' ');
    const mark = severity === 'info' ? 'i' : '!';
    return wrap(`${about === '' ? '' : `${about}: `}${message}`, columns - 2).map((line, i) =>
      i === 0 ? `${paint.yellow(mark)} ${line}` : `  ${line}`,
    );
  });
  return lines.length === 0 ? [] : ['', ...lines];
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
