import type { Gate } from './surroundings.js';
import type { Distribution, LoadRecord } from './trial.js';

/**
 * What the driver's lateness may add to a quantile that a trial shows, as a share of what the quantile is without it, and the least
 * that counts. The reasons for these figures are in docs/native-driver.md.
 */
const LIMIT = {
  body: { share: 0.5, leastUs: 250 },
  tail: { share: 0.25, leastUs: 1000 },
} as const;

/**
 * Where the driver's lateness is not in the latency that it says (oha counts from its waking): lateness at the 99th percentile, far above a
 * timer of whole milliseconds, and against the median latency.
 */
const UNSPLIT = { share: 0.1, leastUs: 10_000 } as const;

/**
 * Whether the driver sent so late that a trial shows the driver and not the target. Judged by what lateness did to each quantile:
 * latency counts from the intended time and service time from the moment at which the driver had done its part (had sent, or waited for a
 * connection that the target did not give), so their quantiles differ by lateness and by nothing else. A
 * median or 90th percentile that is half its own work voids the trial; a 99th percentile that is a quarter of it is warned of.
 */
export function latenessGates(load: LoadRecord): Gate[] {
  const { latencyUs, serviceUs, latenessUs } = load;
  if (serviceUs === undefined || serviceUs === null) return unsplit(latencyUs, latenessUs);
  for (const name of ['p50', 'p90', 'p99'] as const) {
    const shown = latencyUs.quantiles[name];
    const own = serviceUs.quantiles[name];
    if (shown === null || own === null) continue;
    const { share, leastUs } = name === 'p99' ? LIMIT.tail : LIMIT.body;
    const addedUs = shown - own;
    if (addedUs <= Math.max(leastUs, share * own)) continue;
    return [
      {
        effect: name === 'p99' ? 'warning' : 'void',
        reason: {
          code: 'driver-late',
          message: `the driver sent late: of ${ms(shown)} ms at ${name}, ${ms(addedUs)} ms are its own`,
          evidence: { quantile: Number(name.slice(1)) / 100, latencyUs: shown, serviceUs: own, limit: share },
        },
      },
    ];
  }
  return [];
}

function unsplit(latencyUs: Distribution, latenessUs: Distribution | null): Gate[] {
  const late = latenessUs?.quantiles.p99 ?? null;
  const median = latencyUs.quantiles.p50;
  if (late === null || median === null || late <= Math.max(UNSPLIT.leastUs, UNSPLIT.share * median)) return [];
  const message = `the driver's schedule ran more than ${ms(late)} ms late for 1 % of the requests; its latencies count from its waking and leave that out`;
  return [
    {
      effect: 'warning',
      reason: { code: 'driver-late', message, evidence: { latenessP99Us: late, medianUs: median } },
    },
  ];
}

function ms(us: number): string {
  return (us / 1000).toFixed(1);
}
