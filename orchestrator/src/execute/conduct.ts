import { PLAIN_ADDRESSING, questionUrl } from '../catalogue/addressing.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { ConductPhase } from '../analyse/conduct/fate.js';
import { type CaseResult, caseRows } from '../analyse/conduct/case-rows.js';
import {
  type ConductCase,
  conductLoadMs,
  type ConductPace,
  conductTimeline,
  isWitnessed,
} from '../plan/conduct-cases.js';
import type { ConductLook, ConductLooks } from '../record/conduct.js';
import { clearLedger, fetchLedger } from '../resources/mock-ledger.js';
import { dropTimeline, loadTimeline, type PlayedPhase, startTimeline } from '../resources/mock-timeline.js';
import { markMockWindow, mockHealth } from '../resources/mock-health.js';
import { loadOf } from './conduct-load.js';
import { type RawCase, seenOf } from './conduct-raw.js';
import { type ConductStage, impossible } from './conduct-stage.js';
import { type CaseVerdict, judgeCase, wasBehind } from './conduct-verdict.js';
import { Witness } from './conduct-witness.js';
import { inWindow } from './onlooker.js';
import { settle } from './settle.js';

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
  const control = { url: controlUrl };
  await settle(control, signal);
  await clearLedger(control);
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
    const mark = await markMockWindow(control);
    const { columns, record, span } = await inWindow(stage.onlooker, conductLoadMs(pace), async () =>
      driver.run({ ...loadOf(played, scenario, stage), onStart }, signal),
    );
    const witnesses = await witness?.end();
    const seenLooks = await looks.end(played);
    const health = await mockHealth(control, mark, span);
    const phases = (await (starting as Promise<PlayedPhase[]> | null)) ?? [];
    await settle(control, signal);
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
    const seen = seenOf(played, raw);
    const verdict = judgeCase(record, health);
    return {
      result: caseRows(played, seen),
      raw,
      verdict: { ...verdict, void: verdict.void ?? wasBehind(seen, pace.rps) },
    };
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

/** What was due before the timeline had begun was so before the fault, and the mock plays its last phase on. */
function phasesOf(phases: readonly PlayedPhase[], { afterMs }: ConductPace): ConductPhase[] {
  return phases.map(({ name, fromUs, untilUs }, i) => ({
    name: name as ConductPhase['name'],
    fromUs: i === 0 ? 0 : fromUs,
    untilUs: untilUs ?? fromUs + 1000 * afterMs,
  }));
}
