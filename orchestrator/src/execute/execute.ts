import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import type { Block, Plan } from '../plan/plan.js';
import { House } from './house.js';
import { Outcomes } from './outcomes.js';
import type { RepeatedVisit, SecondChances } from './second-chances.js';
import type { Stage } from './stage.js';
import { Visitor } from './visit.js';

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
  readonly #outcomes: Outcomes;
  readonly #visitor: Visitor;

  constructor(plan: Plan, stage: Stage) {
    this.#plan = plan;
    this.#stage = stage;
    this.house = new House(stage, plan.scenarios[0]?.scenario ?? (SCENARIOS[0] as Scenario));
    this.#outcomes = new Outcomes(plan, stage);
    this.#visitor = new Visitor(plan, stage, this.house, this.#outcomes);
  }

  async block(block: Block<RepeatedVisit>): Promise<void> {
    for (const visit of block.visits) await this.#visitor.visit(block.number, visit);
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
    const chances = this.#outcomes.secondChances();
    const [block = null] = chances.blocks;
    const beside = this.#plan.pair === null ? 'direct' : 'the other side';
    if (block !== null && (until?.hasRoom() ?? true)) {
      progress.secondChances(chances.trials, chances.estimatedMs);
      progress.tell(`block ${block.number}: void trials once more, with ${beside} beside`);
      return block;
    }
    progress.secondChances(0, 0);
    const withoutChance =
      block === null
        ? overShare(chances, share, beside)
        : 'void trials are not measured once more: the budget leaves no room for it (--resume with a larger one does)';
    if (withoutChance !== null) progress.tell(withoutChance);
    return null;
  }
}

/** That void trials wait for which no time is left; null when none waits. */
function overShare({ without, short }: SecondChances, share: number, beside: string): string | null {
  if (short === null) return null;
  const [which, next] =
    without.length === 1 ? ['a void trial is', 'it'] : [`${without.length} void trials are`, 'the next'];
  const [neededS, leftS] = [Math.ceil(short.neededMs / 1000), Math.floor(short.leftMs / 1000)];
  return (
    `${which} not measured once more: ${next} would take about ${neededS} s with ${beside} beside, and of ` +
    `${100 * share} % of the plan's time ${leftS} s are left (--second-chances allows more)`
  );
}
