import { z } from 'zod';
import type { Level } from './cell.js';
import type { Distribution, LoadRecord } from './trial.js';
import { LEAST_ACHIEVED_SHARE } from './validity.js';

/** Missing ones cost that figure and no other. */
const seconds = z.number().nullish();
const percentiles = z.object({ p50: seconds, p90: seconds, p99: seconds, 'p99.9': seconds });
type Percentiles = z.infer<typeof percentiles>;

/** What is needed of oha's JSON (1.8 to 1.16; times in seconds, NaN written as null). Everything else is let through. */
const ohaSchema = z.object({
  summary: z.object({ total: z.number().positive(), slowest: seconds, totalData: z.number().nonnegative().nullish() }),
  latencyPercentiles: percentiles,
  firstBytePercentiles: percentiles.nullish(),
  statusCodeDistribution: z.record(z.string(), z.number().int().nonnegative()),
  errorDistribution: z.record(z.string(), z.number().int().nonnegative()),
  metrics: z.unknown().optional(),
});
type OhaResult = z.infer<typeof ohaSchema>;

/** Workers that were waiting or under way when time was up; with an idle connection pool that is no failed request. */
const DEADLINE = 'aborted due to deadline';

/**
 * The load record behind one result of the original suite.
 * Its rate is recomputed from the answers, because oha counts connections cut off at the end as requests; latency is as the suite
 * measured it, from the moment a connection was free.
 * @throws z.ZodError when it is not an oha result; ImpossibleFigures when it says what no load can have been
 */
export function readOriginalLoad(json: unknown, level: Level, streaming: boolean): LoadRecord {
  const result = ohaSchema.parse(json, { reportInput: true });
  const statuses = Object.entries(result.statusCodeDistribution);
  const answered = sum(statuses.map(([, count]) => count));
  const ok = sum(statuses.filter(([status]) => status.startsWith('2')).map(([, count]) => count));
  const failures = Object.entries(result.errorDistribution).filter(([message]) => message !== DEADLINE);
  const failed = sum(failures.map(([, count]) => count));
  const achievedRps = answered / result.summary.total;
  refuseImpossible(result, level, answered);
  const scheduled = scheduledRequests(level, achievedRps, result.summary.total, answered + failed);
  return {
    driver: { name: 'oha', version: versionOf(result) },
    windowMs: result.summary.total * 1000,
    scheduled,
    ok,
    errors: { ...(answered > ok ? { status: answered - ok } : {}), ...(failed > 0 ? { other: failed } : {}) },
    dropped: scheduled - answered - failed,
    statuses: result.statusCodeDistribution,
    errorExamples: Object.fromEntries(failures.slice(0, 10)),
    achievedRps,
    connections: level.kind === 'streams' ? level.value : 50,
    latencyUs: distribution(answered, result.latencyPercentiles, result.summary.slowest),
    ttftUs: streaming && result.firstBytePercentiles ? distribution(answered, result.firstBytePercentiles, null) : null,
    gapUs: null,
    latenessUs: null,
    driverCpuUs: null,
    bytes: result.summary.totalData ?? null,
  };
}

/** A result that was written by hand, by another program, or by a broken one: its figures cannot stand beside those of others. */
export class ImpossibleFigures extends Error {}

/** A paced load never runs far ahead of its label. */
const MOST_ACHIEVED_SHARE = 1.1;
/** oha's figures are doubles, printed and read again. */
const ROUNDING = 1 + 1e-6;

function refuseImpossible(
  { summary, latencyPercentiles, firstBytePercentiles }: OhaResult,
  level: Level,
  answered: number,
): void {
  const rps = answered / summary.total;
  if (level.kind === 'rps' && rps > MOST_ACHIEVED_SHARE * level.value) {
    throw new ImpossibleFigures(
      `${answered} answers in ${summary.total} s are ${Math.round(rps)} rps, far above its label of ${level.value}`,
    );
  }
  const latencies = ascending('latency', latencyPercentiles, summary.slowest);
  if (answered > 0 && latencies.length === 0) throw new ImpossibleFigures(`${answered} answers, and not one latency`);
  const longest = latencies.at(-1)?.[1] ?? 0;
  if (longest > summary.total * 1.01) {
    throw new ImpossibleFigures(`a latency of ${longest} s in a load of ${summary.total} s`);
  }
  if (firstBytePercentiles) ascending('time to first byte', firstBytePercentiles, null);
}

/** The figures that are there, from the median to the slowest. */
function ascending(
  what: string,
  of: Percentiles,
  slowest: number | null | undefined,
): (readonly [name: string, valueS: number])[] {
  const named = [
    ['p50', of.p50],
    ['p90', of.p90],
    ['p99', of.p99],
    ['p99.9', of['p99.9']],
    ['slowest', slowest],
  ] as const;
  const there = named.flatMap(([name, valueS]) =>
    valueS === null || valueS === undefined ? [] : [[name, valueS] as const],
  );
  for (const [i, [name, valueS]] of there.entries()) {
    if (valueS < 0) throw new ImpossibleFigures(`${what} ${name} is negative (${valueS} s)`);
    const [before = '', beforeS = 0] = there[i - 1] ?? [];
    if (beforeS > valueS * ROUNDING) {
      throw new ImpossibleFigures(`${what} ${name} (${valueS} s) is below its ${before} (${beforeS} s)`);
    }
  }
  return there;
}

/**
 * What was due. Where the level was not reached, what is missing was dropped; where it was, the few that are missing at the edges of the
 * window were not dropped by anyone.
 */
function scheduledRequests(level: Level, achievedRps: number, windowS: number, seen: number): number {
  const short = level.kind === 'rps' && achievedRps < LEAST_ACHIEVED_SHARE * level.value;
  return short ? Math.max(seen, Math.round(level.value * windowS)) : seen;
}

/** The suite did not write its oha's version down; fields that came later tell it roughly. */
function versionOf(result: OhaResult): string {
  if (result.metrics !== undefined) return '1.15 or later';
  return result.firstBytePercentiles ? '1.13 or 1.14' : 'before 1.13';
}

function distribution(count: number, of: Percentiles, slowest: number | null | undefined): Distribution {
  return {
    count,
    quantiles: { p50: toUs(of.p50), p90: toUs(of.p90), p99: toUs(of.p99), p999: toUs(of['p99.9']), max: toUs(slowest) },
    seconds: null,
  };
}

function toUs(valueS: number | null | undefined): number | null {
  return valueS === null || valueS === undefined ? null : Math.round(valueS * 1e7) / 10;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
