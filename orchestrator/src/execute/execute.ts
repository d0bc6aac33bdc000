import { type Attestation, attest } from '../attest/attest.js';
import { type Scenario, warmupOf } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import type { Block, Plan } from '../plan/plan.js';
import { cellKey } from '../record/cell.js';
import type { Reason } from '../record/reason.js';
import type { TrialFile, TrialRecord } from '../record/trial.js';
import { Hopeless } from './hopeless.js';
import { House, type Tenant } from './house.js';
import { type RepeatedVisit, secondChances } from './second-chances.js';
import { settle } from './settle.js';
import type { Stage, StageTarget } from './stage.js';
import type { TrialId } from './observe.js';
import { measureTrial, saveLog, unmeasured } from './trial.js';
import { mockEnded } from './verdict.js';

/** Load before the first measurement of a freshly started target: JIT, pools and caches are not what is compared. */
export const FIRST_WARMUP_MS = 2000;
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
    for (const block of plan.blocks) {
      await walk.block(block);
      if (stage.until?.isEnough(block.number) === true) break;
    }
    for (let block = walk.repeats(); block !== null; block = walk.repeats()) await walk.block(block);
  } finally {
    await walk.house.close();
  }
}

class Walk {
  readonly house: House;
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #hopeless = new Hopeless();
  readonly #finished: ReadonlySet<string>;
  readonly #trials: TrialRecord[];

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#stage = stage;
    this.house = new House(stage, plan.scenarios[0]?.scenario ?? (SCENARIOS[0] as Scenario));
    this.#finished = new Set(stage.finished.map((trial) => trialKey(trial.block, trial.replica, trial)));
    for (const trial of stage.finished) this.#hopeless.note(trial);
    this.#trials = [...stage.finished];
  }

  async block(block: Block<RepeatedVisit>): Promise<void> {
    for (const visit of block.visits) await this.visit(block.number, visit);
    await this.house.endBlock();
    this.#stage.progress.blockDone(block.number);
  }

  /** The next block in which void trials are measured again; null when each has had its second chance, or there is no time for it. */
  repeats(): Block<RepeatedVisit> | null {
    const { progress, secondChances: share, until } = this.#stage;
    const { blocks, trials, estimatedMs, without } = secondChances(this.#plan, this.#trials, share);
    const [block = null] = blocks;
    const hasRoom = until?.hasRoom() ?? true;
    if (block !== null && hasRoom) {
      progress.secondChances(trials, estimatedMs);
      progress.tell(`block ${block.number}: void trials once more, with direct beside`);
      return block;
    }
    progress.secondChances(0, 0);
    if (block !== null)
      progress.tell(
        'void trials are not measured once more: the budget leaves no room for it (--resume with a larger one does)',
      );
    else if (without.length > 0) {
      const which = without.length === 1 ? 'a void trial is' : `${without.length} void trials are`;
      progress.tell(
        `${which} not measured once more: that may take ${100 * share} % of the plan's time (--second-chances allows more)`,
      );
    }
    return null;
  }

  /** One target's turn in a block. */
  async visit(block: number, visit: RepeatedVisit): Promise<void> {
    const target = this.#stage.targets.get(visit.target);
    if (target === undefined) return;
    const remaining = this.#skipImplied(block, visit).filter((id) => !this.#isFinished(id));
    let restarts = 0;
    while (remaining.length > 0) {
      this.#stage.signal.throwIfAborted();
      const tenant = await this.#moveIn(target, remaining);
      if (tenant === null) return;
      try {
        await this.#measureWhileAlive(tenant, remaining);
      } finally {
        this.house.moveOut(target, tenant);
      }
      if (remaining.length > 0 && restarts >= MAX_RESTARTS) {
        this.#giveUp(remaining, {
          code: 'keeps-dying',
          message: `not sent: ${target.name} ended ${restarts + 1} times in this block`,
        });
        return;
      }
      restarts += 1;
    }
  }

  /** Starts the target; on failure the remaining trials get the reason. */
  async #moveIn(target: StageTarget, remaining: TrialId[]): Promise<Tenant | null> {
    const known = this.#hopeless.neverReady(target.name);
    if (known !== null) {
      this.#giveUp(remaining, known);
      return null;
    }
    this.#stage.progress.doing(`${target.name}: starting`);
    const arrival = await this.house.moveIn(target);
    if ('tenant' in arrival) return arrival.tenant;
    this.#hopeless.noteNotReady(target.name, arrival.reason);
    const name = `${target.name}.b${remaining[0]?.block}`;
    const log = arrival.log === null ? null : saveLog(this.#stage, name, arrival.log);
    this.#giveUp(remaining, withLog(arrival.reason, log), log);
    return null;
  }

  /** Measures until nothing remains or the target has ended; takes what is done out of `remaining`. */
  async #measureWhileAlive(tenant: Tenant, remaining: TrialId[]): Promise<void> {
    const attested = new Map<Scenario, Attestation>();
    let fresh = true;
    let backlog = false;
    while (remaining.length > 0 && tenant.ended() === null) {
      this.#stage.signal.throwIfAborted();
      const id = remaining[0] as TrialId;
      const mock = await this.house.mock();
      const { time, signal } = this.#stage;
      const leftOver = backlog ? await time.during('checkingMs', async () => settle(mock.url, signal)) : null;
      const attestation =
        attested.get(id.scenario) ?? (await time.during('checkingMs', async () => this.#attest(tenant, mock, id)));
      const mockExit = mock.ended();
      if (attestation.state !== 'passed' && mockExit !== null) {
        this.#record(unmeasured(id, 'void', mockEnded(mockExit)));
        remaining.shift();
        continue;
      }
      attested.set(id.scenario, attestation);
      if (attestation.state !== 'passed') {
        if (tenant.ended() !== null) return;
        const log = saveLog(this.#stage, `${id.target}-${id.scenario.name}.b${id.block}`, await tenant.running.logs());
        this.#record(unmeasured(id, attestation.state, attestation.reason, log));
      } else {
        this.#stage.progress.doing(`${id.target}: ${id.scenario.name} at ${id.level.value} ${id.level.kind}`);
        const warmupMs = Math.max(fresh ? FIRST_WARMUP_MS : 0, warmupOf(id.scenario, this.#plan.warmupMs));
        const trial = await time.trial(warmupMs, async () =>
          measureTrial(this.#stage, { tenant, mock, attested: attestation }, id, {
            numbered: this.#plan.blocks.length > 1 || id.block > 1,
            warmupMs,
            measureMs: this.#plan.measureMs,
            seed: this.#plan.seed + id.block,
            leftOver,
          }),
        );
        this.#record(trial);
        fresh = false;
        backlog = leavesBacklog(trial);
      }
      remaining.shift();
    }
  }

  async #attest(tenant: Tenant, mock: Tenant, id: TrialId): Promise<Attestation> {
    this.#stage.progress.doing(`${id.target}: checking that ${id.scenario.name} is answered right`);
    return attest(tenant, mock, id.scenario, this.#stage.signal);
  }

  #skipImplied(block: number, visit: RepeatedVisit): TrialId[] {
    const ids = visit.cells.map(({ scenario, level, repeats }) => ({
      block,
      target: visit.target,
      replica: visit.replica,
      scenario,
      level,
      ...(repeats === undefined ? {} : { repeats }),
    }));
    if (!this.#stage.skipHopeless) return ids;
    return ids.filter((id) => {
      const reason = this.#hopeless.implied(id.target, id.scenario.name, id.level);
      if (reason !== null && !this.#isFinished(id)) this.#record(unmeasured(id, 'skipped', reason));
      return reason === null;
    });
  }

  #giveUp(remaining: readonly TrialId[], reason: Reason, log: TrialFile | null = null): void {
    for (const id of remaining) this.#record(unmeasured(id, 'failed', reason, log));
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

  #isFinished(id: TrialId): boolean {
    return this.#finished.has(trialKey(id.block, id.replica, { ...id, scenario: id.scenario.name }));
  }
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
