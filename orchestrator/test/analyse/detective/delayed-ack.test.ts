import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delayedAckShare } from '#src/analyse/detective/delayed-ack.js';
import { Histogram } from '#src/record/histogram.js';
import type { Distribution } from '#src/record/trial.js';

function trial(values: readonly number[]): Distribution {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  const quantiles = { p50: null, p90: null, p99: null, p999: null, max: null };
  return { count: values.length, quantiles, seconds: [histogram.toSparse()] };
}

function repeat(count: number, valueUs: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => valueUs(i));
}

describe('delayedAckShare', () => {
  it('sees a mode of its own at 40 to 48 ms', () => {
    const values = [...repeat(80, (i) => 300 + i), ...repeat(20, (i) => 40_500 + i * 200)];
    assert.equal(delayedAckShare([trial(values)]), 0.2);
  });

  it('does not take a long even tail for a mode, nor a handful of slow requests', () => {
    assert.equal(delayedAckShare([trial(repeat(100, (i) => 1000 + i * 1000))]), null);
    assert.equal(delayedAckShare([trial([...repeat(98, () => 300), 41_000, 42_000])]), null);
  });

  it('sees nothing without histograms', () => {
    assert.equal(delayedAckShare([{ ...trial([41_000]), seconds: null }]), null);
  });
});
