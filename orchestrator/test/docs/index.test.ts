import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('../../../', import.meta.url));
const PAGES = readdirSync(`${TOP}docs`).filter((name) => name.endsWith('.md'));

test('the list of pages names every page', () => {
  const index = readFileSync(`${TOP}docs/README.md`, 'utf8');
  const missing = PAGES.filter((name) => name !== 'README.md' && !index.includes(`](${name})`));
  assert.deepEqual(missing, []);
});

test('links between pages lead to files, and to headings that are there', () => {
  const all = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...PAGES.map((name) => `docs/${name}`)];
  assert.deepEqual(
    all.flatMap((page) => deadLinks(page)),
    [],
  );
});

test('a dead link is seen', () => {
  assert.deepEqual(deadIn('docs/x.md', '[a](nowhere.md), [b](README.md#no-such-heading), [c](README.md#the-pages)'), [
    'docs/x.md: nowhere.md',
    'docs/x.md: README.md#no-such-heading',
  ]);
});

function deadLinks(page: string): string[] {
  return deadIn(page, readFileSync(`${TOP}${page}`, 'utf8'));
}

function deadIn(page: string, text: string): string[] {
  const links = [...text.replaceAll(/```[^]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leads(page, link)).map((link) => `${page}: ${link}`);
}

function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path === '' ? `${TOP}${page}` : `${TOP}${dirname(page)}/${path}`;
  if (!existsSync(file)) return false;
  return heading === undefined || anchorsOf(readFileSync(file, 'utf8')).includes(heading);
}

/** The names by which a forge links to headings: lower case, blanks as hyphens, without other signs. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}
