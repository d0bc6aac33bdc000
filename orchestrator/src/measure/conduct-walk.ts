import { conductOf, inRecord, type Played } from '../analyse/conduct/over-run.js';
import { conductSummary } from '../analyse/conduct/summary.js';
import { addressingOf } from '../catalogue/addressing.js';
import { secretsOf } from '../catalogue/secrets.js';
import type { Fleet } from '../catalogue/fleet.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { BenchError } from '../errors.js';
import { playUntilUsable } from '../execute/conduct.js';
import { seriesOf } from '../execute/conduct-raw.js';
import { lookAt } from '../execute/conduct-look.js';
import { lateAttempts, leftAlone } from '../execute/conduct-verdict.js';
import { Helpers } from '../execute/helpers.js';
import { startUntilReady } from '../execute/started.js';
import { type ConductCase, isPlayed, paceOf } from '../plan/conduct-cases.js';
import { seededRandom, shuffled } from '../plan/random.js';
import { CONDUCT_FILE, type ConductLook, type ConductRun } from '../record/conduct.js';
import type { Reason } from '../record/reason.js';
import { RunWriter } from '../record/run-directory.js';
import type { RunningService } from '../runtime/runtime.js';
import { conductPageModel } from '../report/conduct-page-model.js';
import { VERSION } from '../version.js';
import type { ConductJobRequest, ConductMeasured } from './conduct-request.js';
import { askedOf } from './conduct-targets.js';
import { describeConductPlan } from './conduct-plan-text.js';
import { describeHost } from './describe-host.js';
import { type Contestant, targetRecord } from './targets.js';
import type { Workbench } from './workbench.js';

const PLAIN = SCENARIOS.find(({ name }) => name === 'chat-minimal') as Scenario;
const STREAMED = SCENARIOS.find(({ name }) => name === 'chat-stream') as Scenario;

/** The key of the configurations that come with this program: none, and still not a client's to see. */
const MOCK_KEY = 'mock-key';

function withoutOther(kind: Contestant['target']['kind']): string {
  return kind === 'direct'
    ? 'it is the provider itself'
    : 'its entry names no model of the second provider alone (x-bench: conduct: aside)';
}

/** What the primary is to get of the requests; all of them where there is no other provider. */
function shareOf({ kind, service: { conduct } }: Contestant['target']): number | undefined {
  return kind === 'direct' || conduct?.lacks?.fallback !== undefined ? 1 : conduct?.primaryShare;
}

/** Plays the cases of a request against its targets and keeps what came of them. */
export class ConductWalk {
  readonly #request: ConductJobRequest;
  readonly #id: string;
  readonly #contestants: readonly Contestant[];
  readonly #fleet: Fleet;
  readonly #bench: Workbench;
  readonly #writer: RunWriter;
  readonly #helpers = new Helpers();
  readonly #startedAt = new Date().toISOString();
  readonly #played: Played[] = [];
  #blocksDone = 0;

  constructor(
    request: ConductJobRequest,
    id: string,
    contestants: readonly Contestant[],
    fleet: Fleet,
    bench: Workbench,
  ) {
    this.#request = request;
    this.#id = id;
    this.#contestants = contestants;
    this.#fleet = fleet;
    this.#bench = bench;
    this.#writer = new RunWriter(request.output);
  }

