import type { FeatureProof } from '../../catalogue/feature.js';
import { pause } from '../../pause.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

/** One that has not begun to answer yet still loads its program: it is waited for this long. */
const START_MS = 60_000;
const LOOK_MS = 500;
/** Of one CPU over a look, below which nobody loads a program any more. */
const AT_REST = 0.2;

/**
 * As many processes as are wanted, and all of them through with their start: the first that answers makes a gateway ready, and the others would
 * load their program within the window.
 */
export async function proveByProcesses(
  subject: Subject,
  { match, count }: Extract<FeatureProof, { by: 'processes' }>,
  signal: AbortSignal,
): Promise<Proof> {
  const pattern = new RegExp(match);
  const isQuiet = await atRest(subject, signal);
  const all = await subject.processes();
  if (all === null) return unproved('its processes cannot be seen here');
  const processes = all.filter((line) => pattern.test(line)).length;
  if (processes !== count) return unproved(`processes that match ${match}: ${processes}, and not ${count}`);
  return isQuiet
    ? proved(`processes that match ${match}: ${processes}`, { processes })
    : unproved(
        `${processes} processes match ${match}, and after ${START_MS / 1000} s they still use CPU without being asked`,
      );
}

/** Waits until it uses next to no CPU. Where that is not known, there is nothing to wait for. */
async function atRest(subject: Subject, signal: AbortSignal): Promise<boolean> {
  const until = performance.now() + START_MS;
  let [before, beforeMs] = [await subject.cpuUs(), performance.now()];
  while (before !== null && performance.now() < until) {
    await pause(LOOK_MS, signal);
    const [cpuUs, atMs] = [await subject.cpuUs(), performance.now()];
    if (cpuUs === null || cpuUs - before < AT_REST * 1000 * (atMs - beforeMs)) return true;
    [before, beforeMs] = [cpuUs, atMs];
  }
  return before === null;
}
