import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLatency } from '#src/timing/latency.js';
import { seededRandom } from '#src/timing/seeded.js';

/** The value that this share of 20 000 samples does not exceed. */
function quantile(text: string, share: number): number {
  const random = seededRandom(7);
  const { sampleMs } = parseLatency(text);
  const samples = Array.from({ length: 20_000 }, () => sampleMs(random)).sort((a, b) => a - b);
  return samples[Math.max(1, Math.ceil(share * samples.length)) - 1] as number;
}

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

describe('latency models', () => {
  it('a number is always itself', () => {
    assert.deepEqual([quantile('2.5', 0), quantile('2.5', 1)], [2.5, 2.5]);
    assert.equal(parseLatency('0').zero, true);
    assert.equal(parseLatency('0.1').zero, false);
  });

  it('normal has its mean in the middle and its deviation at 84.13 %', () => {
    near(quantile('normal:50:4', 0.5), 50, 0.2);
    near(quantile('normal:50:4', 0.8413), 54, 0.25);
  });

  it('normal is never negative', () => assert.equal(quantile('normal:1:10', 0.001), 0));

  it('lognormal has its median in the middle and median · e^sigma at 84.13 %', () => {
    near(quantile('lognormal:5:0.5', 0.5), 5, 0.1);
    near(quantile('lognormal:5:0.5', 0.8413), 5 * Math.exp(0.5), 0.2);
  });

  it('a table goes through its points, straight between them, flat behind the last', () => {
    const text = 'table:p50=5,p90=9,p99=30';
    near(quantile(text, 0.25), 2.5, 0.1);
    near(quantile(text, 0.5), 5, 0.1);
    near(quantile(text, 0.7), 7, 0.1);
    near(quantile(text, 0.9), 9, 0.3);
    assert.equal(quantile(text, 1), 30);
  });

  const bad = [
    '',
    '-1',
    '1e3',
    'x',
    'normal:5',
    'normal:5:1:2',
    'lognormal:a:1',
    'table:',
    'table:p50',
    'table:p90=5,p50=3',
  ];
  for (const text of [...bad, 'table:p50=5,p90=4', 'table:p101=5', '3600001']) {
    it(`refuses ${JSON.stringify(text)} and shows what is allowed`, () => {
      assert.throws(
        () => parseLatency(text),
        /is not a latency: 5, normal:5:1, lognormal:5:0\.5, table:p50=5,p90=9 or ramp:5:500:10s/,
      );
    });
  }
});
