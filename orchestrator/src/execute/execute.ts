import { type Attestation, type Attested, attest } from '../attest/attest.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { notServed } from '../catalogue/served.js';
import type { Block, Plan } from '../plan/plan.js';
import { Warmth } from '../plan/warm-up.js';
import { cellKey } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { TrialFile, TrialRecord } from '../record/trial.js';
import { FeatureProofs } from './feature-proofs.js';
import { Hopeless } from './hopeless.js';
import { type Arrival, facesMock, House, type Tenant } from './house.js';
import { type RepeatedVisit, secondChances } from './second-chances.js';
import { settle } from './settle.js';
import type { Stage, StageTarget } from './stage.js';
import type { TrialId, TrialTimes } from './observe.js';
import { measurePair, measureTrial, saveLog, unmeasured } from './trial.js';
import { mockEnded } from './verdict.js';

/** How often a target that dies is started again within one visit. */
const MAX_RESTARTS = 2;

/**
 * Walks a plan: per block every target is started afresh, attested, warmed, measured, sampled, recorded and stopped.
 * What goes wrong with one target is in its records and the rest goes on.
 * @throws BenchError what ends the run: `interrupted`, `engine-gone`, `mock-not-ready`, `disk-full`. Everything is stopped by then.
 */
export async function executePlan(plan: Plan, stage: Stage): Promise<void> {
  const walk = new Walk(plan, stage);
  try {
    for (const [i, block] of plan.blocks.entries()) {
      if (i > 0) await walk.rest();
      await walk.block(block);
      if (stage.until?.isEnough(block.number) === true) break;
    }
    for (let block = walk.repeats(); block !== null; block = walk.repeats()) {
      await walk.rest();
      await walk.block(block);
    }
  } finally {
    await walk.house.close();
  }
}

