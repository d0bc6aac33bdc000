import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const LONGEST = 120;

/** Lines of text that are too long; tables, code, quotes and pictures cannot be broken, and a link alone cannot either. */
function longLines(text: string): string[] {
  let isCode = false;
  return text.split('\n').filter((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    const unbreakable = isCode || isFence || /^\s*(\||>|!\[|\[)/.test(line) || !/\S\s+\S/.test(line.trim());
    return !unbreakable && line.length > LONGEST;
  });
}

const pages = [
  ...readdirSync(new URL('docs', ROOT)).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];

for (const page of pages)
  test(`${page} is wrapped, so that a changed word shows as one line`, () =>
    assert.deepEqual(longLines(readFileSync(new URL(page, ROOT), 'utf8')), []));

test('a long line is seen', () => assert.equal(longLines(`short\n${'word '.repeat(30)}\n`).length, 1));
