import { type Addressing, PLAIN_ADDRESSING, questionUrl } from '../catalogue/addressing.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { ConductPhase, ConductRequest } from '../analyse/conduct/fate.js';
import { conductSeries, type ConductSeries } from '../analyse/conduct/series.js';
import { type CaseResult, caseRows, type SeenCase } from '../analyse/conduct/case-rows.js';
import { BenchError } from '../errors.js';
import type { Driver, TableKind, TrialLoad } from '../load/driver.js';
import { readColumnFile } from '../load/native/column-file.js';
import { readLedger } from '../load/native/ledger-file.js';
import { clientRows } from '../load/native/ledger-join.js';
import {
  ASIDE_MODEL,
  CONDUCT_PROVIDERS,
  type ConductCase,
  conductLoadMs,
  type ConductPace,
  conductTimeline,
  isWitnessed,
} from '../plan/conduct-cases.js';
import type { ConductLook, ConductLooks } from '../record/conduct.js';
import { readWitnesses, WITNESS_PREFIX } from '../record/conduct-witness.js';
import { clearLedger, fetchLedger } from '../resources/mock-ledger.js';
import { dropTimeline, loadTimeline, type PlayedPhase, startTimeline } from '../resources/mock-timeline.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { type CaseVerdict, judgeCase } from './conduct-verdict.js';
import { Witness } from './conduct-witness.js';
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
  /** Where providers answer, in their order. Left out: no answers are kept word for word. */
  readonly providerUrls?: readonly string[];
  /** Secrets of the target's configuration, which no answer may show. Left out: none are known. */
  readonly keys?: readonly string[];
  /** How requests for a model of the second provider alone are made of the others. Left out: the target has none. */
  readonly aside?: { readonly model?: string; readonly headers?: Readonly<Record<string, string>> } | undefined;
  /** Looks at the target. Left out: it is the mock itself. */
  readonly look?: () => Promise<ConductLook>;
  /** A look before an earlier case, against which one that is about all of them is held; null or left out: its own is. */
  readonly firstLook?: ConductLook | null;
}

/** The raw records of a case. */
export interface RawCase {
  /** The driver's rows, gzipped. */
  readonly requests: Uint8Array;
  /** The mock's, in its binary form. */
  readonly ledger: Uint8Array;
  readonly witnesses?: Uint8Array | undefined;
  readonly looks?: ConductLooks | undefined;
  readonly phases: readonly ConductPhase[];
}

/** What came of a case, with what it was computed from. */
export interface PlayedCase {
  readonly result: CaseResult;
  readonly raw: RawCase;
  readonly verdict: CaseVerdict;
}

/** A case as it may be used, and how the target stood before anything of it was played. */
interface UsableCase extends PlayedCase {
  readonly stoodBefore: ConductLook | null;
}

/** A void case is played once more: a stop of a second is over then, and a machine that is too busy is not. */
const PLAYS = 2;

