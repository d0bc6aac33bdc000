import { threadCpuUs } from '../clock/thread-cpu.js';
import type { ObserverRecord } from '../record/trial.js';
import { cutWindow, type LoadSpan } from './load-span.js';

/** What this program's own thread had used at one moment. Drivers work in threads or processes of their own. */
export interface OwnReading {
  /** On the clock of {@link LoadSpan}. */
  readonly atMs: number;
  /** Null where neither Node nor the kernel says. */
  readonly cpuUs: number | null;
  /** How long the samplers had worked by then, in all. */
  readonly samplingUs: number;
}

/** Reads the own thread's CPU time. @param samplingUs how long the samplers have worked so far */
export function readOwn(samplingUs: number): OwnReading {
  return { atMs: performance.now(), cpuUs: threadCpuUs(), samplingUs };
}

/**
 * What watching, recording and showing took of the measured window; null where too few readings lie in it, or nobody counts.
 * @param readings ascending
 */
export function observerOf(readings: readonly OwnReading[], span: LoadSpan | null): ObserverRecord | null {
  const cut = span === null ? null : cutWindow(readings, span);
  if (cut === null || cut.first.cpuUs === null || cut.last.cpuUs === null) return null;
  return {
    cpuUs: Math.max(0, cut.last.cpuUs - cut.first.cpuUs),
    samplingUs: cut.last.samplingUs - cut.first.samplingUs,
    ofMs: cut.last.atMs - cut.first.atMs,
  };
}
