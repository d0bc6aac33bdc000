import { type Attestation, attest, type Attested, type Unattested } from '../attest/attest.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { pause } from '../pause.js';
import { type Held, MOST_SENT, searchCapacity, type SearchBounds, type SearchStep } from '../plan/capacity-search.js';
import { type Rest, searchedTargets } from '../record/capacity.js';
import { judgeWindow, type Objective } from '../record/objective.js';
import type { Reason } from '../record/reason.js';
import type { ResourceRecord, TrialRecord } from '../record/trial.js';
import { startSampling } from '../resources/sampling.js';
import { FeatureProofs } from './feature-proofs.js';
import { FIRST_WARMUP_MS } from '../plan/warm-up.js';
import { House, type Tenant } from './house.js';
import type { TrialId } from './observe.js';
import { settle } from './settle.js';
import type { Stage, StageTarget } from './stage.js';
import { Stay } from './stay.js';
import { measureTrial, unmeasured } from './trial.js';

/** How capacities are looked for. */
export interface CapacityWalk {
  readonly scenarios: readonly Scenario[];
  readonly objectives: readonly Objective[];
  readonly bounds: SearchBounds;
  readonly warmupMs: number;
  /** Before the first load of a target, for what it takes at rest. */
  readonly restMs: number;
  /** Length of a window at a rate: long enough for the quantiles of the objectives. */
  readonly windowMs: (rate: number) => number;
  readonly seed: number;
  /** Told behind each window, when it is in the records. Left out: nobody is. */
  readonly onWindow?: () => void;
}

/**
 * What the surroundings spoilt is measured again this often; and so is what driver or mock spoilt while the bracket is looked for, because a
 * hiccup of theirs must not end the search at a low rate. At an end that is confirmed theirs is an answer.
 */
const REPEATS = 2;
/** Windows of `direct` at the rate that did not hold: most of them decide whether the instrument was up to it. */
const CONTROLS = 3;
/** What a window takes besides warm-up and load: looking for left-overs, joining the ledger, writing. */
const WINDOW_OVERHEAD_MS = 1200;

/** How long so many windows at a rate usually take, milliseconds. */
export function windowsMs(
  windows: number,
  rate: number,
  { windowMs, warmupMs }: Pick<CapacityWalk, 'windowMs' | 'warmupMs'>,
): number {
  return windows * (windowMs(rate) + warmupMs + WINDOW_OVERHEAD_MS);
}

/**
 * Looks for the capacity of each target and scenario, one after the other, each target started once. Every window is a trial of the run,
 * numbered by its block. What goes wrong with one target is in its records and the rest goes on.
 * @throws BenchError what ends the run; everything is stopped by then
 */
export async function walkCapacity(stage: Stage, walk: CapacityWalk): Promise<void> {
  const house = new House(stage, walk.scenarios[0] ?? (SCENARIOS[0] as Scenario));
  const rest: Rest = [];
  const proofs = new FeatureProofs(stage, house);
  const windows = new Windows(stage, walk, house, proofs);
  try {
    for (const target of searchedTargets([...stage.targets.values()])) {
      const stay = new Stay(house, target);
      try {
        await proofs.beforeVisit(target, walk.scenarios);
        const arrival = await stay.alive();
        if ('tenant' in arrival) {
          const [first] = walk.scenarios;
          if (first !== undefined) await windows.attested(target, arrival.tenant, first);
          stage.progress.doing(`${target.name}: at rest`);
          rest.push({
            target: target.name,
            resources: await watchRest(arrival.tenant, walk.restMs, stage.signal),
            readyMs: Math.round(arrival.tenant.readyMs),
            size: (await target.runtime.sizeOf?.(target.service)) ?? null,
          });
          stage.writer.writeJson('rest.json', rest);
        }
        for (const scenario of walk.scenarios) {
          const broke = await windows.search(target, stay, scenario);
          if (broke !== null) await windows.control(scenario, broke);
        }
      } finally {
        stay.end();
      }
    }
  } finally {
    await house.close();
  }
}

