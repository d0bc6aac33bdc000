import { meanOf } from '../analyse/student.js';
import { groupBy } from '../grouping.js';
import { describeBlame } from './blame-rows.js';
import { type Certificate, type DelayRow, type Outcome, TOLERANCE, WATCHING_MARGIN } from './certificate.js';

const WORD: Readonly<Record<Outcome, string>> = { passed: 'passed', missed: '**missed**', 'too-few': 'too few to say' };
/** Misses beyond this are in certificate.json: the page is one page. */
const SHOWN_MISSES = 20;

/** The certificate as one page. */
export function renderCertificate(certificate: Certificate): string {
  const { delays, sins, sameTarget, repeatedRun, observer, blame, erratic, conduct, tells } = certificate;
  const host = (key: string): string => {
    const known = certificate.host[key];
    return typeof known === 'string' || typeof known === 'number' ? String(known) : `unknown ${key}`;
  };
  return [
    '# Certificate of the ruler',
    `${certificate.madeAt.slice(0, 16).replace('T', ' ')} UTC · ${host('cpuModel')} × ${host('cpus')} · ` +
      `${host('platform')} ${host('kernel')} · runtime ${certificate.runtime}, driver ${certificate.driver} · ` +
      `crabllm-bench ${certificate.versions['crabllm-bench'] ?? ''}, Node.js ${certificate.versions['node'] ?? ''} · ` +
      `${certificate.blocks} blocks${certificate.quick ? ' (quick)' : ''}`,
    `**Tells differences above ${us(tells.p50Us)} at p50 and ${us(tells.p99Us)} at p99**, in the worst of ${tells.cells} cells.`,
    [
      '| experiment | outcome | |',
      '| --- | --- | --- |',
      `| planted delays | ${WORD[delays.outcome]} | ${delays.recovered} of ${delays.medians} medians within max(${TOLERANCE.us} µs, ${TOLERANCE.share * 100} %); ` +
        `${delays.covered} of ${delays.comparisons} intervals hold the truth (${percent(delays.covered, delays.comparisons)}) |`,
      `| planted sins | ${WORD[sins.outcome]} | ${sins.rows.filter(({ named }) => named).length} of ${sins.rows.length} named, the honest one not accused included |`,
      `| one target, three names | ${WORD[sameTarget.outcome]} | ${sameTarget.declaredDifferent} of ${sameTarget.comparisons} comparisons called different (${percent(sameTarget.declaredDifferent, sameTarget.comparisons)}) |`,
      `| the same plan twice | ${WORD[repeatedRun.outcome]} | ${describeRepeated(repeatedRun)} |`,
      ...(observer === undefined
        ? []
        : [`| watched over not watched | ${WORD[observer.outcome]} | ${describeObserver(observer)} |`]),
      ...(blame === undefined ? [] : [`| blame | ${blameCells(blame)} |`]),
      ...(erratic === undefined
        ? []
        : [`| an erratic target beside steady ones | ${WORD[erratic.outcome]} | ${describeErratic(erratic)} |`]),
      ...(conduct === undefined
        ? []
        : [`| conduct while providers fail | ${WORD[conduct.outcome]} | ${describeConduct(conduct)} |`]),
    ].join('\n'),
    '## Delays',
    delayTable(delays.rows),
    ...(delays.spikes.length === 0 ? [] : [spikeTable(delays.spikes)]),
    '## Sins',
    sins.rows
      .map(
        ({ relay, sin, done, named, said }) =>
          `- ${relay} (${sin === null ? 'does nothing wrong' : `${sin.replaceAll('-', ' ')}, ${done} times`}): ` +
          `${sin === null ? (named ? 'not accused' : '**accused**') : named ? 'named' : '**not named**'}${said.length === 0 ? '' : `. ${said.slice(0, 2).join('; ')}`}`,
      )
      .join('\n'),
    '## Misses',
    missList(certificate.misses),
  ]
    .join('\n\n')
    .concat('\n');
}

/** What watching does to a target's quantiles, in one line. */
export function describeObserver({ pairs, ...ratios }: NonNullable<Certificate['observer']>): string {
  const ratio = (name: 'p50' | 'p90' | 'p99'): string => {
    const found = ratios[name];
    if (found === null) return `${name} not known`;
    return `${name} × ${found.value.toFixed(2)} (${found.low.toFixed(2)} to ${found.high.toFixed(2)})`;
  };
  const margin = `harmless is within × ${WATCHING_MARGIN}`;
  return `${ratio('p50')}, ${ratio('p90')}, ${ratio('p99')} of ${pairs} pairs; ${margin}`;
}

