import { type BlameRow, describeBlame, describeRhythm } from '../certificate/blame-rows.js';
import type { Outcome } from '../certificate/certificate.js';

/** `blame.json`. */
export interface BlameTable {
  readonly schemaVersion: 1;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly quick: boolean;
  /** Of crabllm-bench. */
  readonly version: string;
  readonly host: Readonly<Record<string, unknown>>;
  readonly outcome: Outcome;
  readonly rows: readonly BlameRow[];
}

/** The freeze table, for a terminal. */
export function renderBlame(rows: readonly BlameRow[]): string {
  const lines = rows.map((row) =>
    [
      row.driver.padEnd(6),
      row.victim.padEnd(7),
      describeRhythm(row.rhythm).padEnd(15),
      `${row.rps}/s`.padStart(6),
      row.outcome.padEnd(11),
      `planted ${row.plantedMs} ms, pauses found ${row.pausesMs} ms, p50 ${ms(row.latencyUs.p50)} ms; ${toldOf(row)}`,
    ].join('  '),
  );
  return `${lines.join('\n')}\n${describeBlame(rows)}.\n`;
}

/** The freeze table as a page. */
export function blamePage({ madeAt, quick, version, host, rows }: BlameTable): string {
  const machine = `${String(host['cpuModel'])} × ${String(host['cpus'])}, ${String(host['platform'])} ${String(host['kernel'])}`;
  return [
    '# Whose fault was it?',
    `${madeAt.slice(0, 16).replace('T', ' ')} UTC · ${machine} · crabllm-bench ${version}${quick ? ' (quick)' : ''}`,
    `**${describeBlame(rows)}.**`,
    [
      '| driver | stopped | how | rate | outcome | planted | pauses of the target | answered | p50 | p99 | longest | trial |',
      '| --- | --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
      ...rows.map(markdownRow),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function markdownRow(row: BlameRow): string {
  const { outcome, latencyUs } = row;
  const cells = [
    row.driver,
    row.victim,
    describeRhythm(row.rhythm),
    `${row.rps}/s`,
    outcome === 'recovered' ? outcome : `**${outcome.replaceAll('-', ' ')}**`,
    `${row.plantedMs} ms`,
    `${row.pausesMs} ms`,
    `${row.ok} of ${row.scheduled}`,
    ...[latencyUs.p50, latencyUs.p99, latencyUs.max].map((us) => `${ms(us)} ms`),
    toldOf(row).replaceAll('|', '\\|'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function toldOf({ told, hindrance }: BlameRow): string {
  return hindrance === null ? told : `${told} (meanwhile ${hindrance})`;
}

function ms(us: number | null): string {
  return us === null ? '–' : (us / 1000).toFixed(2);
}
