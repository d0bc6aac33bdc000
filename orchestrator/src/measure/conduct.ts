import { addressingOf } from '../catalogue/addressing.js';
import { join } from 'node:path';
import { accusations } from '../analyse/conduct/accusations.js';
import type { CaseResult } from '../analyse/conduct/case-rows.js';
import { overBlocks } from '../analyse/conduct/over-blocks.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { asFleet, type Fleet } from '../catalogue/fleet.js';
import { withMockPort } from '../catalogue/mock-port.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { BenchError } from '../errors.js';
import { playCase, seriesOf } from '../execute/conduct.js';
import { Helpers } from '../execute/helpers.js';
import { startUntilReady } from '../execute/started.js';
import { groupBy } from '../grouping.js';
import { CONDUCT_PROVIDERS, type ConductCase, conductLoadMs, type ConductPace } from '../plan/conduct-cases.js';
import { seededRandom, shuffled } from '../plan/random.js';
import { CONDUCT_FILE, type ConductRun } from '../record/conduct.js';
import type { Reason } from '../record/reason.js';
import { RunWriter } from '../record/run-directory.js';
import { conductPicture } from '../report/conduct-picture.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import type { RunningService } from '../runtime/runtime.js';
import { VERSION } from '../version.js';
import { describeHost } from './describe-host.js';
import { OngoingRuns } from './ongoing-runs.js';
import { prepareAll } from './prepare.js';
import { formatDuration } from './progress.js';
import { type Contestant, chooseCandidates, plannedTarget, targetRecord } from './targets.js';
import { takeTurn } from './wait-turn.js';
import type { Workbench } from './workbench.js';

/** What is to be asked of gateways while providers fail. */
export interface ConductJobRequest {
  /** Null: every gateway of the catalogue, as far as it can be had. */
  readonly gateways: readonly string[] | null;
  readonly variants: readonly string[];
  readonly cases: readonly ConductCase[];
  readonly pace: ConductPace;
  readonly blocks: number;
  readonly seed: number;
  readonly mockPort: number | null;
  readonly wait: boolean;
  readonly output: string;
}

/** What came of it, and what ended it before its plan was; null: nothing did. */
export interface ConductMeasured {
  readonly run: ConductRun;
  readonly failure: BenchError | null;
}

type Played = ConductRun['played'][number];

const PLAIN = SCENARIOS.find(({ name }) => name === 'chat-minimal') as Scenario;
const STREAMED = SCENARIOS.find(({ name }) => name === 'chat-stream') as Scenario;

/** What a case takes beside its load: quiet before and behind it, and reading both records. */
const CASE_OVERHEAD_MS = 2500;

/**
 * Plays every case against every target, block by block, each target started afresh in a seeded random order. However it ends, what was played
 * by then is written.
 * @throws BenchError what ends it before anything was played
 */
export async function measureConduct(
  request: ConductJobRequest,
  id: string,
  original: Catalogue,
  bench: Workbench,
): Promise<ConductMeasured> {
  const { progress, interrupt, equipment } = bench;
  const { output, wait, mockPort } = request;
  const runs = new OngoingRuns(new BenchHome().ongoingDirectory);
  const turn = { output, wait, mockPort: mockPort ?? original.mock.port };
  const release = await takeTurn(runs, turn, progress, interrupt.signal);
  try {
    const catalogue =
      mockPort === null
        ? original
        : withMockPort(original, mockPort, join(output, '.services'), CONDUCT_PROVIDERS.length - 1);
    const fleet = asFleet(catalogue.mock, CONDUCT_PROVIDERS);
    const asked = { ...request, externals: [], programs: [] };
    const candidates = chooseCandidates(
      asked,
      { ...catalogue, mock: fleet.service },
      equipment.runtime,
      equipment.external,
    );
    const contestants = await prepareAll(candidates, equipment.driver, progress, interrupt.signal, runs.others());
    return await new ConductWalk(request, id, contestants, fleet, bench).whole();
  } finally {
    release();
  }
}

