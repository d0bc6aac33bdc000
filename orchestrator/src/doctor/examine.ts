import { cpus } from 'node:os';
import type { Workbench } from '../measure/workbench.js';
import { pause } from '../pause.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { type Findings, readHostFacts } from './host-facts.js';
import { measureLoopback } from './loopback.js';
import { testSelf } from './self-test.js';
import { measureClockStep, measureOversleep } from './timers.js';

/** How long the machine is watched before anything runs. */
const WATCH_MS = 2000;
/** What is to be found out of a machine. */
export interface Examination {
  /** Whether `direct` is held against itself, which takes half a minute. */
  readonly selfTest: boolean;
  readonly mockPort: number | null;
}

/** Looks at the machine, then measures on it. */
export async function examine({ selfTest, mockPort }: Examination, bench: Workbench): Promise<Findings> {
  const { equipment, progress, interrupt } = bench;
  progress.doing('watching the machine');
  const sampling = startHostSampling(cpus().length);
  await pause(WATCH_MS, interrupt.signal);
  const idle = await sampling.finish(null);
  const clockStepUs = measureClockStep();
  const { roundTrip: loopback, mayRunFirst } = await measureLoopback();
  const oversleep = measureOversleep();
  const tested = selfTest ? await testSelf(mockPort, bench) : null;
  const runtime = { kind: equipment.runtime.kind, versions: await equipment.runtime.versions() };
  progress.end();
  return { host: readHostFacts(mayRunFirst), idle, clockStepUs, oversleep, loopback, runtime, selfTest: tested };
}
