import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { analyse } from '#src/analyse/analyse.js';
import { readOriginal } from '#src/record/original.js';
import { renderTable } from '#src/report/terminal-table.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { assertGolden } from '../golden.js';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

describe('renderTable', () => {
  for (const columns of [140, 100, 80]) {
    it(`fits ${columns} columns`, () => {
      const text = renderTable(summary, { columns, colour: false });
      assertGolden(`table-${columns}.txt`, `${text}\n`);
      assert.ok(text.split('\n').every((line) => line.length <= columns));
    });
  }

  it('shows the time to first token of streams in every width', () => {
    for (const columns of [200, 140, 100, 80, 60, 40]) {
      assert.match(renderTable(summary, { columns, colour: false }), /ttft p50/, String(columns));
    }
  });

  for (const columns of [140, 80]) {
    it(`leads with per-request overhead where the ledger was joined, and says the places, in ${columns} columns`, () => {
      const joined = syntheticRun({ ledger: true });
      const text = renderTable(analyse(joined.manifest, joined.trials), { columns, colour: false });
      assertGolden(`table-ledger-${columns}.txt`, `${text}\n`);
      assert.ok(text.split('\n').every((line) => line.length <= columns));
      assert.doesNotMatch(text, /quantile shift/);
    });
  }

  it('calls each overhead by its name where some cells have no ledger', () => {
    const joined = syntheticRun({ ledger: true });
    const holed = joined.trials.map((trial) => (trial.target === 'portkey' ? { ...trial, ledger: null } : trial));
    const text = renderTable(analyse(joined.manifest, holed), { columns: 140, colour: false });
    assert.match(text, /added p50 +shift p50/);
    assert.match(text, /Places by quantile shift/);
    assert.doesNotMatch(text, /Places by per-request/);
  });

  it('keeps the essential on a very narrow terminal', () => {
    const text = renderTable(summary, { columns: 50, colour: false });
    assert.match(text, /crabllm +500 +0\.\d+ +1\.\d+/);
  });

  it('does not call a load short that kept up with a ramp below its level', () => {
    const ramped = trials.map((trial) =>
      trial.target === 'crabllm' && trial.load !== null && trial.level.value === 1000
        ? { ...trial, load: { ...trial.load, achievedRps: 550, scheduled: (550 * trial.load.windowMs) / 1000 } }
        : trial,
    );
    const text = renderTable(analyse(manifest, ramped), { columns: 140, colour: false });
    assert.match(text, /crabllm +550 /);
    assert.doesNotMatch(text, /550\/1000/);
  });

  it('does not call a cell short that kept up, though answers were under way when its windows ended', () => {
    const cells = summary.cells.map((cell) =>
      cell.state === 'ok' ? { ...cell, achievedRps: 0.98 * cell.level.value } : cell,
    );
    assert.match(renderTable({ ...summary, cells }, { columns: 140, colour: false }), /direct +98\.0 /);
  });

  it('is the same text with colours as without', () => {
    const coloured = renderTable(summary, { columns: 100, colour: true });
    assert.notEqual(coloured, stripVTControlCharacters(coloured));
    assert.equal(stripVTControlCharacters(coloured), renderTable(summary, { columns: 100, colour: false }));
  });

  it('shows what the original suite really measured', async () => {
    const original = await readOriginal(resolve(import.meta.dirname, '../../test/fixtures/original'));
    const text = renderTable(analyse(original.manifest, original.trials), { columns: 100, colour: false });
    assertGolden('table-original.txt', `${text}\n`);
  });

  it('tells an absent target once, with the reason', () => {
    const lines = renderTable(summary, { columns: 140, colour: false }).split('\n');
    assert.equal(lines.filter((line) => line.includes('bifrost is absent')).length, 1);
    assert.ok(lines.every((line) => !line.startsWith('  bifrost')));
  });
});
