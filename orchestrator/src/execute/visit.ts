import { type Attestation, type Attested, attest } from '../attest/attest.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { Plan } from '../plan/plan.js';
import { Warmth } from '../plan/warm-up.js';
import type { Reason } from '../record/reason.js';
import type { TrialFile, TrialRecord } from '../record/trial.js';
import { FeatureProofs } from './feature-proofs.js';
import { type Arrival, facesMock, type House, type Tenant } from './house.js';
import type { TrialTimes } from './observe.js';
import type { Outcomes } from './outcomes.js';
import type { RepeatedVisit } from './second-chances.js';
import { settle } from './settle.js';
import type { Stage, StageTarget } from './stage.js';
import { measurePair, measureTrial, saveLog, unmeasured } from './trial.js';
import { sidesOf, type Turn, turnsOf, withoutOtherSide } from './turn.js';
import { mockEnded } from './verdict.js';

/** How often a target that dies is started again within one visit. */
const MAX_RESTARTS = 2;

/** Makes the visits of a plan: starts who is visited, attests, measures, and starts again who dies. */
export class Visitor {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #house: House;
  readonly #outcomes: Outcomes;
  readonly #proofs: FeatureProofs;

  constructor(plan: Plan, stage: Stage, house: House, outcomes: Outcomes) {
    this.#plan = plan;
    this.#stage = stage;
    this.#house = house;
    this.#outcomes = outcomes;
    this.#proofs = new FeatureProofs(stage, house);
  }

