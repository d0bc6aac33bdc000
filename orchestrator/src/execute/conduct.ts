import { type Addressing, questionUrl } from '../catalogue/addressing.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { ConductPhase, ConductRequest } from '../analyse/conduct/fate.js';
import { conductSeries, type ConductSeries } from '../analyse/conduct/series.js';
import { type CaseResult, caseRows, type SeenCase } from '../analyse/conduct/case-rows.js';
import { BenchError } from '../errors.js';
import type { Driver, TrialLoad } from '../load/driver.js';
import { readColumnFile } from '../load/native/column-file.js';
import { readLedger } from '../load/native/ledger-file.js';
import { clientRows } from '../load/native/ledger-join.js';
import {
  CONDUCT_PROVIDERS,
  type ConductCase,
  conductLoadMs,
  type ConductPace,
  conductTimeline,
} from '../plan/conduct-cases.js';
import { clearLedger, fetchLedger } from '../resources/mock-ledger.js';
import { dropTimeline, loadTimeline, type PlayedPhase, startTimeline } from '../resources/mock-timeline.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { type CaseVerdict, judgeCase } from './conduct-verdict.js';
import { settle } from './settle.js';

/** Where a case is played. */
export interface ConductStage {
  readonly driver: Driver;
  /** What is loaded. */
  readonly target: Addressing & {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
  };
  /** The mock's control endpoint, which answers also while providers are down. */
  readonly controlUrl: string;
  readonly pace: ConductPace;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** What came of a case, with the raw records that it was computed from. */
export interface PlayedCase {
  readonly result: CaseResult;
  /** The driver's rows, gzipped, and the mock's ledger in its binary form. */
  readonly requests: Uint8Array;
  readonly ledger: Uint8Array;
  readonly verdict: CaseVerdict;
}

/** A void case is played once more: a stop of a second is over then, and a machine that is too busy is not. */
const PLAYS = 2;

/** Plays a case, and once more where it was void. @throws BenchError as {@link playCase} */
export async function playUntilUsable(
  played: ConductCase,
  scenario: Scenario,
  stage: ConductStage,
  tell: (line: string) => void,
): Promise<PlayedCase> {
  for (let play = 1; ; play += 1) {
    const taken = await playCase(played, scenario, stage);
    if (taken.verdict.void === null || play === PLAYS) return taken;
    tell(`${played.name} is void and played once more: ${taken.verdict.void.message}`);
  }
}

/**
 * Plays one case: the mock's timeline and a steady open loop over it, then both records joined. What the case before left behind is waited
 * for.
 * @param scenario what is asked; streamed where the case is
 * @throws BenchError `conduct-impossible` where the driver knows no single requests (oha), or the mock gives no ledger; `mock-timeline`
 */
export async function playCase(played: ConductCase, scenario: Scenario, stage: ConductStage): Promise<PlayedCase> {
  const { driver, controlUrl, pace, signal } = stage;
  if (driver.name !== 'native')
    throw impossible('oha does not know single requests: the native driver makes this load');
  await settle(controlUrl, signal);
  await clearLedger(controlUrl);
  try {
    await loadTimeline(controlUrl, conductTimeline(played, pace));
    let starting: Promise<PlayedPhase[]> | null = null;
    const onStart = (): void => {
      starting = startTimeline(controlUrl);
      // Awaited below; where the load fails before, nobody does.
      starting.catch(() => {});
    };
    const mark = await markMockWindow(controlUrl);
    const { columns, record, span } = await driver.run({ ...loadOf(played, scenario, stage), onStart }, signal);
    const health = await mockHealth(controlUrl, mark, span);
    const phases = (await (starting as Promise<PlayedPhase[]> | null)) ?? [];
    await settle(controlUrl, signal);
    const ledger = await fetchLedger(controlUrl);
    if (columns === undefined) throw impossible('the driver wrote no rows');
    if ('problem' in ledger) throw impossible(`the mock gives no ledger: ${ledger.problem}`);
    const result = resultOf(played, columns, ledger.bytes, phasesOf(phases, pace));
    return { result, requests: columns, ledger: ledger.bytes, verdict: judgeCase(record, health) };
  } finally {
    await dropTimeline(controlUrl);
  }
}

function loadOf(played: ConductCase, scenario: Scenario, { target, pace, seed }: ConductStage): TrialLoad {
  return {
    url: questionUrl(target, scenario),
    headers: target.headers,
    body: scenarioBody(scenario, target),
    streaming: played.streaming,
    level: { kind: 'rps', value: pace.rps },
    warmupMs: 0,
    measureMs: conductLoadMs(pace),
    timeoutMs: played.patienceMs,
    // Connections for an answer that takes a second: more are opened when a provider is silent, and a gateway is not to be held to idle ones.
    expectedLatencyMs: Math.min(1000, played.patienceMs),
    seed,
  };
}

/** What was due before the timeline had begun was so before the fault, and the mock plays its last phase on. */
function phasesOf(phases: readonly PlayedPhase[], { afterMs }: ConductPace): ConductPhase[] {
  return phases.map(({ name, fromUs, untilUs }, i) => ({
    name: name as ConductPhase['name'],
    fromUs: i === 0 ? 0 : fromUs,
    untilUs: untilUs ?? fromUs + 1000 * afterMs,
  }));
}

/**
 * The rows of a case from its two raw records.
 * @param columns the driver's rows, gzipped
 * @param ledger the mock's, in its binary form
 * @throws BenchError `columns-unreadable`; RangeError for bytes that are no ledger
 */
export function resultOf(
  played: ConductCase,
  columns: Uint8Array,
  ledger: Uint8Array,
  phases: readonly ConductPhase[],
): CaseResult {
  return caseRows(played, seenOf(played, columns, ledger, phases));
}

/** What was seen of a case, from its two raw records; as {@link resultOf}. */
export function seenOf(
  { patienceMs }: ConductCase,
  columns: Uint8Array,
  ledger: Uint8Array,
  phases: readonly ConductPhase[],
): SeenCase {
  return { ...readSeen(columns, ledger), phases, patienceUs: 1000 * patienceMs };
}

/** A case over time from its two raw records; as {@link resultOf}. */
export function seriesOf(columns: Uint8Array, ledger: Uint8Array, phases: readonly ConductPhase[]): ConductSeries {
  const { requests, attempts } = readSeen(columns, ledger);
  return conductSeries(requests, attempts, phases, CONDUCT_PROVIDERS);
}

function readSeen(columns: Uint8Array, ledger: Uint8Array): Pick<SeenCase, 'requests' | 'attempts' | 'overwritten'> {
  const file = readColumnFile(columns);
  const { rows, overwritten } = readLedger(Buffer.from(ledger));
  const requests = Array.from(
    clientRows(file),
    (row, i): ConductRequest => ({ ...row, dueUs: row.intendedUs, status: file.columns.status[i] ?? 0 }),
  );
  return { requests, attempts: rows, overwritten };
}

function impossible(why: string): BenchError {
  return new BenchError({
    code: 'conduct-impossible',
    message: `What a gateway does while providers fail cannot be measured here: ${why}.`,
    hint: 'Use --driver native and the mock that comes with crabllm-bench.',
  });
}
