import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LoadSpan } from '#src/resources/load-span.js';
import { summarise } from '#src/resources/sampling.js';

const row = (
  atMs: number,
  memoryBytes: number | null,
  cpuUs: number | null,
  memoryPeakBytes: number | null = null,
  throttledMs: number | null = null,
) => ({ knownAtMs: atMs, sample: { atMs, memoryBytes, cpuUs, memoryPeakBytes, throttledMs } });

const atRest = (rows: Parameters<typeof summarise>[0]) => summarise(rows, 0, null);

describe('what was watched as a whole', () => {
  it('memory is the highest seen, not the last', () => {
    const record = atRest([row(0, 10, 0), row(100, 50, 0), row(200, 20, 0)]);
    assert.equal(record.memoryPeakBytes, 50);
    assert.equal(record.memoryStartBytes, 10);
    assert.equal(record.memoryEndBytes, 20);
  });

  it('the kernel’s peak counts only when it rose during the trial', () => {
    assert.equal(atRest([row(0, 10, 0, 90), row(200, 20, 0, 90)]).memoryPeakBytes, 20);
    assert.equal(atRest([row(0, 10, 0, 90), row(200, 20, 0, 95)]).memoryPeakBytes, 95);
  });

  it('CPU at rest is the difference, over the time between the samples', () => {
    const { cpuUs, cpuWindowMs } = atRest([row(0, 1, 1000), row(2000, 1, 5000)]);
    assert.deepEqual([cpuUs, cpuWindowMs], [4000, 2000]);
  });

  it('processes that were killed and what the watch itself took are counted from look to look', () => {
    const watched = (atMs: number, memoryKills: number | undefined, observerCpuUs: number) => {
      const { knownAtMs, sample } = row(atMs, 1, 10 * atMs);
      return { knownAtMs, sample: { ...sample, memoryKills, observerCpuUs } };
    };
    const record = atRest([watched(0, 1, 500), watched(1000, undefined, 900), watched(2000, 3, 1500)]);
    assert.deepEqual([record.memoryKills, record.observerCpuUs], [2, 1000]);
    assert.equal('memoryKills' in atRest([row(0, 1, 0), row(10, 1, 5)]), false);
  });

  it('what is not known stays null and never becomes 0', () => {
    const unknown = { cpuUs: null, cpuWindowMs: null, throttledMs: null };
    assert.deepEqual(atRest([]), {
      memoryPeakBytes: null,
      memoryStartBytes: null,
      memoryEndBytes: null,
      ...unknown,
      series: [],
    });
    const { cpuUs } = summarise([row(0, null, null), row(9000, null, null)], 0, SPAN);
    assert.equal(cpuUs, null);
  });
});

/** Two seconds before the load, one of warm-up, four of window, three after it. */
const SPAN: LoadSpan = { fromMs: 2000, windowFromMs: 3000, windowUntilMs: 7000 };
const WINDOW_MS = SPAN.windowUntilMs - SPAN.windowFromMs;

/** A service that uses half a CPU in the warm-up, two in the window, and nothing else; its quota stops it for a twentieth of the window. */
function sampleAt(atMs: number, clockMs = 0) {
  const warmedMs = clamp(atMs, SPAN.fromMs, SPAN.windowFromMs);
  const loadedMs = clamp(atMs, SPAN.windowFromMs, SPAN.windowUntilMs);
  const sample = row(atMs, 1, 500 * warmedMs + 2000 * loadedMs, null, 0.05 * loadedMs);
  return { ...sample, sample: { ...sample.sample, atMs: atMs + clockMs } };
}

function clamp(atMs: number, from: number, until: number): number {
  return Math.max(0, Math.min(atMs, until) - from);
}

function every(stepMs: number, offsetMs = 0): number[] {
  return Array.from({ length: Math.ceil((10_000 - offsetMs) / stepMs) }, (_, i) => offsetMs + i * stepMs);
}

describe('what was loaded for a part of the time', () => {
  it('CPU and throttling are of the window, wherever in it the samples lie', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 1000 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: -1e9, max: 1e9 }),
        (stepMs, offsetMs, clockMs) => {
          const record = summarise(
            every(stepMs, offsetMs).map((at) => sampleAt(at, clockMs)),
            0,
            SPAN,
          );
          const { cpuUs, cpuWindowMs, throttledMs } = record;
          assert.ok(cpuUs !== null && cpuWindowMs !== null && throttledMs !== null);
          assert.equal((cpuUs / 1000 / cpuWindowMs).toFixed(6), '2.000000');
          assert.equal((throttledMs / WINDOW_MS).toFixed(6), '0.050000');
          assert.equal(record.cpuSpan?.of, 'window');
        },
      ),
    );
  });

  it('with too few samples in the window, what the load took is shared out over the load', () => {
    const { cpuUs, cpuWindowMs, throttledMs, cpuSpan } = summarise(
      [0, 1500, 4000, 7500, 10_000].map((at) => sampleAt(at)),
      0,
      SPAN,
    );
    assert.deepEqual([cpuUs, cpuWindowMs], [8_500_000, 5000]);
    assert.equal(throttledMs?.toFixed(6), '160.000000', 'its share of the load, in milliseconds of the window');
    assert.deepEqual(cpuSpan, { of: 'load', fromMs: 1500, untilMs: 7500 });
  });

  it('a service that ended early is judged by the load that it saw', () => {
    const { cpuUs, cpuWindowMs, cpuSpan } = summarise(
      [0, 1000, 2500, 4000].map((at) => sampleAt(at)),
      0,
      SPAN,
    );
    assert.deepEqual([cpuUs, cpuWindowMs, cpuSpan?.of], [2_500_000, 2000, 'load']);
  });

  it('samples of no load say nothing of it', () => {
    const { cpuUs, cpuWindowMs } = summarise([sampleAt(0), sampleAt(1000)], 0, SPAN);
    assert.deepEqual([cpuUs, cpuWindowMs], [null, null]);
  });

  it('a sampler that hands out old samples is not believed their age', () => {
    // Read every 200 ms, renewed once a second by an engine with a clock of its own.
    const rows = every(200).map((knownAtMs) => ({ ...sampleAt(Math.floor(knownAtMs / 1000) * 1000, 5e8), knownAtMs }));
    const { cpuUs, cpuWindowMs } = summarise(rows, 0, SPAN);
    assert.deepEqual([cpuUs, cpuWindowMs], [8_000_000, 4000]);
  });
});