class Walk {
  readonly house: House;
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #proofs: FeatureProofs;
  readonly #hopeless = new Hopeless();
  readonly #finished: ReadonlySet<string>;
  readonly #trials: TrialRecord[];

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#stage = stage;
    this.house = new House(stage, plan.scenarios[0]?.scenario ?? (SCENARIOS[0] as Scenario));
    this.#proofs = new FeatureProofs(stage, this.house);
    this.#finished = new Set(stage.finished.map((trial) => trialKey(trial.block, trial.replica, trial)));
    for (const trial of stage.finished) this.#hopeless.note(trial);
    this.#trials = [...stage.finished];
  }

  async block(block: Block<RepeatedVisit>): Promise<void> {
    for (const visit of block.visits) await this.visit(block.number, visit);
    await this.house.endBlock();
    this.#stage.progress.blockDone(block.number);
  }

  /** A rest that somebody wants is between blocks: within one, cells are compared that were measured shortly after each other. */
  async rest(): Promise<void> {
    const { onlooker, signal, time, until } = this.#stage;
    const restedMs = (await onlooker?.rest(signal)) ?? 0;
    if (restedMs === 0) return;
    time.rested(restedMs);
    until?.rested(restedMs);
  }

  /** The next block in which void trials are measured again; null when each has had its second chance, or there is no time for it. */
  repeats(): Block<RepeatedVisit> | null {
    const { progress, secondChances: share, until } = this.#stage;
    const { blocks, trials, estimatedMs, without, short } = secondChances(this.#plan, this.#trials, share);
    const [block = null] = blocks;
    const hasRoom = until?.hasRoom() ?? true;
    if (block !== null && hasRoom) {
      progress.secondChances(trials, estimatedMs);
      progress.tell(
        `block ${block.number}: void trials once more, with ${this.#plan.pair === null ? 'direct' : 'the other side'} beside`,
      );
      return block;
    }
    progress.secondChances(0, 0);
    if (block !== null)
      progress.tell(
        'void trials are not measured once more: the budget leaves no room for it (--resume with a larger one does)',
      );
    else if (short !== null) {
      const which = without.length === 1 ? 'a void trial is' : `${without.length} void trials are`;
      const [neededS, leftS] = [Math.ceil(short.neededMs / 1000), Math.floor(short.leftMs / 1000)];
      progress.tell(
        `${which} not measured once more: ${without.length === 1 ? 'it' : 'the next'} would take about ${neededS} s with direct beside, and of ` +
          `${100 * share} % of the plan's time ${leftS} s are left (--second-chances allows more)`,
      );
    }
    return null;
  }

  /** One target's turn in a block, or that of a pair. */
  async visit(block: number, visit: RepeatedVisit): Promise<void> {
    const targets = sidesOf(visit).flatMap((name) => this.#stage.targets.get(name) ?? []);
    if (targets.length < sidesOf(visit).length) return;
    const open = this.#skipImplied(turnsOf(block, visit)).filter((turn) => !this.#isFinished(turn));
    const remaining = this.#withoutUnserved(open);
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
        this.#giveUp(remaining, dying, {
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
        const known = this.#hopeless.neverReady(target.name);
        if (known !== null) {
          this.#giveUp(remaining, target.name, known);
          break;
        }
        this.#stage.progress.doing(`${target.name}: starting`);
        const arrival = await this.house.moveIn(target);
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
    this.#hopeless.noteNotReady(target.name, reason);
    const name = `${target.name}.b${remaining[0]?.[0].block}`;
    const log = printed === null ? null : saveLog(this.#stage, name, printed);
    this.#giveUp(remaining, target.name, withLog(reason, log), log);
  }

  #moveOut(targets: readonly StageTarget[], tenants: readonly Tenant[]): void {
    for (const [i, tenant] of tenants.entries()) this.house.moveOut(targets[i] as StageTarget, tenant);
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
      const mock = await this.house.mock();
      if (!tenants.every((tenant) => facesMock(tenant, mock))) return;
      const { time, signal } = this.#stage;
      const leftOver = backlog ? await time.during('checkingMs', async () => settle(mock.url, signal)) : null;
      const attestations =
        attested.get(scenario) ?? (await time.during('checkingMs', async () => this.#attest(tenants, mock, turn)));
      const mockExit = mock.ended();
      const passed = attestations.every(({ state }) => state === 'passed');
      if (!passed && mockExit !== null) {
        for (const id of turn) this.#record(unmeasured(id, 'void', mockEnded(mockExit)));
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
        for (const trial of trials) this.#record(trial);
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
        this.#record(unmeasured(id, 'absent', withoutOtherSide(turn[1 - i]?.target ?? '')));
        continue;
      }
      const printed = (await tenants[i]?.running.logs()) ?? '';
      const log = saveLog(this.#stage, `${id.target}-${id.scenario.name}.b${id.block}`, printed);
      this.#record(unmeasured(id, attestation.state, attestation.reason, log));
    }
  }

  /** Without what is implied by lower levels, of a pair for both sides: one of them alone would compare nothing. */
  #skipImplied(turns: readonly Turn[]): Turn[] {
    if (!this.#stage.skipHopeless) return [...turns];
    return turns.filter((turn) => {
      const implied = turn.map((id) => this.#hopeless.implied(id.target, id.scenario.name, id.level));
      if (implied.includes(null)) return true;
      if (!this.#isFinished(turn))
        for (const [i, id] of turn.entries()) this.#record(unmeasured(id, 'skipped', implied[i] as Reason));
      return false;
    });
  }

  /** Without what a target does not offer: that is no failure of it, and nothing is started for it. */
  #withoutUnserved(turns: readonly Turn[]): Turn[] {
    return turns.filter((turn) => {
      const missing = turn.map(({ target, scenario }) =>
        notServed(scenario, this.#stage.targets.get(target)?.service.serves),
      );
      const [lacking] = turn.filter((_id, i) => missing[i] !== null);
      if (lacking === undefined) return true;
      for (const [i, id] of turn.entries()) {
        const kind = missing[i] ?? null;
        const message = `not offered: ${kind} (x-bench.serves of its entry does not list it)`;
        const reason = kind === null ? withoutOtherSide(lacking.target) : { code: 'not-offered', message };
        this.#record(unmeasured(id, 'absent', reason));
      }
      return false;
    });
  }

  #giveUp(remaining: readonly Turn[], target: string, reason: Reason, log: TrialFile | null = null): void {
    for (const id of remaining.flat())
      this.#record(
        id.target === target
          ? unmeasured(id, 'failed', reason, log)
          : unmeasured(id, 'absent', withoutOtherSide(target)),
      );
  }

  #record(trial: TrialRecord): void {
    this.#hopeless.note(trial);
    this.#trials.push(trial);
    this.#stage.writer.appendTrial(trial);
    const { progress, secondChances: share } = this.#stage;
    // Behind the plan each block says at its beginning what it and those after it will take.
    if (trial.state === 'void' && trial.block <= this.#plan.blocks.length) {
      const ahead = secondChances(this.#plan, this.#trials, share);
      progress.secondChances(ahead.trials, ahead.estimatedMs);
    }
    progress.trialDone(trial);
  }

  /** Of a pair both sides are, or neither: one alone is not read back. */
  #isFinished(turn: Turn): boolean {
    return turn.every((id) =>
      this.#finished.has(trialKey(id.block, id.replica, { ...id, scenario: id.scenario.name })),
    );
  }
}

/** What is measured at once: a trial, or one of each side of a pair, in the order of their turns in the schedule. */
type Turn = readonly [TrialId] | readonly [TrialId, TrialId];

type NoArrival = Extract<Arrival, { readonly reason: Reason }>;

function sidesOf({ target, beside }: RepeatedVisit): string[] {
  return beside === undefined ? [target] : [target, beside];
}

function turnsOf(block: number, { target, beside, replica, cells }: RepeatedVisit): Turn[] {
  return cells.map(({ scenario, level, repeats, besideRepeats }): Turn => {
    const idOf = (name: string, instead: number | undefined): TrialId => ({
      block,
      target: name,
      replica,
      scenario,
      level,
      ...(instead === undefined ? {} : { repeats: instead }),
    });
    return beside === undefined ? [idOf(target, repeats)] : [idOf(target, repeats), idOf(beside, besideRepeats)];
  });
}

/** Why the sound side of a pair was not measured. */
function withoutOtherSide(target: string): Reason {
  return { code: 'other-side-missing', message: `not sent: it was to be measured beside ${target}, which cannot be` };
}

/** A reason that says where all of it can be read. */
function withLog(reason: Reason, log: TrialFile | null): Reason {
  return log === null ? reason : { ...reason, message: `${reason.message} (${log.name})` };
}

/** Whether requests may still be in the target when its clients are gone. */
function leavesBacklog({ state, load }: TrialRecord): boolean {
  return state === 'saturated' || state === 'void' || (load?.errors.open ?? 0) + (load?.errors.timeout ?? 0) > 0;
}

function trialKey(block: number, replica: number, cell: Parameters<typeof cellKey>[0]): string {
  return `${block}/${replica}/${cellKey(cell)}`;
}
