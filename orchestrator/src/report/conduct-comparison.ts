import type { ConductGateResult } from '../analyse/compare/conduct-gate.js';
import type { ComparedCase, ComparedRow, Comparison } from '../record/comparison.js';
import { figure, shift } from './conduct-figures.js';
import { markdownTable } from './markdown-table.js';

/** What gates say, line by line. */
export interface ConductGateLines {
  readonly failures: readonly string[];
  readonly unjudged: readonly string[];
}

/** What gates say, for a person. */
export function conductGateLines({ failures, unjudged }: ConductGateResult): ConductGateLines {
  return {
    failures: failures.map(
      ({ gate, of, row }) => `${gate}: ${of.b} ${of.case} ${row.name} is worse: ${changeText(row)}`,
    ),
    unjudged,
  };
}

const VERDICT = { better: '▼ better', worse: '▲ worse', differs: '≠ differs' } as const;
const HEADS = ['case', 'row', 'a', 'b', 'change', ''].map((head) => ({ head, words: true }));

/** The comparison as Markdown that can be read as it is: what differs, the worse first; the rest is counted. */
export function renderConductComparison(comparison: Comparison, gate: ConductGateLines | null): string {
  const { a, b, pairing, conduct = [], notes } = comparison;
  const all = conduct.flatMap((of) => of.rows.map((row) => ({ of, row })));
  const count = (verdict: ComparedRow['verdict']): number => all.filter(({ row }) => row.verdict === verdict).length;
  const changed = (['worse', 'better', 'differs'] as const).flatMap((verdict) =>
    all.filter(({ row }) => row.verdict === verdict).map(({ of, row }) => line(of, row, VERDICT[verdict])),
  );
  const blocks = Math.max(0, ...all.map(({ row }) => row.blocks));
  return [
    `### Conduct while providers fail: ${count('worse')} worse, ${count('better')} better, ${count('differs')} differ, ${count('cannot-be-told')} cannot be told apart, ${count('not-compared')} not compared`,
    [`a: ${sideText(a)}`, `b: ${sideText(b)}`].join('\n'),
    pairing === 'blocks'
      ? `Differences within each of ${blocks} blocks of one run.`
      : `Two runs of ${blocks} blocks or more.`,
    ...(changed.length === 0 ? [] : [markdownTable(HEADS, changed)]),
    ...(gate === null ? [] : [gateText(gate)]),
    ...notes.map((note) => `> ${note}`),
    'The change is b − a with its 95 % interval. It is one when it holds after Holm’s correction over all rows and cases, and is at least 3 % of a (a time 1 ms, a share one point).',
  ]
    .join('\n\n')
    .concat('\n');
}

function line(of: ComparedCase, row: ComparedRow, verdict: string): string[] {
  const [a, b] = [row.a, row.b].map((value) => (value === null ? '–' : figure(value, row.unit)));
  const name = of.a === of.b ? `${of.b}, ${of.case}` : `${of.b} against ${of.a}, ${of.case}`;
  return [name, row.name, a ?? '', b ?? '', changeText(row), verdict];
}

function changeText({ change, unit, reason }: ComparedRow): string {
  if (change === null) return reason ?? '';
  return `${shift(change.value, unit)} [${shift(change.low, unit)}, ${shift(change.high, unit)}]`;
}

function sideText({ run, startedAt, targets }: Comparison['a']): string {
  const names = targets.map(({ name, version }) =>
    version === null || name.includes('@') ? name : `${name} ${version}`,
  );
  return `${names.join(', ')} (run ${run}, ${startedAt.slice(0, 16).replace('T', ' ')} UTC)`;
}

function gateText({ failures, unjudged }: ConductGateLines): string {
  if (failures.length + unjudged.length === 0) return 'The gate passes.';
  const lines = [...failures.map((each) => `- ${each}`), ...unjudged.map((each) => `- not judged: ${each}`)];
  return `The gate does not pass:\n${lines.join('\n')}`;
}