class ConductWalk {
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
    const { progress } = this.#bench;
    progress.tell(describeConductPlan(this.#request, present));
    const random = seededRandom(seed);
    try {
      for (let block = 1; block <= blocks; block += 1) {
        for (const contestant of shuffled(present, random)) await this.#visit(contestant, block);
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
      await this.#cases(target, running, block);
    } finally {
      for (const stop of up.reverse()) await stop();
    }
  }

  async #cases(
    { name, service }: Contestant['target'],
    running: RunningService | Reason,
    block: number,
  ): Promise<void> {
    const { progress, equipment, interrupt } = this.#bench;
    const { pace, seed, cases } = this.#request;
    const exit: { message: string | null } = { message: null };
    if (!('code' in running))
      void running.exited.then(() => {
        exit.message = `${name} ended in an earlier case of this block`;
      });
    for (const played of cases) {
      if ('code' in running) {
        this.#played.push({ target: name, block, case: played.name, reason: running });
        continue;
      }
      if (exit.message !== null) {
        this.#played.push({ target: name, block, case: played.name, reason: { code: 'ended', message: exit.message } });
        continue;
      }
      progress.doing(`block ${block}, ${name}: ${played.name}`);
      const { result, requests, ledger } = await playCase(played, played.streaming ? STREAMED : PLAIN, {
        driver: equipment.driver,
        target: { url: running.url, ...addressingOf(service), headers: service.headers },
        controlUrl: this.#fleet.controlUrl,
        pace,
        seed: seed + block,
        signal: interrupt.signal,
      });
      const stem = `conduct-${name}-${played.name}.b${block}`;
      const files = {
        requests: this.#writer.writeTrialFile(`${stem}.requests.gz`, requests),
        ledger: this.#writer.writeTrialFile(`${stem}.ledger`, ledger),
      };
      const series = seriesOf(requests, ledger, result.phases);
      this.#writer.writeFile(`charts/${stem}.svg`, conductPicture(series, `${name}: ${played.about}`));
      this.#played.push({ target: name, block, files, ...inRecord(result) });
    }
  }

  #write(): ConductRun {
    const { seed, pace, blocks } = this.#request;
    const run: ConductRun = {
      schemaVersion: 1,
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
      targets: this.#contestants.map((contestant) => {
        const { name, version, absent } = targetRecord(contestant);
        return { name, version, absent };
      }),
      played: this.#played,
      conduct: conductOf(this.#played),
    };
    this.#writer.writeJson(CONDUCT_FILE, run);
    return run;
  }
}

/** Over all blocks: what `conduct` of a run is made of, from what was played. */
export function conductOf(played: readonly Played[]): ConductRun['conduct'] {
  const results = played.flatMap((each) => ('reason' in each ? [] : [each]));
  const groups = groupBy(results, ({ target, case: name }) => JSON.stringify([target, name]));
  return [...groups.values()].map((blocks) => {
    const merged = overBlocks(
      blocks.map(({ target: _target, block: _block, files: _files, ...result }) => result as CaseResult),
    );
    return {
      target: (blocks[0] as (typeof blocks)[number]).target,
      ...inRecord(merged),
      accusations: accusations(merged),
    };
  });
}

/** A result as the record holds it: lists that are its own. */
function inRecord(result: CaseResult) {
  return { ...result, phases: [...result.phases], rows: { ...result.rows } };
}

/** Cases, targets and the time that they take, said beforehand. */
export function describeConductPlan(
  { cases, pace, blocks }: Pick<ConductJobRequest, 'cases' | 'pace' | 'blocks'>,
  present: readonly Contestant[],
): string {
  const caseMs = cases.reduce(
    (sum, { patienceMs }) => sum + conductLoadMs(pace) + CASE_OVERHEAD_MS + Math.min(patienceMs, 5000) / 5,
    0,
  );
  const startMs = present.reduce((sum, contestant) => sum + plannedTarget(contestant).startMs, 0);
  const totalMs = blocks * (startMs + present.length * caseMs);
  const names = present.map(({ target: { name } }) => name).join(', ');
  return [
    `conduct: ${cases.length} cases × ${names} × ${blocks} blocks at ${pace.rps} requests a second, about ${formatDuration(totalMs)}`,
    ...cases.map(({ name, about }) => `  ${name}: ${about}`),
  ].join('\n');
}
