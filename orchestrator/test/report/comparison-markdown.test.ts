import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MOST_CHARACTERS, renderComparisonMarkdown } from '#src/report/comparison-markdown.js';
import { madeCell as cell, madeComparison as comparison, madeMeasure as measure } from './made-comparison.js';

const rowsIn = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('| gw'));

describe('a comparison as a comment', () => {
  it('has the verdict first, then the worst, and no figure twice', () => {
    const text = renderComparisonMarkdown(
      comparison([
        cell(100, [
          measure('cpu', 'better', -0.2),
          measure('overhead.p50', 'worse', 0.1),
          measure('memory', 'worse', 0.9),
        ]),
        cell(500, [measure('cpu', 'cannot-be-told', 0.01), measure('overhead.p50', 'better', -0.5)]),
      ]),
      null,
    );
    assert.match(text, /^### Gateway benchmark: 2 worse, 2 better, 1 cannot be told apart\n/);
    assert.deepEqual(
      rowsIn(text).map((row) => /\| ([a-z.0-9]+) \|.*\(([^)]+)\)/.exec(row)?.slice(1)),
      [
        ['memory', '+90 %'],
        ['overhead.p50', '+10 %'],
        ['overhead.p50', '−50 %'],
        ['cpu', '−20 %'],
        ['cpu', '+1.0 %'],
      ],
    );
  });

  it('fits a comment however much was compared, and says what is missing', () => {
    for (const verdict of ['worse', 'cannot-be-told'] as const) {
      const cells = Array.from({ length: 400 }, (_, i) =>
        cell(i + 1, [measure('overhead.p50', verdict, 0.1 + i / 1000), measure('cpu', 'better', -0.1)]),
      );
      const notes = Array.from({ length: 300 }, (_, i) => `note ${i} `.repeat(10));
      const failures = Array.from({ length: 300 }, (_, i) => `overhead.p50>5%: cell ${i} is worse`);
      const text = renderComparisonMarkdown(comparison(cells, notes), { failures, unjudged: [], reach: [] });
      assert.ok(text.length <= MOST_CHARACTERS, String(text.length));
      assert.match(text, /\d+ more would not fit a comment: `compare … --json` has them all\./);
      assert.match(text, /- and 280 more/);
      assert.equal(new Set(rowsIn(text)).size, rowsIn(text).length);
    }
  });
});