  async whole(): Promise<ConductMeasured> {
    const present = this.#contestants.filter(({ availability }) => availability.state === 'available');
    const { blocks, seed } = this.#request;
    const { progress, interrupt, onlooker } = this.#bench;
    progress.tell(describeConductPlan(this.#request, present));
    const random = seededRandom(seed);
    try {
      for (let block = 1; block <= blocks; block += 1) {
        for (const contestant of shuffled(present, random)) {
          await onlooker?.rest(interrupt.signal);
          await this.#visit(contestant, block);
          progress.answer(() => conductPageModel(this.#record(), '', () => null));
        }
        this.#blocksDone = block;
        this.#write();
      }
    } catch (thrown) {
      if (!(thrown instanceof BenchError)) throw thrown;
      return { run: this.#write(), failure: thrown };
    }
    return { run: this.#write(), failure: null };
  }

  /** A target and a fleet of its own, both fresh: what one left behind is not the next one's. */
  async #visit({ target }: Contestant, block: number): Promise<void> {
    const asked = askedOf(target, this.#request, block);
    const cases = this.#request.cases.filter((each) => isPlayed(each, asked));
    if (cases.length === 0) return;
    const { equipment, interrupt, progress } = this.#bench;
    const { signal } = interrupt;
    const { service, runtime } = target;
    const up: (() => Promise<void>)[] = [];
    try {
      const mock = await startUntilReady(this.#fleet.service, equipment.runtime, PLAIN, signal);
      if ('code' in mock)
        throw new BenchError({ code: 'mock-not-ready', message: `The mock cannot be used: ${mock.message}.` });
      up.push(() => mock.stop());
      let running: RunningService | Reason = mock;
      if (target.kind !== 'direct') {
        progress.doing(`${target.name}: starting`);
        const { reason: missing } = await this.#helpers.start(service, runtime, signal);
        if (missing === null) up.push(() => this.#helpers.release(service));
        running = missing?.reason ?? (await startUntilReady(service, runtime, PLAIN, signal));
        if (!('code' in running)) {
          const gateway = running;
          up.push(() => gateway.stop());
        }
      }
      await this.#cases(target, cases, running, block);
    } finally {
      for (const stop of up.reverse()) await stop();
    }
  }

  async #cases(
    target: Contestant['target'],
    cases: readonly ConductCase[],
    running: RunningService | Reason,
    block: number,
  ): Promise<void> {
    const { name, kind, service } = target;
    const { progress, equipment, interrupt, onlooker } = this.#bench;
    const { pace, seed } = this.#request;
    const exit: { message: string | null } = { message: null };
    if (!('code' in running))
      void running.exited.then(() => {
        exit.message = `${name} ended in an earlier case of this block`;
      });
    // What draws takes a fifth of a second to load, which nobody else should wait for.
    const { conductPicture } = await import('../report/charts/conduct.js');
    let firstLook: ConductLook | null = null;
    for (const played of cases) {
      if (played.kind === 'isolation' && service.conduct?.aside === undefined) {
        const reason = { code: 'not-offered', message: withoutOther(kind) };
        this.#played.push({ target: name, block, case: played.name, reason });
        continue;
      }
      if ('code' in running) {
        this.#played.push({ target: name, block, case: played.name, reason: running });
        continue;
      }
      if (exit.message !== null) {
        this.#played.push({ target: name, block, case: played.name, reason: { code: 'ended', message: exit.message } });
        continue;
      }
      progress.doing(`block ${block}, ${name}: ${played.name}`);
      const stage = {
        driver: equipment.driver,
        target: { url: running.url, ...addressingOf(service), headers: service.headers },
        controlUrl: this.#fleet.controlUrl,
        pace: paceOf(played, pace),
        seed: seed + block,
        signal: interrupt.signal,
        providerUrls: this.#fleet.providerUrls,
        keys: [...secretsOf(service), MOCK_KEY],
        aside: service.conduct?.aside,
        firstLook,
        onlooker,
        ...(kind === 'direct' ? {} : { look: () => lookAt(running) }),
      };
      const tell = (line: string): void => progress.tell(`block ${block}, ${name}: ${line}`);
      const taken = await playUntilUsable(played, played.streaming ? STREAMED : PLAIN, stage, tell);
      const { result, raw, verdict } = taken;
      const { requests, ledger, witnesses, looks } = raw;
      firstLook ??= taken.stoodBefore;
      const stem = `conduct-${name}-${played.name}.b${block}`;
      const files = {
        requests: this.#writer.writeTrialFile(`${stem}.requests.gz`, requests),
        ledger: this.#writer.writeTrialFile(`${stem}.ledger`, ledger),
        ...(witnesses === undefined
          ? {}
          : { witnesses: this.#writer.writeTrialFile(`${stem}.witnesses.json`, witnesses) }),
      };
      if (verdict.void !== null) {
        this.#played.push({ target: name, block, case: played.name, reason: verdict.void, voided: files });
        continue;
      }
      const series = seriesOf(raw);
      const coloured = [leftAlone(played, result, shareOf(target)), lateAttempts(result)].flatMap((each) => each ?? []);
      this.#writer.writeFile(`charts/${stem}.svg`, conductPicture(series, `${name}: ${played.about}`));
      this.#played.push({
        target: name,
        block,
        files,
        warnings: [...verdict.warnings, ...coloured],
        ...(looks === undefined ? {} : { looks }),
        ...inRecord(result),
      });
    }
  }

  #write(): ConductRun {
    const run = this.#record();
    this.#writer.writeJson(CONDUCT_FILE, run);
    this.#writer.writeJson('summary.json', conductSummary(run));
    return run;
  }

  /** What was played so far. */
  #record(): ConductRun {
    const { seed, pace, blocks } = this.#request;
    const targets = this.#contestants.map((contestant) => {
      const { name, version, absent } = targetRecord(contestant);
      const lacks = contestant.target.service.conduct?.lacks;
      const primaryShare = shareOf(contestant.target);
      return {
        name,
        version,
        absent,
        ...(lacks === undefined ? {} : { lacks: { ...lacks } }),
        ...(primaryShare === undefined ? {} : { primaryShare }),
      };
    });
    return {
      schemaVersion: 2,
      id: this.#id,
      startedAt: this.#startedAt,
      finishedAt: new Date().toISOString(),
      complete: this.#blocksDone === blocks,
      version: VERSION,
      runtime: this.#bench.equipment.runtime.kind,
      seed,
      host: describeHost(),
      pace,
      blocks: { planned: blocks, done: this.#blocksDone },
      targets,
      played: this.#played,
      conduct: conductOf(this.#played, targets),
    };
  }
}
