import { join } from 'node:path';
import type { Catalogue } from '../catalogue/catalogue.js';
import { asFleet } from '../catalogue/fleet.js';
import { withMockPort } from '../catalogue/mock-port.js';
import { ASIDE_MODEL, CONDUCT_PROVIDERS } from '../plan/conduct-cases.js';
import { BenchHome } from '../runtime/process/bench-home.js';
import type { ConductJobRequest, ConductMeasured } from './conduct-request.js';
import { ConductWalk } from './conduct-walk.js';
import { OngoingRuns } from './ongoing-runs.js';
import { prepareAll } from './prepare.js';
import { conductCandidates } from './conduct-targets.js';
import { takeTurn } from './wait-turn.js';
import type { Workbench } from './workbench.js';

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
    const fleet = asFleet(catalogue.mock, CONDUCT_PROVIDERS, [ASIDE_MODEL]);
    const candidates = conductCandidates(
      request,
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
