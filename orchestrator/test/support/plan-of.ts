import { readBenchOptions } from '#src/cli/options/bench.js';
import { chosenScenarios } from '#src/cli/options/chosen-scenarios.js';
import { makePlan, type Plan } from '#src/plan/plan.js';

/** The plan of one second in one block that options as they were typed ask for, without targets. */
export function planOf(raw: Record<string, unknown>): Plan {
  return makePlan({
    seed: 1,
    targets: [],
    scenarios: chosenScenarios(readBenchOptions(raw)),
    driver: 'native',
    blocks: 1,
    durationMs: 1000,
    warmupMs: 0,
  });
}
