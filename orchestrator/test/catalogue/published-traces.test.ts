import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace, type TracePart, WHOLE_TRACE } from '#src/catalogue/trace.js';

const TRACES = join(import.meta.dirname, '../../test/fixtures/traces');

/** Rows as [milliseconds, prompt, answer], and how many have no answer. */
function read(path: string, part: Partial<TracePart> = {}) {
  const { atUs, promptTokens, outputTokens, unanswered } = readTrace(path, { ...WHOLE_TRACE, ...part });
  const rows = [...atUs].map((us, row) => [Math.round(us) / 1000, promptTokens[row], outputTokens[row]]);
  return { rows, unanswered };
}

const PUBLISHED: readonly (readonly [file: string, rows: readonly (readonly number[])[], unanswered: number])[] = [
  [
    'azure-2023.csv',
    [
      [0, 374, 44],
      [4314.579, 396, 109],
      [4541.877, 879, 55],
    ],
    0,
  ],
  [
    'azure-2024.csv',
    [
      [0, 2162, 5],
      [7.405, 2399, 6],
      [1990.07, 76, 15],
    ],
    0,
  ],
  [
    'burstgpt.csv',
    [
      [0, 472, 18],
      [40_000, 1087, 230],
      [116_000, 417, 276],
    ],
    1,
  ],
  [
    'burstgpt-sessions.csv',
    [
      [0, 472, 18],
      [113_000, 417, 276],
    ],
    1,
  ],
  [
    'mooncake.jsonl',
    [
      [0, 1501, 40],
      [0, 700, 3],
      [3000, 1100, 7],
      [5999, 520, 26],
    ],
    0,
  ],
];

for (const [file, rows, unanswered] of PUBLISHED)
  test(`${file} is read as it is published, plain and packed`, () => {
    assert.deepEqual(read(join(TRACES, file)), { rows, unanswered });
    const packed = join(mkdtempSync(join(tmpdir(), 'traces-')), `${file}.gz`);
    writeFileSync(packed, gzipSync(readFileSync(join(TRACES, file))));
    assert.deepEqual(read(packed), { rows, unanswered });
  });

test('a part of each begins anew at its first row, and comes as fast as asked', () => {
  const part = { fromUs: 1e6, forUs: 200e6, speed: 4 };
  assert.deepEqual(read(join(TRACES, 'burstgpt.csv'), part), {
    rows: [
      [0, 1087, 230],
      [19_000, 417, 276],
    ],
    unanswered: 1,
  });
  assert.deepEqual(read(join(TRACES, 'mooncake.jsonl'), part).rows, [
    [0, 1100, 7],
    [749.75, 520, 26],
  ]);
});
