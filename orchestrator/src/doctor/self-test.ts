import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { measureInner } from '../measure/inner-run.js';
import type { Workbench } from '../measure/workbench.js';
import type { PlannedScenario } from '../plan/plan.js';
import { formatLevel } from '../record/cell.js';
import type { Summary } from '../record/summary.js';
import { placeFault } from '../place-fault.js';
import type { SelfTest } from './host-facts.js';

/** Half a minute of direct against direct; what a start takes comes on top. */
const PLAN = { blocks: 4, measureMs: 750, warmupMs: 250, rps: 250, scenarios: ['chat-minimal', 'chat-stream'] };

/**
 * Direct against direct by the ordinary way, in a directory that is gone afterwards.
 * @throws BenchError whatever ended the run
 */
export async function testSelf(mockPort: number | null, workbench: Workbench): Promise<SelfTest> {
  const output = temporaryDirectory();
  const scenarios = SCENARIOS.filter(({ name }) => PLAN.scenarios.includes(name)).map(
    (scenario): PlannedScenario => ({ scenario, levels: [{ kind: 'rps', value: PLAN.rps }] }),
  );
  try {
    const run = { ...PLAN, name: 'self-test', gateways: () => [], scenarios, seed: 1, mockPort, output };
    return selfTestOf(await measureInner(run, workbench));
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

function temporaryDirectory(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'crabllm-bench-doctor-'));
  } catch (thrown) {
    throw placeFault(
      thrown,
      tmpdir(),
      'the self-test',
      'Name a folder that can be written: TMPDIR=DIR; or --skip-self-test.',
    );
  }
}

function selfTestOf({ run, noiseFloor, cells }: Summary): SelfTest {
  return {
    driver: run.driver,
    blocks: run.blocks.done,
    levels: noiseFloor.map(({ scenario, level, p50Us, p99Us }) => {
      const direct = cells.find((cell) => cell.scenario === scenario && cell.level.value === level.value);
      const value = (name: 'p50' | 'p99'): number | null => direct?.latencyUs[name]?.value ?? null;
      return {
        scenario,
        level: formatLevel(level),
        direct: { p50Us: value('p50'), p99Us: value('p99') },
        floor: { p50Us, p99Us },
      };
    }),
  };
}
