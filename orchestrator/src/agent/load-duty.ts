import { availableParallelism } from 'node:os';
import { isOneClock } from '../clock/clock-domain.js';
import { clockOffset } from '../clock/clock-offset.js';
import { BenchError, EXIT } from '../errors.js';
import type { Driver, LoadResult } from '../load/driver.js';
import type { NativeOptions } from '../load/native/plan-lanes.js';
import { startHostSampling } from '../resources/host-sampling.js';
import type { OrchestratorLine } from './orchestrator-line.js';
import type { AgentReport } from './report.js';
import type { AgentClock } from './agent-clock.js';
import { type LoadOrder, startSchema } from './wire.js';
import { decodeLoad } from './wire-load.js';

/** Questions for the time before and behind the load; of so many at least one meets nobody on the way, and they take a few hundredths of a second. */
export const ROUND_TRIPS = 64;

/** What a share is made with. */
export interface ShareMeans {
  readonly line: OrchestratorLine;
  readonly clock: AgentClock;
  readonly driver: (options: NativeOptions) => Driver;
}

/**
 * Makes one agent's share of a trial: opens its connections, asks how far the clocks are apart, waits for the common start, loads, keeps
 * its rows, and delivers them when all agents are done, so that no delivery is in another's window.
 * @throws BenchError `agent-late` where the start is not far enough ahead, what the driver throws, what the line does
 */
export async function runShare(
  { trial, load, options, share, watchHost }: LoadOrder,
  { line, clock, driver: createDriver }: ShareMeans,
  signal: AbortSignal,
): Promise<void> {
  const path = (what: string): string => `/v1/trials/${trial}/${what}`;
  const driver = createDriver(options as NativeOptions);
  const host = watchHost ? startHostSampling(availableParallelism()) : null;
  let result: LoadResult | null = null;
  try {
    const startAt = async (): Promise<number> => {
      const trips = await line.roundTrips(ROUND_TRIPS, signal);
      const said = startSchema.parse(await line.ask('POST', path('ready'), { trips }, signal));
      const aheadUs = isOneClock(said.clockDomain, clock.domain) ? 0 : clockOffset(trips).offsetUs;
      return said.startAtUs - aheadUs - clock.aheadUs();
    };
    result = await driver.run({ ...decodeLoad(load), share: { ...share, startAt } }, signal);
  } finally {
    await driver.close();
    if (result === null) await host?.finish(null);
  }
  const { span, record, raw, columns } = result;
  const watched = (await host?.finish(span)) ?? null;
  await line.ask('POST', path('finished'), {}, signal);
  const trips = await line.roundTrips(ROUND_TRIPS, signal);
  if (columns === undefined)
    throw new BenchError({ code: 'agent-failed', message: 'its driver keeps no rows', exitCode: EXIT.bug });
  const report: AgentReport = {
    trips,
    record,
    raw: JSON.parse(Buffer.from(raw).toString('utf8')) as AgentReport['raw'],
    host: watched,
  };
  await line.ask('POST', path('report'), report, signal);
  await line.deliver(path('rows'), columns, signal);
}
