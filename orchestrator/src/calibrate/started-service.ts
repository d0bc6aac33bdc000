import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { withMockPort } from '../catalogue/mock-port.js';
import type { Scenario } from '../catalogue/scenario.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import type { Service } from '../catalogue/service.js';
import { BenchError } from '../errors.js';
import { startUntilReady } from '../execute/started.js';
import type { Workbench } from '../measure/workbench.js';
import type { RunningService } from '../runtime/runtime.js';
import { join } from 'node:path';
import type { CalibrationRequest } from './request.js';
import { tellOn } from '../measure/tell-on.js';

/** What experiments send that need one kind of request only. */
export const CHAT: Scenario = SCENARIOS[0] as Scenario;

/** The mock that an experiment starts by itself, at the port that was asked for. */
export function mockOf({ mockPort, output }: Pick<CalibrationRequest, 'mockPort' | 'output'>): Service {
  const catalogue = readCatalogue([COMPOSE_FILE]);
  return (mockPort === null ? catalogue : withMockPort(catalogue, mockPort, join(output, '.services'))).mock;
}

/**
 * Starts a service for an experiment that is no run, and waits until it answers.
 * @throws BenchError `calibration-failed` where it cannot be had or does not become ready; then it is stopped again
 */
export async function startService(
  service: Service,
  { equipment: { runtime }, progress, interrupt: { signal } }: Workbench,
): Promise<RunningService> {
  const availability = await runtime.prepare(service, tellOn(progress), signal);
  if (availability.state === 'absent') throw unusable(service, `cannot be had: ${availability.reason.message}`);
  const started = await startUntilReady(service, runtime, CHAT, signal);
  if ('code' in started) throw unusable(service, `cannot be used: ${started.message}`);
  return started;
}

function unusable({ name }: Service, why: string): BenchError {
  return new BenchError({
    code: 'calibration-failed',
    message: `The ${name} of the calibration ${why}.`,
    hint: 'crabllm-bench doctor says what this machine can start.',
  });
}
