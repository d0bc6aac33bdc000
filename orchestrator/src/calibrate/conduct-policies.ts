import type { RowName } from '../analyse/conduct/case-rows.js';

/** What a row has to show: its interval has to meet these bounds, or it has to be more than could be seen. */
interface PlantedRow {
  readonly case: string;
  readonly row: RowName;
  readonly planted: { readonly from: number; readonly to: number } | 'beyond-phase';
}

/** A gateway with a known policy. */
export interface ConductPolicy {
  readonly name: string;
  /** Its part of the relay's command line. */
  readonly words: readonly string[];
  readonly rows: readonly PlantedRow[];
  /** What its entry would say that its primary gets; what is asked of its providers may be another share, which a row has to show. */
  readonly primaryShare: number;
  /** Rows that have to speak against it; none of an honest one. */
  readonly accused: readonly RowName[];
}

/** What a timer and a connection of this host may add to a pause that was planted. */
const TIMER_US = 15_000;
/** How long a client waits for an answer in `another-model`. */
const PATIENCE_US = 3_000_000;
/** The driver looks for ended patience every 100 ms, and a busy host lets its timers wait. */
const SWEEP_US = 200_000;

/** What chance leaves of a share or a ratio that is planted exactly. */
const NEAR = 0.02;

/** An evenly drawn pause of ± 50 % varies by 0.5 / √3. */
const JITTER = 0.5 / Math.sqrt(3);

