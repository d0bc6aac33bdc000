import { PLAIN_ADDRESSING } from '../catalogue/addressing.js';
import { judgeDrivers, measureDrivers } from './drivers.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import { BenchError } from '../errors.js';
import type { TrialLoad } from '../load/driver.js';
import { createNativeDriver } from '../load/native/driver.js';
import { createOhaDriver } from '../load/oha/driver.js';
import type { Availability, RunningService } from '../runtime/runtime.js';
import type { DriversRow } from './drivers-table.js';
import type { CalibrationRequest } from './request.js';
import { CHAT, mockOf, startService } from './started-service.js';
import type { Workbench } from '../measure/workbench.js';
import { tellOn } from '../measure/tell-on.js';

/** Rates at which the drivers are compared, and what the mock is told to take for the target of the comparison. */
const RATES = [100, 500, 1000];
const TARGET_MS = 5;

const SECONDS = { quick: 2, whole: 5 };
const PASSES = { quick: 3, whole: 6 };

/** What comparing the drivers needs of a calibration. */
type DriversRequest = Pick<CalibrationRequest, 'quick' | 'mockPort' | 'output'>;

/**
 * Whether oha and the native driver tell the same of one target, rate by rate.
 * @throws BenchError `calibration-failed` where mock or oha cannot be had
 */
export async function compareDrivers(request: DriversRequest, bench: Workbench): Promise<DriversRow[]> {
  const { progress } = bench;
  const { signal } = bench.interrupt;
  const drivers = { oha: createOhaDriver(bench.equipment.runtime), native: createNativeDriver() };
  const pace = request.quick ? 'quick' : 'whole';
  let mock: RunningService | null = null;
  try {
    orThrow('The driver oha', await drivers.oha.prepare(tellOn(progress), signal));
    mock = await startService(mockOf(request), bench);
    const { url } = mock;
    const rows: DriversRow[] = [];
    for (const rate of RATES) {
      const loads = { floor: loadOf(url, rate, '', pace), target: loadOf(url, rate, `ttft=${TARGET_MS}`, pace) };
      const tell = (what: string): void => progress.tell(`${what}, ${rate} rps`);
      rows.push({ rate, agreement: judgeDrivers(await measureDrivers(drivers, loads, PASSES[pace], tell, signal)) });
    }
    return rows;
  } finally {
    await mock?.stop();
    await Promise.all([drivers.oha.close(), drivers.native.close()]);
  }
}

function orThrow(what: string, availability: Availability): void {
  if (availability.state === 'available') return;
  throw new BenchError({
    code: 'calibration-failed',
    message: `${what} cannot be had: ${availability.reason.message}.`,
    hint: 'Without Docker, oha has to be on PATH: --runtime process.',
  });
}

function loadOf(url: string, rate: number, behaviour: string, pace: keyof typeof SECONDS): TrialLoad {
  const scenario = CHAT;
  return {
    url: url + scenario.path,
    headers: {},
    body: scenarioBody(scenario, PLAIN_ADDRESSING, behaviour),
    streaming: false,
    level: { kind: 'rps', value: rate },
    warmupMs: 1000,
    measureMs: SECONDS[pace] * 1000,
    timeoutMs: 10_000,
    expectedLatencyMs: behaviour === '' ? 1 : TARGET_MS + 1,
    seed: 1,
  };
}