  /** One target's turn in a block, or that of a pair. */
  async visit(block: number, visit: RepeatedVisit): Promise<void> {
    const targets = sidesOf(visit).flatMap((name) => this.#stage.targets.get(name) ?? []);
    if (targets.length < sidesOf(visit).length) return;
    const remaining = this.#outcomes.open(turnsOf(block, visit));
    const scenarios = [...new Set(remaining.map(([{ scenario }]) => scenario))];
    if (remaining.length > 0) await this.#stage.handOut?.();
    if (scenarios.length > 0) for (const target of targets) await this.#proofs.beforeVisit(target, scenarios);
    let restarts = 0;
    while (remaining.length > 0) {
      this.#stage.signal.throwIfAborted();
      const tenants = await this.#moveIn(targets, remaining);
      if (tenants === null) return;
      let dying = visit.target;
      try {
        await this.#measureWhileAlive(tenants, remaining);
        // Asked before both are stopped.
        dying = targets.find((_, i) => tenants[i]?.ended() !== null)?.name ?? dying;
      } finally {
        this.#moveOut(targets, tenants);
      }
      if (remaining.length > 0 && restarts >= MAX_RESTARTS) {
        this.#outcomes.giveUp(remaining, dying, {
          code: 'keeps-dying',
          message: `not sent: ${dying} ended ${restarts + 1} times in this block`,
        });
        return;
      }
      restarts += 1;
    }
  }

  /** Starts the target, or both of a pair; on failure the remaining trials get the reason. */
  async #moveIn(targets: readonly StageTarget[], remaining: Turn[]): Promise<Tenant[] | null> {
    const tenants: Tenant[] = [];
    try {
      for (const target of targets) {
        const known = this.#outcomes.neverReady(target.name);
        if (known !== null) {
          this.#outcomes.giveUp(remaining, target.name, known);
          break;
        }
        this.#stage.progress.doing(`${target.name}: starting`);
        const arrival = await this.#house.moveIn(target);
        if ('reason' in arrival) {
          this.#notReady(target, arrival, remaining);
          break;
        }
        tenants.push(arrival.tenant);
      }
    } catch (thrown) {
      this.#moveOut(targets, tenants);
      throw thrown;
    }
    if (tenants.length === targets.length) return tenants;
    this.#moveOut(targets, tenants);
    return null;
  }

  #notReady(target: StageTarget, { reason, log: printed }: NoArrival, remaining: Turn[]): void {
    this.#outcomes.noteNotReady(target.name, reason);
    const name = `${target.name}.b${remaining[0]?.[0].block}`;
    const log = printed === null ? null : saveLog(this.#stage, name, printed);
    this.#outcomes.giveUp(remaining, target.name, withLog(reason, log), log);
  }

  #moveOut(targets: readonly StageTarget[], tenants: readonly Tenant[]): void {
    for (const [i, tenant] of tenants.entries()) this.#house.moveOut(targets[i] as StageTarget, tenant);
  }

  /** Measures until nothing remains or a target has ended; takes what is done out of `remaining`. */
  async #measureWhileAlive(tenants: readonly Tenant[], remaining: Turn[]): Promise<void> {
    const attested = new Map<Scenario, readonly Attestation[]>();
    const warmth = new Warmth(this.#plan.warmupMs);
    let backlog = false;
    while (remaining.length > 0 && tenants.every((tenant) => tenant.ended() === null)) {
      this.#stage.signal.throwIfAborted();
      const turn = remaining[0] as Turn;
      const [{ scenario, level, block }] = turn;
      const mock = await this.#house.mock();
      if (!tenants.every((tenant) => facesMock(tenant, mock))) return;
      const { time, signal } = this.#stage;
      const leftOver = backlog ? await time.during('checkingMs', async () => settle(mock, signal)) : null;
      const attestations =
        attested.get(scenario) ?? (await time.during('checkingMs', async () => this.#attest(tenants, mock, turn)));
      const mockExit = mock.ended();
      const passed = attestations.every(({ state }) => state === 'passed');
      if (!passed && mockExit !== null) {
        for (const id of turn) this.#outcomes.record(unmeasured(id, 'void', mockEnded(mockExit)));
        remaining.shift();
        continue;
      }
      attested.set(scenario, attestations);
      if (!passed) {
        if (tenants.some((tenant) => tenant.ended() !== null)) return;
        await this.#recordUnattested(turn, attestations, tenants);
      } else {
        const names = turn.map(({ target }) => target).join(' and ');
        this.#stage.progress.doing(`${names}: ${scenario.name} at ${level.value} ${level.kind}`);
        const warmupMs = warmth.beforeMs(scenario);
        const trials = await time.trials(warmupMs, async () =>
          this.#measure(turn, tenants, attestations, mock, {
            numbered: this.#plan.blocks.length > 1 || block > 1,
            warmupMs,
            measureMs: this.#plan.measureMs,
            seed: this.#plan.seed + block,
            leftOver,
          }),
        );
        for (const trial of trials) this.#outcomes.record(trial);
        warmth.measured(
          scenario,
          trials.every(({ state }) => state === 'valid'),
        );
        backlog = trials.some(leavesBacklog);
      }
      remaining.shift();
    }
  }

  async #measure(
    turn: Turn,
    tenants: readonly Tenant[],
    attestations: readonly Attestation[],
    mock: Tenant,
    times: TrialTimes,
  ): Promise<readonly TrialRecord[]> {
    const [first, second] = turn.map((id, i) => ({
      id,
      tenant: tenants[i] as Tenant,
      attested: attestations[i] as Attested,
    }));
    if (first === undefined) return [];
    if (second === undefined) return [await measureTrial(this.#stage, { ...first, mock }, first.id, times)];
    return measurePair(this.#stage, mock, [first, second], times);
  }

  async #attest(tenants: readonly Tenant[], mock: Tenant, turn: Turn): Promise<Attestation[]> {
    const attestations: Attestation[] = [];
    for (const [i, { target, scenario }] of turn.entries()) {
      this.#stage.progress.doing(`${target}: checking that ${scenario.name} is answered right`);
      const tenant = tenants[i] as Tenant;
      const attested = await attest(tenant, mock, scenario, this.#stage.signal);
      const known = this.#stage.targets.get(target);
      attestations.push(known === undefined ? attested : await this.#proofs.with(known, tenant, scenario, attested));
    }
    return attestations;
  }

  async #recordUnattested(turn: Turn, attestations: readonly Attestation[], tenants: readonly Tenant[]): Promise<void> {
    for (const [i, id] of turn.entries()) {
      const attestation = attestations[i] as Attestation;
      if (attestation.state === 'passed') {
        this.#outcomes.record(unmeasured(id, 'absent', withoutOtherSide(turn[1 - i]?.target ?? '')));
        continue;
      }
      const printed = (await tenants[i]?.running.logs()) ?? '';
      const log = saveLog(this.#stage, `${id.target}-${id.scenario.name}.b${id.block}`, printed);
      this.#outcomes.record(unmeasured(id, attestation.state, attestation.reason, log));
    }
  }
}

type NoArrival = Extract<Arrival, { readonly reason: Reason }>;

/** A reason that says where all of it can be read. */
function withLog(reason: Reason, log: TrialFile | null): Reason {
  return log === null ? reason : { ...reason, message: `${reason.message} (${log.name})` };
}

/** Whether requests may still be in the target when its clients are gone. */
function leavesBacklog({ state, load }: TrialRecord): boolean {
  return state === 'saturated' || state === 'void' || (load?.errors.open ?? 0) + (load?.errors.timeout ?? 0) > 0;
}