async function watchRest(tenant: Tenant, restMs: number, signal: AbortSignal) {
  const sampling = await startSampling(tenant.running);
  let resources: ResourceRecord;
  try {
    await pause(restMs, signal);
  } finally {
    resources = await sampling.finish();
  }
  return resources;
}

/** What a window is for. */
type WindowStep = Pick<SearchStep, 'windowsLeft'> & { readonly phase: string };

class Windows {
  readonly #stage: Stage;
  readonly #walk: CapacityWalk;
  readonly #house: House;
  readonly #proofs: FeatureProofs;
  #number = 0;
  #warm = false;
  /** How long it rested because somebody wanted that. */
  #restedMs = 0;

  constructor(stage: Stage, walk: CapacityWalk, house: House, proofs: FeatureProofs) {
    this.#stage = stage;
    this.#walk = walk;
    this.#house = house;
    this.#proofs = proofs;
  }

  async attested(target: StageTarget, tenant: Tenant, scenario: Scenario): Promise<Attestation> {
    this.#stage.progress.doing(`${target.name}: checking that ${scenario.name} is answered right`);
    const attested = await attest(tenant, await this.#house.mock(), scenario, this.#stage.signal);
    return this.#proofs.with(target, tenant, scenario, attested);
  }

  /**
   * A target that died under load is started afresh, so that lower rates and other scenarios can still be asked.
   * @returns the rate that was settled not to hold, null where none was
   */
  async search(target: StageTarget, stay: Stay, scenario: Scenario): Promise<number | null> {
    const arrival = await stay.alive();
    if ('reason' in arrival) {
      this.giveUp(target, scenario, arrival.reason);
      return null;
    }
    this.#warm = false;
    const attestation = await this.attested(target, arrival.tenant, scenario);
    if (attestation.state !== 'passed') {
      this.giveUp(target, scenario, attestation.reason, attestation.state);
      return null;
    }
    let current: Tenant | null = arrival.tenant;
    let [sent, lowest] = [0, Number.POSITIVE_INFINITY];
    const beganMs = performance.now() - this.#restedMs;
    // Backlogs that are waited for and starts after an end take their time as well, of which the windows' own is the measure.
    const spentMs = (): number => performance.now() - this.#restedMs - beganMs;
    const isOver = (): boolean => sent >= MOST_SENT || spentMs() > windowsMs(MOST_SENT, lowest, this.#walk);
    const ask: Held = async (rate, step) => {
      for (let repeat = 0; ; repeat += 1) {
        // Once it could not be started again, that was said, and no rate holds.
        if (current === null) return false;
        const next = await this.#stillThere(target, stay, () => this.#idOf(target, scenario, rate));
        if (next !== current) this.#warm = false;
        current = next;
        if (current === null) return false;
        const trial = await this.#measure(current, this.#idOf(target, scenario, rate), attestation, step);
        sent += 1;
        lowest = Math.min(lowest, rate);
        const { outcome } = judgeWindow(trial, this.#walk.objectives);
        const looking = step.phase === 'doubling' || step.phase === 'halving';
        const again = outcome === 'unusable' || (outcome === 'instrument' && looking);
        if (again && repeat < REPEATS && !isOver()) continue;
        return outcome === 'unusable' ? null : outcome === 'holds';
      }
    };
    const broke = await searchCapacity(ask, this.#walk.bounds, isOver);
    if (isOver())
      this.#stage.progress.tell(
        `${target.name} ${scenario.name}: after ${sent} windows and ${Math.round(spentMs() / 1000)} s the search is ended; what they settled stands`,
      );
    return broke;
  }

  /** The same load without the gateway: whether driver and mock are up to it. */
  async control(scenario: Scenario, rate: number): Promise<void> {
    const direct = [...this.#stage.targets.values()].find(({ kind }) => kind === 'direct');
    if (direct === undefined) return;
    const tenant = await this.#house.mock();
    const attestation = await this.attested(direct, tenant, scenario);
    if (attestation.state !== 'passed') {
      this.#stage.progress.tell(
        `${scenario.name}: nobody asks whether driver and mock are up to ${rate} rps: ${attestation.reason.message}`,
      );
      return;
    }
    for (let windowsLeft = CONTROLS; windowsLeft > 0; windowsLeft -= 1) {
      const step = { phase: 'asking whether driver and mock are up to it', windowsLeft };
      await this.#measure(tenant, this.#idOf(direct, scenario, rate), attestation, step);
    }
  }

  /** How long a step goes on at least, for a person. */
  #atLeast(rate: number, windows: number): string {
    const leftMs = windowsMs(windows, rate, this.#walk);
    return windows === 0 ? 'the last of this step' : `at least ${windows} to go, ${Math.ceil(leftMs / 1000)} s`;
  }

  async #stillThere(target: StageTarget, stay: Stay, id: () => TrialId): Promise<Tenant | null> {
    const arrival = await stay.alive();
    if ('tenant' in arrival) return arrival.tenant;
    this.#stage.writer.appendTrial(unmeasured(id(), 'failed', arrival.reason));
    this.#stage.progress.tell(`${target.name}: it ended and could not be started again: ${arrival.reason.message}`);
    return null;
  }

  async #measure(
    tenant: Tenant,
    id: TrialId,
    attestation: Attested,
    { phase, windowsLeft }: WindowStep,
  ): Promise<TrialRecord> {
    const [stage, walk] = [this.#stage, this.#walk];
    stage.signal.throwIfAborted();
    const at = `${id.target} ${id.scenario.name} at ${id.level.value} rps`;
    stage.progress.doing(`${at}, window ${id.block}: ${phase}, ${this.#atLeast(id.level.value, windowsLeft)}`);
    this.#restedMs += (await stage.onlooker?.rest(stage.signal)) ?? 0;
    await stage.handOut?.();
    const mock = await this.#house.mock();
    const leftOver = this.#warm ? await settle(mock, stage.signal) : null;
    const trial = await measureTrial(stage, { tenant, mock, attested: attestation }, id, {
      numbered: true,
      warmupMs: this.#warm ? walk.warmupMs : Math.max(FIRST_WARMUP_MS, walk.warmupMs),
      measureMs: walk.windowMs(id.level.value),
      seed: walk.seed + id.block,
      leftOver,
    });
    this.#warm = true;
    stage.writer.appendTrial(trial);
    walk.onWindow?.();
    const { outcome, broken } = judgeWindow(trial, walk.objectives);
    const said = { holds: 'holds', breaks: 'breaks', instrument: 'breaks, by driver or mock', unusable: 'void' }[
      outcome
    ];
    const warnings = trial.warnings.map(({ code }) => ` (${code})`).join('');
    const why = broken.length === 0 ? '' : `: ${broken.join('; ')}`;
    const left = this.#atLeast(id.level.value, windowsLeft - 1);
    stage.progress.tell(`[window ${id.block}, ${phase}, ${left}] ${at} ${said}${why}${warnings}`);
    return trial;
  }

  giveUp(target: StageTarget, scenario: Scenario, reason: Reason, state: Unattested['state'] = 'failed'): void {
    this.#stage.writer.appendTrial(unmeasured(this.#idOf(target, scenario, this.#walk.bounds.start), state, reason));
    this.#stage.progress.tell(`${target.name} ${scenario.name}: ${reason.message}`);
  }

  #idOf(target: StageTarget, scenario: Scenario, rate: number): TrialId {
    this.#number += 1;
    return { block: this.#number, target: target.name, replica: 1, scenario, level: { kind: 'rps', value: rate } };
  }
}
