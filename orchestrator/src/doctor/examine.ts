import { cpus } from 'node:os';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { BenchError } from '../errors.js';
import { choosePlaces, coresWanted, pinningFacts } from '../measure/pinning.js';
import type { Workbench } from '../measure/workbench.js';
import { pause } from '../pause.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { ProcessRuntime } from '../runtime/process/process-runtime.js';
import type { Runtime } from '../runtime/runtime.js';
import { type Findings, readHostFacts } from './host-facts.js';
import { measureLoopback } from './loopback.js';
import { askPeers, type Peer } from './peers.js';
import { testSelf } from './self-test.js';
import { measureClockStep, measureOversleep } from './timers.js';

/** How long the machine is watched before anything runs. */
const WATCH_MS = 2000;
/** What is to be found out of a machine. */
export interface Examination {
  /** Whether `direct` is held against itself, which takes half a minute. */
  readonly selfTest: boolean;
  readonly mockPort: number | null;
  /** Those elsewhere who are asked for the time, with this token. */
  readonly peers: readonly Peer[];
  readonly token: string;
}

/** Looks at the machine, then measures on it. */
export async function examine({ selfTest, mockPort, peers, token }: Examination, bench: Workbench): Promise<Findings> {
  const { equipment, progress, interrupt } = bench;
  progress.doing('watching the machine');
  const sampling = startHostSampling(cpus().length);
  await pause(WATCH_MS, interrupt.signal);
  const idle = await sampling.finish(null);
  const clockStepUs = measureClockStep();
  const { roundTrip: loopback, mayRunFirst } = await measureLoopback();
  const oversleep = measureOversleep();
  const away = await askPeers(peers, token, interrupt.signal);
  const tested = selfTest ? await testSelf(mockPort, bench) : null;
  const { runtime } = equipment;
  const enforcesLimits = runtime instanceof ProcessRuntime ? runtime.enforcesLimits : runtime.kind === 'docker';
  const versions = await runtime.versions();
  const placing = placingHere(runtime);
  progress.end();
  return {
    host: readHostFacts(mayRunFirst),
    idle,
    clockStepUs,
    oversleep,
    loopback,
    peers: away,
    runtime: { kind: runtime.kind, versions, enforcesLimits },
    placing,
    selfTest: tested,
  };
}

/** What `--pin auto` would do on this machine, or why it would be refused. */
function placingHere(runtime: Runtime): Findings['placing'] {
  try {
    const wanted = coresWanted(readCatalogue([COMPOSE_FILE]));
    const placing = choosePlaces({ kind: 'auto' }, wanted, pinningFacts(runtime.whyNotPinned(), []));
    return { pins: placing?.record.state === 'pinned', text: placing?.text ?? '' };
  } catch (thrown) {
    if (thrown instanceof BenchError && thrown.code === 'pin-unfit') return { pins: false, text: thrown.message };
    throw thrown;
  }
}
