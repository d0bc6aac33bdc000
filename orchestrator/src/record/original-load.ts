import { z } from 'zod';
import type { Level } from './cell.js';
import type { Distribution, LoadRecord } from './trial.js';
import { LEAST_ACHIEVED_SHARE } from './validity.js';

const seconds = z.number().nullable();
const percentiles = z.object({ p50: seconds, p90: seconds, p99: seconds, 'p99.9': seconds });

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
 * @throws z.ZodError when it is not an oha result.
 */
export function readOriginalLoad(json: unknown, level: Level, streaming: boolean): LoadRecord {
  const result = ohaSchema.parse(json);
  const statuses = Object.entries(result.statusCodeDistribution);
  const answered = sum(statuses.map(([, count]) => count));
  const ok = sum(statuses.filter(([status]) => status.startsWith('2')).map(([, count]) => count));
  const failures = Object.entries(result.errorDistribution).filter(([message]) => message !== DEADLINE);
  const failed = sum(failures.map(([, count]) => count));
  const achievedRps = answered / result.summary.total;
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

function distribution(count: number, of: z.infer<typeof percentiles>, slowest: number | null): Distribution {
  return {
    count,
    quantiles: { p50: toUs(of.p50), p90: toUs(of.p90), p99: toUs(of.p99), p999: toUs(of['p99.9']), max: toUs(slowest) },
    seconds: null,
  };
}

function toUs(valueS: number | null): number | null {
  return valueS === null ? null : Math.round(valueS * 1e7) / 10;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
