import type { Finding } from '../record/summary.js';
import type { ReportModel } from './model.js';
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
