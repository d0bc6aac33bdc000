import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changePointsOf, type Segment } from '#src/analyse/history/change-points.js';
import { seededRandom } from '#src/plan/random.js';
import { lehmer, normal } from '../synthetic-run.js';

const ORDERS = 199;

function page(seed: number, series: number, runs: number): Segment[] {
  const random = lehmer(seed);
  const common = Array.from({ length: runs }, () => normal(random));
  return Array.from({ length: series }, () => ({
    runs: common.map((_, run) => run),
    values: common.map((mood) => mood + normal(random)),
  }));
}

/** By so many standard deviations, in some of the runs of one series. */
function shifted(segments: readonly Segment[], of: number, by: (run: number) => number): Segment[] {
  return segments.map((segment, i) =>
    i === of ? { ...segment, values: segment.values.map((value, run) => value + by(run)) } : segment,
  );
}

describe('change points of a page', () => {
  test('of 200 pages on which nothing changes fewer than 5 % show one', () => {
    const pages = Array.from({ length: 200 }, (_, seed) =>
      changePointsOf(page(seed + 1, 8, 12), 12, seededRandom(seed), ORDERS),
    );
    const alarms = pages.filter((found) => found.some((points) => points.length > 0)).length;
    assert.ok(alarms < 10, `${alarms} of 200`);
  });

  test('a step is found in its series and dated, two are two', () => {
    const stepped = shifted(page(5, 8, 40), 3, (run) => (run >= 14 ? 12 : 0) - (run >= 27 ? 12 : 0));
    const found = changePointsOf(stepped, 40, seededRandom(1), ORDERS);
    assert.deepEqual(
      found.map((points) => points.map(({ run }) => run)),
      stepped.map((_, i) => (i === 3 ? [14, 27] : [])),
    );
  });

  test('at ten runs a step in the middle can be told among a hundred series, of nine runs nothing', () => {
    const ten = shifted(page(9, 100, 10), 0, (run) => (run >= 5 ? 40 : 0));
    assert.deepEqual(
      changePointsOf(ten, 10, seededRandom(1))[0]?.map(({ run }) => run),
      [5],
    );
    const nine = shifted(page(9, 3, 9), 0, (run) => (run >= 5 ? 40 : 0));
    assert.deepEqual(changePointsOf(nine, 9, seededRandom(1)), [[], [], []]);
  });

  test('one odd run is no change point', () => {
    const odd = shifted(page(11, 4, 20), 1, (run) => (run === 10 ? 40 : 0));
    assert.deepEqual(changePointsOf(odd, 20, seededRandom(1), ORDERS), [[], [], [], []]);
  });
});
