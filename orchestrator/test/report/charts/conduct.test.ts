import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConductSeries } from '#src/analyse/conduct/series.js';
import { svgToPng } from '#src/report/charts/png.js';
import { conductPicture } from '#src/report/charts/conduct.js';
import { assertGolden } from '../../golden.js';

const SERIES: ConductSeries = {
  stepS: 0.25,
  providers: ['a', 'b'],
  steps: Array.from({ length: 16 }, (_, i) => ({
    fromS: i / 4,
    asked: 12,
    served: i >= 4 && i < 8 ? 0 : 12,
    attempts: { a: 12, b: i >= 4 && i < 8 ? 24 : 0 },
    latencyUs: i >= 4 && i < 8 ? null : 5000 + 100 * i,
  })),
  fault: { fromS: 1, untilS: 2 },
};

test('a case over time', () => assertGolden('conduct-picture.svg', conductPicture(SERIES, 'gw: <everything> is down')));

test('it can be drawn, also of nothing', () => {
  for (const series of [SERIES, { ...SERIES, steps: [] }])
    assert.ok(svgToPng(conductPicture(series, 'gw')).length > 1000);
});
