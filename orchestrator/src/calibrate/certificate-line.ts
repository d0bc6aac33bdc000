import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import type { Certificate } from './certificate.js';

/** What makes two machines the same ruler; a kernel's update does not make another machine. */
const SAME_HOST = ['platform', 'arch', 'cpuModel', 'cpus', 'memoryBytes'] as const;

/** What has to be alike for a certificate to speak for a run. */
export type Ruler = Pick<Certificate, 'host' | 'driver' | 'runtime'>;

/** Whether a certificate was made with the ruler of a run: the same machine, driver and runtime. */
export function isSameRuler(one: Ruler, other: Ruler): boolean {
  return (
    one.driver === other.driver &&
    one.runtime === other.runtime &&
    SAME_HOST.every((key) => one.host[key] !== undefined && one.host[key] === other.host[key])
  );
}

/**
 * The line at the end of every report: what this ruler can tell apart, by its certificate; where there is none, by the run's own
 * noise floor, and that this is where it comes from.
 * @param certificate the newest of the same ruler, or null
 */
export function certificateLine(certificate: Certificate | null, summary: Summary): string {
  if (certificate === null) return `${ownFloor(summary)} No certificate: \`crabllm-bench calibrate\` makes one.`;
  const { p50Us, p99Us } = certificate.tells;
  const told = [p50Us === null ? null : `${us(p50Us)} at p50`, p99Us === null ? null : `${us(p99Us)} at p99`];
  const above = told.filter((text) => text !== null).join(' and ');
  const misses = certificate.misses.length;
  const faults = misses === 0 ? '' : `, with ${misses} ${misses === 1 ? 'miss' : 'misses'}`;
  const source = `(certificate of ${certificate.madeAt.slice(0, 10)}${certificate.quick ? ', quick' : ''}${faults})`;
  if (above === '') return `This ruler’s certificate ${source} says nothing of what it tells apart.`;
  return `This ruler tells differences above ${above}, on this machine, ${whenMade(certificate, summary)} ${source}.`;
}

function whenMade({ madeAt }: Certificate, { run }: Summary): string {
  const days = Math.floor((Date.parse(run.startedAt.slice(0, 10)) - Date.parse(madeAt.slice(0, 10))) / 86_400_000);
  if (days === 0) return 'today';
  const ago = Math.abs(days) === 1 ? '1 day' : `${Math.abs(days)} days`;
  return days > 0 ? `${ago} before the run` : `${ago} after the run`;
}

/** The worst of the run's levels, as a certificate takes the worst of its cells. */
function ownFloor({ noiseFloor }: Summary): string {
  const worst = (['p50Us', 'p99Us'] as const).flatMap((name) => {
    const known = noiseFloor.flatMap((floor) => (floor[name] === null ? [] : [{ floor, value: floor[name] }]));
    if (known.length === 0) return [];
    const { floor, value } = known.reduce((a, b) => (a.value >= b.value ? a : b));
    return [`${us(value)} at ${name.slice(0, 3)} (${floor.scenario}, ${formatLevel(floor.level)})`];
  });
  if (worst.length === 0) return 'What this ruler can tell apart is not known: direct was not measured twice.';
  return `By this run’s own noise floor, nothing below ${worst.join(' and ')} is a difference.`;
}

function us(value: number): string {
  return value < 1000 ? `${Math.round(value)} µs` : `${Number((value / 1000).toPrecision(3))} ms`;
}
