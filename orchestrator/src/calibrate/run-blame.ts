import type { BlameRow } from '../certificate/blame-rows.js';
import { createOhaDriver } from '../load/oha/driver.js';
import type { Workbench } from '../measure/workbench.js';
import { ProcFs } from '../runtime/process/procfs.js';
import type { RunningService } from '../runtime/runtime.js';
import { describeRhythm } from '../certificate/blame-rows.js';
import { freezesOf, notTried } from './blame.js';
import { type FreezeCast, notHere, runFreeze } from './freeze-trial.js';
import { relayService, SAME } from './relays.js';
import type { CalibrationRequest } from './request.js';
import { mockOf, startService } from './started-service.js';
import { tellOn } from '../measure/tell-on.js';

const WINDOW_MS = { quick: 6000, whole: 12_000 };

/** What it needs of a calibration. */
type BlameRequest = Pick<CalibrationRequest, 'quick' | 'mockPort' | 'output'>;

/** Why nobody can be stopped with this equipment; null where it can be done. */
export function whyNoBlame({ equipment: { runtime } }: Workbench): string | null {
  if (runtime.kind === 'process' && new ProcFs().available) return null;
  return 'processes can be stopped on Linux with --runtime process only';
}

/**
 * The freeze table: gateway (a relay), mock and driver are stopped in turn, in three rhythms and at three rates, and each trial is judged as
 * any other. Whoever stood still has to be blamed, and nobody else. One that is not recovered while the machine was disturbed is tried
 * once more.
 * @throws BenchError `calibration-failed` where it cannot be done here
 */
export async function runBlame(request: BlameRequest, bench: Workbench): Promise<BlameRow[]> {
  const why = whyNoBlame(bench);
  if (why !== null) throw notHere(why);
  const { progress, interrupt } = bench;
  const oha = createOhaDriver(bench.equipment.runtime);
  const ohaThere = await oha.prepare(tellOn(progress), interrupt.signal);
  const mockService = mockOf(request);
  const [relay] = SAME;
  if (relay === undefined) throw new RangeError('no relay to be stopped');
  const gatewayService = relayService(relay, 0, mockService);
  const running: RunningService[] = [];
  const start = async (service: typeof mockService): Promise<FreezeCast['mock']> => {
    const started = await startService(service, bench);
    running.push(started);
    return { url: started.url, port: service.port };
  };
  try {
    const mock = await start(mockService);
    const cast = { mock, gateway: await start(gatewayService), oha, proc: new ProcFs() };
    const freezes = freezesOf(request.quick);
    const windowMs = request.quick ? WINDOW_MS.quick : WINDOW_MS.whole;
    const rows: BlameRow[] = [];
    for (const [nth, each] of freezes.entries()) {
      const what = `blame ${nth + 1}/${freezes.length}: ${each.victim} stopped ${describeRhythm(each.rhythm)}, ${each.driver}, ${each.rps}/s`;
      if (each.driver === 'oha' && ohaThere.state === 'absent') {
        progress.tell(`${what}: not tried (${ohaThere.reason.message})`);
        rows.push(notTried(each, `oha cannot be had: ${ohaThere.reason.message}`));
        continue;
      }
      progress.tell(what);
      const first = await runFreeze(each, windowMs, cast, interrupt.signal);
      if (first.outcome === 'not-judged') progress.tell(`${what}: once more, because ${first.hindrance}`);
      rows.push(first.outcome === 'not-judged' ? await runFreeze(each, windowMs, cast, interrupt.signal) : first);
    }
    return rows;
  } finally {
    await Promise.all(running.map((service) => service.stop()));
    await oha.close();
  }
}
