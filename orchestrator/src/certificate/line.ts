import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import type { Certificate } from './certificate.js';

/** What makes two machines the same ruler; a kernel's update does not make another machine. */
const SAME_HOST = ['platform', 'arch', 'cpuModel', 'cpus', 'memoryBytes'] as const;

/** What has to be alike for a certificate to speak for a run. */
export type Ruler = Pick<Certificate, 'host' | 'driver' | 'runtime'>;

/** Older than this, a certificate says nothing about a run: neighbours, updates and heat have had their time. */
const STALE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Whether a certificate was made with the ruler of a run: the same machine, driver and runtime. */
export function isSameRuler(one: Ruler, other: Ruler): boolean {
  return one.driver === other.driver && one.runtime === other.runtime && isSameHost(one, other);
}

/**
 * The line at the end of every report: what this ruler can tell apart, by its certificate; where none speaks for the run, why not, and
 * what the run's own noise floor is.
 * @param certificate the newest that comes nearest to the run's ruler, or null
 */
export function certificateLine(certificate: Certificate | null, summary: Summary): string {
  const { speaks, text } = describeCertificate(certificate, summary.run, summary.run.startedAt);
  return speaks ? text : `${ownFloor(summary)} ${text}`;
}

/**
 * What a certificate says of a ruler, in a sentence; where it does not speak for it, why.
 * @param at when the ruler was or will be used, ISO 8601
 */
export function describeCertificate(
  certificate: Certificate | null,
  ruler: Ruler,
  at: string,
): { readonly speaks: boolean; readonly text: string } {
  const objection = certificate === null ? 'No certificate' : objectionTo(certificate, ruler, at);
  if (certificate === null || objection !== null)
    return { speaks: false, text: `${objection}: \`crabllm-bench calibrate\` makes one.` };
  const { p50Us, p99Us } = certificate.tells;
  const told = [p50Us === null ? null : `${us(p50Us)} at p50`, p99Us === null ? null : `${us(p99Us)} at p99`];
  const above = told.filter((text) => text !== null).join(' and ');
  const misses = certificate.misses.length;
  const faults = misses === 0 ? '' : `, ${misses} of its checks missed`;
  const source = `(certificate of ${dayOf(certificate)}${certificate.quick ? ', quick' : ''}${faults})`;
  if (above === '')
    return { speaks: false, text: `The ruler’s certificate ${source} says nothing of what it tells apart.` };
  return {
    speaks: true,
    text: `On this machine, ${whenMade(certificate, at)}, differences below ${above} could not be told ${source}; within a run its own intervals decide.`,
  };
}

/** The line under a scorecard of conduct: what of planted policies its rows recover here; where no certificate says so, why not. */
export function conductLine(certificate: Certificate | null, ruler: Ruler, at: string): string {
  const objection = certificate === null ? 'No certificate' : objectionTo(certificate, ruler, at);
  if (certificate === null || objection !== null) return `${objection}: \`crabllm-bench calibrate\` makes one.`;
  const { conduct } = certificate;
  const which = `certificate of ${dayOf(certificate)}`;
  if (conduct === undefined)
    return `The ${which} says nothing of conduct: \`crabllm-bench calibrate\` without --quick does.`;
  return `On this machine ${conduct.recovered} of ${conduct.rows} rows of ${conduct.policies} planted policies are recovered (${which}).`;
}

function isSameHost(one: Ruler, other: Ruler): boolean {
  return SAME_HOST.every((key) => one.host[key] !== undefined && one.host[key] === other.host[key]);
}

/** Why a certificate does not speak for a ruler; null when it does. */
function objectionTo(certificate: Certificate, ruler: Ruler, at: string): string | null {
  const which = `The certificate of ${dayOf(certificate)}`;
  if (!isSameHost(certificate, ruler)) return `${which} is of another machine`;
  if (certificate.runtime !== ruler.runtime)
    return `${which} is of runtime ${certificate.runtime}, not ${ruler.runtime}`;
  if (certificate.driver !== ruler.driver) return `${which} is of driver ${certificate.driver}, not ${ruler.driver}`;
  const stale = Math.abs(daysBetween(certificate, at)) > STALE_DAYS;
  return stale ? `${which} is stale (${whenMade(certificate, at)})` : null;
}

function whenMade(certificate: Certificate, at: string): string {
  const days = daysBetween(certificate, at);
  if (days === 0) return 'on the day of the run';
  const ago = Math.abs(days) === 1 ? '1 day' : `${Math.abs(days)} days`;
  return days > 0 ? `${ago} before the run` : `${ago} after the run`;
}

function daysBetween({ madeAt }: Certificate, at: string): number {
  return Math.round((Date.parse(at.slice(0, 10)) - Date.parse(madeAt.slice(0, 10))) / DAY_MS);
}

function dayOf({ madeAt }: Certificate): string {
  return madeAt.slice(0, 10);
}

/** The worst of the run's levels, as a certificate takes the worst of its cells. */
function ownFloor({ noiseFloor }: Summary): string {
  const worst = (['p50Us', 'p99Us'] as const).flatMap((name) => {
    const known = noiseFloor.flatMap((floor) => (floor[name] === null ? [] : [{ floor, value: floor[name] }]));
    if (known.length === 0) return [];
    const { floor, value } = known.reduce((a, b) => (a.value >= b.value ? a : b));
    return [`${us(value)} at ${name.slice(0, 3)} (${floor.scenario}, ${formatLevel(floor.level)})`];
  });
  if (worst.length === 0)
    return 'What this ruler can tell apart is not known: no block has two usable trials of direct.';
  return `In this run direct’s two visits of a block differ by up to ${worst.join(' and ')}: its intervals are as wide as that makes them, and they decide.`;
}

function us(value: number): string {
  return value < 1000 ? `${Math.round(value)} µs` : `${Number((value / 1000).toPrecision(3))} ms`;
}
