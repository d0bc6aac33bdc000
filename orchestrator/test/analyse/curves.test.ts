import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { curvesOf, TAIL_STEP } from '#src/analyse/curves.js';
import { cellKey } from '#src/record/cell.js';
import type { ResourceRecord, TrialRecord } from '#src/record/trial.js';
import { syntheticRun } from './synthetic-run.js';

const { manifest, trials } = syntheticRun({ ledger: true, most: 500 });
const curves = curvesOf(manifest, trials);
const { cells } = analyse(manifest, trials);

describe('curvesOf', () => {
  it('goes through the figures of the summary, and ends where they do', () => {
    for (const curve of curves) {
      const cell = cells.find((one) => cellKey(one) === cellKey(curve));
      assert.equal(curve.tailUs.length > 0, cell?.state === 'ok');
      const [p90, p99] = [curve.tailUs[1 / TAIL_STEP], curve.tailUs[2 / TAIL_STEP]];
      for (const [at, figure] of [
        [p90, cell?.latencyUs.p90],
        [p99, cell?.latencyUs.p99],
      ] as const) {
        if (cell?.state !== 'ok') continue;
        assert.equal(at === undefined, figure === undefined);
        if (at !== undefined && figure !== undefined) assert.ok(Math.abs(at / figure.value - 1) < 0.002);
      }
    }
    assert.ok(curves.some(({ tailUs }) => tailUs.length > 2 / TAIL_STEP));
  });

  it('ascends', () => {
    for (const { tailUs } of curves)
      assert.deepEqual(
        tailUs,
        tailUs.toSorted((a, b) => a - b),
      );
  });

  it('has the seconds of a cell’s latency only where that is a figure, and of direct one trial a block', () => {
    for (const curve of curves) {
      const ok = curve.tailUs.length > 0;
      assert.equal(
        curve.blocks.some(({ seconds }) => seconds.length > 0),
        ok,
      );
      assert.equal(new Set(curve.blocks.map(({ block }) => block)).size, curve.blocks.length);
    }
  });

  it('leaves a quantile out of a second that is too small for it', () => {
    const at100 = curves.find(({ target, level }) => target === 'direct' && level.value === 100);
    const [second] = at100?.blocks[0]?.seconds ?? [];
    assert.ok(second !== undefined && second.p50Us !== null && second.p90Us !== null);
    assert.ok(second.p50Us < second.p90Us && second.p90Us < (second.maxUs ?? 0));
  });

  it('takes CPU from the readings about a second, and memory from the last look in it', () => {
    const series: ResourceRecord['series'] = [
      [0, 100, 0],
      [500, null, 250_000],
      [1000, 120, 500_000],
      [1900, 140, 500_000],
      [2000, null, 500_000],
    ];
    const [first] = trials as [TrialRecord];
    const resources = { ...(first.resources as ResourceRecord), series };
    const [watched] = curvesOf(manifest, [{ ...first, resources }]);
    assert.deepEqual(watched?.blocks[0]?.use, [
      { memoryBytes: 100, cores: 0.5 },
      { memoryBytes: 140, cores: 0 },
    ]);
  });
});
