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

  it('keeps the essential on a very narrow terminal', () => {
    const text = renderTable(summary, { columns: 50, colour: false });
    assert.match(text, /crabllm +500 +0\.\d+ +1\.\d+/);
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