/** Plays a case, and once more where it was void. @throws BenchError as {@link playCase} */
export async function playUntilUsable(
  played: ConductCase,
  scenario: Scenario,
  stage: ConductStage,
  tell: (line: string) => void,
): Promise<UsableCase> {
  let stoodBefore: ConductLook | null = null;
  for (let play = 1; ; play += 1) {
    const taken = await playCase(played, scenario, stage);
    // Of the first play: what a void one left behind is the target's as well.
    stoodBefore ??= taken.raw.looks?.before ?? null;
    if (taken.verdict.void === null || play === PLAYS) return { ...taken, stoodBefore };
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
  const witness = witnessOf(played, scenario, stage);
  const looks = new Looks(stage);
  try {
    await loadTimeline(controlUrl, conductTimeline(played, pace));
    let starting: Promise<PlayedPhase[]> | null = null;
    const onStart = (): void => {
      starting = startTimeline(controlUrl);
      // Awaited below; where the load fails before, nobody does.
      starting.catch(() => {});
      witness?.begin();
      looks.begin();
    };
    const mark = await markMockWindow(controlUrl);
    const { columns, record, span } = await driver.run({ ...loadOf(played, scenario, stage), onStart }, signal);
    const witnesses = await witness?.end();
    const seenLooks = await looks.end(played);
    const health = await mockHealth(controlUrl, mark, span);
    const phases = (await (starting as Promise<PlayedPhase[]> | null)) ?? [];
    await settle(controlUrl, signal);
    const ledger = await fetchLedger(controlUrl);
    if (columns === undefined) throw impossible('the driver wrote no rows');
    if ('problem' in ledger) throw impossible(`the mock gives no ledger: ${ledger.problem}`);
    const raw = {
      requests: columns,
      ledger: ledger.bytes,
      witnesses,
      looks: seenLooks,
      phases: phasesOf(phases, pace),
    };
    return { result: resultOf(played, raw), raw, verdict: judgeCase(record, health) };
  } finally {
    await witness?.abandon();
    await looks.end(played);
    await dropTimeline(controlUrl);
  }
}

/** Before the fault begins, or the load ends, by so much: still under the same load. */
const LOOK_AHEAD_MS = 200;

/** Looks at a target before the fault and behind it, under the same load. */
class Looks {
  readonly #stage: ConductStage;
  readonly #timers: NodeJS.Timeout[] = [];
  #before: Promise<ConductLook | null> = Promise.resolve(null);
  #after: Promise<ConductLook | null> = Promise.resolve(null);

  constructor(stage: ConductStage) {
    this.#stage = stage;
  }

  begin(): void {
    const { look, pace } = this.#stage;
    if (look === undefined) return;
    const quietly = (): Promise<ConductLook | null> => look().catch(() => null);
    this.#timers.push(
      setTimeout(() => {
        this.#before = quietly();
      }, pace.beforeMs - LOOK_AHEAD_MS),
      setTimeout(() => {
        this.#after = quietly();
      }, conductLoadMs(pace) - LOOK_AHEAD_MS),
    );
  }

  /** Undefined where nobody looked. */
  async end({ kind }: ConductCase): Promise<ConductLooks | undefined> {
    for (const timer of this.#timers) clearTimeout(timer);
    if (this.#stage.look === undefined) return undefined;
    const [before, after] = await Promise.all([this.#before, this.#after]);
    return { before: (kind === 'calm' ? this.#stage.firstLook : null) ?? before, after };
  }
}

function witnessOf(played: ConductCase, scenario: Scenario, stage: ConductStage): Witness | null {
  const { target, providerUrls, keys = [], pace } = stage;
  if (providerUrls === undefined || !isWitnessed(played)) return null;
  const hosts = providerUrls.map((url) => new URL(url).host);
  const asked = scenario.streaming ? withUsage(scenario) : scenario;
  return new Witness(
    {
      url: questionUrl(target, asked),
      body: scenarioBody(asked, target),
      headers: target.headers,
      providers: providerUrls.map((url) => ({
        url: questionUrl({ ...PLAIN_ADDRESSING, url }, asked),
        body: scenarioBody(asked, PLAIN_ADDRESSING),
      })),
      addresses: [...hosts, ...hosts.map((host) => host.replace('127.0.0.1', 'localhost'))],
      keys,
      patienceMs: played.patienceMs,
    },
    pace,
  );
}

/** Streams say their usage when they are asked for it; those of the load are not, so that they are the streams of every other trial. */
function withUsage(scenario: Scenario): Scenario {
  return {
    ...scenario,
    request: (model, text) => ({ ...scenario.request(model, text), stream_options: { include_usage: true } }),
  };
}

function loadOf(played: ConductCase, scenario: Scenario, stage: ConductStage): TrialLoad {
  const { target, pace, seed } = stage;
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
    ...(played.kind === 'isolation' ? tableOf(scenario, stage) : {}),
  };
}

/** What the requests for the other model are counted as. */
const ASIDE = 'aside';

/** Half of the requests are for a model whose provider does not fail. */
function tableOf(scenario: Scenario, { target, aside }: ConductStage): Pick<TrialLoad, 'table'> {
  if (aside === undefined) throw impossible('the target has no model of the second provider alone');
  const other = { ...target, model: aside.model ?? ASIDE_MODEL };
  const kindOf = (name: string, asked: typeof target, headers: Readonly<Record<string, string>>): TableKind => ({
    name,
    part: name,
    url: questionUrl(asked, scenario),
    body: scenarioBody(scenario, asked),
    streaming: scenario.streaming,
    headers,
  });
  return {
    table: {
      kinds: [kindOf('usual', target, target.headers), kindOf(ASIDE, other, { ...target.headers, ...aside.headers })],
      draw: { weights: [1, 1] },
    },
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
 * The rows of a case from its raw records.
 * @throws BenchError `columns-unreadable`; RangeError for bytes that are no ledger; Error for bytes that are no witnesses
 */
export function resultOf(played: ConductCase, raw: RawCase): CaseResult {
  return caseRows(played, seenOf(played, raw));
}

/** What was seen of a case, from its raw records; as {@link resultOf}. */
export function seenOf({ patienceMs }: ConductCase, raw: RawCase): SeenCase {
  const { witnesses, looks, phases } = raw;
  return {
    ...readSeen(raw),
    phases,
    patienceUs: 1000 * patienceMs,
    ...(witnesses === undefined ? {} : { witnesses: readWitnesses(witnesses) }),
    ...(looks === undefined ? {} : { looks }),
  };
}

/** A case over time from its raw records; as {@link resultOf}. */
export function seriesOf(raw: Pick<RawCase, 'requests' | 'ledger' | 'phases'>): ConductSeries {
  const { requests, attempts } = readSeen(raw);
  const ofTheLoad = attempts.filter(({ id }) => !id.startsWith(WITNESS_PREFIX));
  return conductSeries(requests, ofTheLoad, raw.phases, CONDUCT_PROVIDERS);
}

function readSeen({
  requests: columns,
  ledger,
}: Pick<RawCase, 'requests' | 'ledger'>): Pick<SeenCase, 'requests' | 'attempts' | 'overwritten'> {
  const file = readColumnFile(columns);
  const { rows, overwritten } = readLedger(Buffer.from(ledger));
  const { kinds } = file.header;
  const requests = Array.from(
    clientRows(file),
    (row, i): ConductRequest => ({
      ...row,
      dueUs: row.intendedUs,
      status: file.columns.status[i] ?? 0,
      ...(kinds[row.kind]?.part === ASIDE ? { isAside: true } : {}),
    }),
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
