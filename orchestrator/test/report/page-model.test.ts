import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { Summary } from '#src/record/summary.js';
import { formatMs } from '#src/report/format.js';
import { PAGE_QUANTILES, type PageRow, pageModel } from '#src/report/page-model.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

function rowsOf(of: Summary): PageRow[] {
  return pageModel(of, '', { manifest, trials }).scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows));
}

describe('pageModel', () => {
  it('has every cell of a target that was measured once', () => {
    const absent = new Set(
      pageModel(summary, '', { manifest, trials }).targets.flatMap(({ name, absent: why }) =>
        why === '' ? [] : [name],
      ),
    );
    const measured = summary.cells.filter(({ target }) => !absent.has(target));
    assert.ok(measured.length > 0);
    assert.equal(rowsOf(summary).length, measured.length);
  });

  it('shows an overhead as the judge left it, or says why there is none', () => {
    const judged = rowsOf(summary);
    for (const { target, state, adds, absent } of judged)
      for (const quantile of PAGE_QUANTILES) {
        const why = absent[quantile];
        if (state !== '') assert.deepEqual([adds[quantile], why], [undefined, undefined]);
        else if (target === 'direct') assert.equal(why, 'baseline');
        else assert.notEqual(adds[quantile] === undefined, why === undefined, `${target} ${quantile}`);
      }
    assert.ok(judged.some(({ adds }) => adds.p50?.verdict === 'above'));
  });

  it('names one noise floor in the table and in the chart of what is added', () => {
    const joined = syntheticRun({ ledger: true });
    const model = pageModel(analyse(joined.manifest, joined.trials), '', joined);
    let floors = 0;
    for (const { levels, charts } of model.scenarios) {
      const added = charts.find(({ key }) => key === 'added')?.drawing;
      for (const { label, by, noiseFloor } of levels) {
        const drawn =
          added?.kind === 'levels' ? added.panel.levels.find((level) => level.label === label)?.floor : null;
        if (drawn === null || drawn === undefined) continue;
        floors += 1;
        assert.match(by, /per-request/);
        assert.equal(Number.parseFloat(noiseFloor), Number.parseFloat(formatMs(1000 * drawn)), label);
      }
    }
    assert.ok(floors > 0);
  });

  it('turns a pair over for the other side', () => {
    const rows = rowsOf(summary);
    let pairs = 0;
    for (const { target, against } of rows)
      for (const [other, byQuantile] of Object.entries(against))
        for (const pair of Object.values(byQuantile)) {
          pairs += 1;
          const back = rows.flatMap((row) => (row.target === other ? Object.values(row.against[target] ?? {}) : []));
          assert.ok(back.some(({ value, told }) => Math.abs(value * pair.value - 1) < 1e-9 && told === pair.told));
        }
    assert.ok(pairs > 0);
  });

  it('leads from every finding to a place that shows it', () => {
    const { findings, runFindings, scenarios } = pageModel(summary, '', { manifest, trials });
    const shown = new Set([
      ...runFindings,
      ...scenarios.flatMap(({ levels }) =>
        levels.flatMap((level) => [...level.findings, ...level.rows.flatMap((row) => row.findings)]),
      ),
    ]);
    const lost = findings.filter((_, index) => !shown.has(index)).map(({ about }) => about);
    const absent = manifest.targets.filter((target) => target.absent !== undefined && target.absent !== null);
    assert.deepEqual(
      lost.filter((about) => !absent.some(({ name }) => about.startsWith(name))),
      [],
    );
  });
});

describe('the sentence of a row', () => {
  it('claims what the verdict claims', () => {
    for (const { target, state, adds, sentence } of rowsOf(summary)) {
      if (state !== '') assert.equal(sentence, `No figure: ${state}`);
      else if (target === 'direct') assert.match(sentence, /^The mock provider without a gateway/);
      else {
        const begins = { above: /^Adds [\d.]+ ms/, below: /^Is [\d.]+ ms faster/, 'within-noise': /^Cannot be told/ };
        assert.match(sentence, begins[adds.p50?.verdict ?? 'above']);
      }
    }
  });

  it('takes no gateway for the provider where direct was not measured', () => {
    const without = analyse(
      { ...manifest, targets: manifest.targets.filter(({ name }) => name !== 'direct') },
      trials.filter(({ target }) => target !== 'direct'),
    );
    const measured = rowsOf(without).filter(({ state }) => state === '');
    assert.ok(measured.length > 0);
    for (const { sentence, absent } of measured) {
      assert.equal(sentence, 'What it adds is not known: direct has no figure here.');
      assert.equal(absent.p50, 'direct has no figure');
    }
  });
});