/** What became of an erratic target and of those beside it, in one line. */
export function describeErratic({ cells }: NonNullable<Certificate['erratic']>): string {
  const planted = cells.filter((cell) => cell.planted);
  const accused = cells.reduce((sum, cell) => sum + cell.accused.length, 0);
  return [
    `the erratic one above direct in ${cells.filter(({ above }) => above).length} of ${cells.length} cells`,
    `called erratic in ${planted.filter(({ named }) => named).length} of ${planted.length} in which its starts were far apart`,
    `the steady ones told apart in ${cells.filter(({ apart }) => apart).length} of ${cells.length}, called erratic ${accused} times`,
  ].join('; ');
}

/** What was recovered of planted policies, in one line. */
export function describeConduct({
  policies,
  rows,
  recovered,
  unseen = 0,
}: NonNullable<Certificate['conduct']>): string {
  const beside = unseen === 0 ? '' : `; ${unseen} about processes cannot be seen on this runtime`;
  return `${recovered} of ${rows} rows of ${policies} planted policies recovered${beside}`;
}

function blameCells(blame: NonNullable<Certificate['blame']>): string {
  if (blame.outcome === 'not-offered') return `not offered | ${blame.reason}`;
  return `${WORD[blame.outcome]} | ${describeBlame(blame.rows)} (gateway, mock, drivers)`;
}

function describeRepeated({ overheads, latencies, moved, contradictions }: Certificate['repeatedRun']): string {
  if (overheads.cells + latencies.cells + moved.length === 0) return 'not run';
  const figure = (name: string, { cells, agreeing, vague }: typeof overheads): string =>
    `${agreeing} of ${cells} ${name} agree (${percent(agreeing, cells)})${vague.length === 0 ? '' : `, ${vague.length} too wide to tell`}`;
  return [
    figure('overheads', overheads),
    figure('latencies', latencies),
    ...(moved.length === 0
      ? []
      : [`at ${moved.length} levels the machine was not the same in both runs: direct itself moved`]),
    `${contradictions.length} contradictions`,
  ].join('; ');
}

function delayTable(rows: readonly DelayRow[]): string {
  const lines = [...groupBy(rows, ({ relay, quantile }) => `${relay} ${quantile}`).values()].map((group) => {
    const [{ relay, quantile }] = group as [DelayRow];
    const off = group.map(({ measuredUs, plantedUs }) => measuredUs.value - plantedUs);
    const farthest = off.reduce((a, b) => (Math.abs(a) >= Math.abs(b) ? a : b));
    const width = meanOf(group.map(({ measuredUs }) => (measuredUs.high - measuredUs.low) / 2));
    const covered = group.filter((row) => row.covered).length;
    return `| ${relay} | ${quantile} | ${us(meanOf(group.map(({ plantedUs }) => plantedUs)))} | ${us(meanOf(group.map(({ heldUs }) => heldUs)))} | ${signed(meanOf(off))} | ${signed(farthest)} | ± ${us(width)} | ${covered}/${group.length} |`;
  });
  return [
    '| relay | | planted | held | mean error | farthest | interval | holds the truth |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...lines,
  ].join('\n');
}

function spikeTable(rows: Certificate['delays']['spikes']): string {
  return [
    '| relay | cell | requests | spikes planted | seen | length planted | seen | |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
    ...rows.map(
      (row) =>
        `| ${row.relay} | ${row.scenario} at ${row.level.value} | ${row.requests} | ${row.planted} | ${row.seen} | ` +
        `${us(row.plantedUs)} | ${us(row.seenUs)} | ${row.recovered ? 'recovered' : '**missed**'} |`,
    ),
  ].join('\n');
}

function missList(misses: readonly string[]): string {
  if (misses.length === 0) return 'None.';
  const left = misses.length - SHOWN_MISSES;
  const shown = misses.slice(0, SHOWN_MISSES).map((miss) => `- ${miss}`);
  return [...shown, ...(left > 0 ? [`- and ${left} more in certificate.json`] : [])].join('\n');
}

function us(value: number | null): string {
  if (value === null) return 'unknown';
  const text = Math.abs(value) < 1000 ? `${Math.round(value)} µs` : `${Number((value / 1000).toPrecision(3))} ms`;
  return text.replace('-', '−');
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${us(Math.abs(value))}`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}
