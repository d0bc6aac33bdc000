import type { JSX } from 'preact';
import type { PageFinding } from '../src/report/page-model.js';

interface MarksProps {
  readonly all: readonly PageFinding[];
  readonly indices: readonly number[];
}

/** What speaks against a figure, at the figure: a mark that opens. */
export function Marks({ all, indices }: MarksProps): JSX.Element | null {
  const findings = indices.flatMap((index) => all[index] ?? []);
  if (findings.length === 0) return null;
  const weak = findings.filter(({ severity }) => severity !== 'info').length;
  const counts = [count(weak, 'warning'), count(findings.length - weak, 'note')].filter((part) => part !== '');
  return (
    <details class={weak > 0 ? 'warnings' : 'notes'}>
      <summary>
        {weak > 0 ? '! ' : 'i '}
        {counts.join(', ')}
      </summary>
      <ul>
        {findings.map(({ severity, message }) => (
          <li key={message}>
            <b>{severity}</b> {message}
          </li>
        ))}
      </ul>
    </details>
  );
}

function count(number: number, what: string): string {
  return number === 0 ? '' : `${number} ${what}${number === 1 ? '' : 's'}`;
}