/** The policies that the rows have to recover. Every case is one of plan/conduct-cases.ts. */
export const CONDUCT_POLICIES: readonly ConductPolicy[] = [
  {
    name: 'honest',
    words: [
      '--attempts',
      '3',
      '--gap',
      '50ms',
      '--growth',
      '2',
      '--jitter',
      '50%',
      '--honour-retry-after',
      '--idle',
      '1s',
      '--aside',
      'bench-aside',
    ],
    primaryShare: 1,
    rows: [
      exactly('everything-down', 'amplification', 3),
      { case: 'everything-down', row: 'jitter', planted: { from: JITTER * 0.8, to: JITTER * 1.1 } },
      { case: 'everything-down', row: 'gapGrowth', planted: { from: 1.8, to: 2.1 } },
      time('everything-down', 'retryGapUs', 50_000),
      exactly('outage-503', 'servedShare', 1),
      exactly('outage-503', 'amplification', 2),
      exactly('outage-503', 'primaryTouchedShare', 1),
      exactly('outage-503', 'splitOffBefore', 0),
      exactly('outage-503-stream', 'usageKeptShare', 1),
      exactly('outage-503-stream', 'modelKeptShare', 1),
      exactly('rate-limit', 'retryAfterHonoured', 1),
      exactly('rate-limit', 'backpressureShare', 1),
      exactly('cut-streams', 'cutBrokenShare', 1),
      time('stalled-streams', 'stallBoundUs', 1_000_000),
      exactly('bad-request', 'mustNotRetry', 1),
      exactly('unauthorized', 'mustNotRetry', 1),
      exactly('client-leaves', 'abortPassedShare', 1),
      exactly('client-leaves', 'attemptsAfterLeft', 0),
      exactly('everything-down', 'errorKeptShare', 1),
      exactly('everything-down', 'errorShowsShare', 0),
      exactly('rate-limit', 'retryAfterPassedShare', 1),
      exactly('outage-503', 'usageKeptShare', 1),
      exactly('outage-503', 'modelKeptShare', 1),
      exactly('another-model', 'asideServedShare', 1),
      time('another-model', 'asideAddedUs', 0),
      exactly('afterwards', 'processesLost', 0),
      { case: 'afterwards', row: 'memoryAfter', planted: { from: 0.5, to: 1.6 } },
      { case: 'afterwards', row: 'descriptorsAfter', planted: { from: 0.5, to: 1.6 } },
    ],
    accused: [],
  },
  {
    name: 'storming',
    words: ['--attempts', '8', '--gap', '20ms', '--errors', 'wrapped'],
    primaryShare: 1,
    rows: [
      exactly('everything-down', 'amplification', 8),
      exactly('everything-down', 'mostAttempts', 8),
      time('everything-down', 'retryGapUs', 20_000),
      exactly('everything-down', 'gapGrowth', 1, 0.1),
      exactly('everything-down', 'jitter', 0, 0.2),
      exactly('rate-limit', 'retryAfterHonoured', 0),
      exactly('everything-down', 'errorWrappedShare', 1),
    ],
    accused: ['amplification', 'retryAfterHonoured'],
  },
  {
    name: 'breaking',
    words: ['--attempts', '2', '--breaker', '5,2s'],
    primaryShare: 1,
    rows: [
      exactly('outage-503', 'servedShare', 1),
      // Five failures, then a probe every two seconds, over a phase of five.
      { case: 'outage-503', row: 'probesPerSecond', planted: { from: 1, to: 1.8 } },
      { case: 'outage-503', row: 'returnFirstUs', planted: { from: 0, to: 2_000_000 + TIMER_US } },
      { case: 'outage-503', row: 'failoverUs', planted: { from: 0, to: 100_000 } },
      exactly('outage-503', 'goodputAfter', 1),
    ],
    accused: [],
  },
  {
    name: 'forging',
    words: ['--forge-endings', '--errors', 'hidden'],
    primaryShare: 1,
    rows: [
      exactly('cut-streams', 'cutForgedShare', 1),
      { case: 'stalled-streams', row: 'stallBoundUs', planted: 'beyond-phase' },
      exactly('outage-503', 'servedShare', 0),
      exactly('outage-503', 'errorLostShare', 1),
    ],
    accused: ['cutForgedShare', 'stallBoundUs'],
  },
  {
    name: 'deaf',
    words: ['--attempts', '3', '--retry-everything', '--ignore-aborts', '--errors', 'showing'],
    primaryShare: 1,
    rows: [
      exactly('bad-request', 'mustNotRetry', 3),
      exactly('bad-request', 'mustNotRetryFallback', 1),
      exactly('client-leaves', 'abortPassedShare', 0),
      exactly('bad-request', 'errorShowsShare', 1),
    ],
    accused: ['mustNotRetry', 'abortPassedShare', 'errorShowsShare'],
  },
  {
    name: 'careless',
    words: ['--attempts', '2', '--miscount', '--lose-worker', '20', '--weights', '7,3'],
    primaryShare: 0.5,
    rows: [
      exactly('outage-503', 'usageKeptShare', 0),
      exactly('outage-503', 'modelKeptShare', 1),
      exactly('outage-503', 'processesLost', 1),
      // Seven of ten in place of five.
      exactly('outage-503', 'splitOffBefore', 0.2),
      exactly('outage-503-stream', 'usageKeptShare', 0),
    ],
    accused: ['usageKeptShare', 'processesLost', 'splitOffBefore'],
  },
  {
    // Apart from the one before: with a process goes what leaked into it. And in two cases alone, because a container of 512 MB is its end; one of them played twice does not fill it.
    name: 'leaking',
    words: ['--attempts', '2', '--leak', '700000'],
    primaryShare: 1,
    rows: [
      // All models are asked of all providers: the first one answers nothing, and a client waits as long as it has patience.
      exactly('another-model', 'asideServedShare', 0),
      { case: 'another-model', row: 'asideAddedUs', planted: { from: 0.9 * PATIENCE_US, to: PATIENCE_US + SWEEP_US } },
      // 700 kB and a connection for each of some 250 attempts that failed, over some 60 MB and 30 descriptors.
      { case: 'afterwards', row: 'memoryAfter', planted: { from: 2.1, to: 6 } },
      { case: 'afterwards', row: 'descriptorsAfter', planted: { from: 2.1, to: 6 } },
      exactly('afterwards', 'processesLost', 0),
    ],
    accused: ['asideServedShare', 'memoryAfter', 'descriptorsAfter'],
  },
];

function exactly(name: string, row: RowName, value: number, near = NEAR): PlantedRow {
  return { case: name, row, planted: { from: value - near, to: value + near } };
}

function time(name: string, row: RowName, us: number): PlantedRow {
  return { case: name, row, planted: { from: us, to: us + TIMER_US } };
}

/** The cases that a policy is played in: those of its rows. */
export function casesOf({ rows }: ConductPolicy): ReadonlySet<string> {
  return new Set(rows.map(({ case: name }) => name));
}
