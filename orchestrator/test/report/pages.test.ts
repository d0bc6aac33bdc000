import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { readOriginal } from '#src/record/original.js';
import type { StoredRun } from '#src/record/run-directory.js';
import type { Summary } from '#src/record/summary.js';
import { renderHtml } from '#src/report/html.js';
import { renderMarkdown } from '#src/report/markdown.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { assertGolden } from '../golden.js';

const RULER = 'Differences below 41 µs at p50 cannot be told.';

const { manifest, trials } = syntheticRun();
const summary = analyse(manifest, trials);

/** A run in which a person chose the worst of names. */
function hostileRun(): StoredRun {
  const name = '</script><b>|"\'&';
  const targets = manifest.targets.map((target) => (target.name === 'portkey' ? { ...target, name } : target));
  const renamed = trials.map((trial) => (trial.target === 'portkey' ? { ...trial, target: name } : trial));
  return { manifest: { ...manifest, targets }, trials: renamed };
}

function hostile(): Summary {
  const run = hostileRun();
  return analyse(run.manifest, run.trials);
}

describe('renderMarkdown', () => {
  it('is the page of the run', () => {
    assertGolden('report.md', renderMarkdown(summary, RULER));
  });

  it('is the page of a directory of the original suite', async () => {
    const original = await readOriginal(resolve(import.meta.dirname, '../../test/fixtures/original'));
    assertGolden('report-original.md', renderMarkdown(analyse(original.manifest, original.trials), RULER));
  });

  it('has rows of equal length, whatever targets are called', () => {
    const tables = renderMarkdown(hostile(), RULER)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    const cells = tables.map((line) => line.replaceAll('\\|', '').split('|').length);
    assert.ok(tables.some((line) => line.includes('\\|')));
    // Side by side: one width of all scenarios, and memory; then three tables of scenarios, one of places and one of noise floors.
    assert.ok(new Set(cells).size <= 7);
    assert.ok(!renderMarkdown(hostile(), RULER).includes('<b>'));
  });
});

describe('renderHtml', () => {
  const html = renderHtml(summary, RULER, { manifest, trials });

  it('needs nothing else: no address but the namespaces of XML and that of a licence', () => {
    assert.doesNotMatch(html, /<script[^>]*\bsrc|<link|<img|@import|url\(\s*["']?http/i);
    // Where a target was asked is a fact in the model, which nothing follows.
    const addresses = new Set(
      html.replace(/<script type="application\/json"[^]*?<\/script>/, '').match(/https?:\/\/[^"'`\s)<]+/g),
    );
    const others = [...addresses].filter(
      (address) =>
        !/^http:\/\/www\.w3\.org\/(XML\/)?(1998|1999|2000)\/|\/zrender\/blob\/master\/LICENSE$/.test(address),
    );
    assert.deepEqual(others, []);
  });

  it('lets one script run, named by its hash, and nothing be fetched', () => {
    const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script]) => script ?? '');
    assert.equal(scripts.length, 1);
    const [script = ''] = scripts;
    assert.doesNotMatch(script, /<\/script|<!--/i);
    const hash = createHash('sha256').update(script).digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]?.split('; ');
    assert.deepEqual(policy, [
      "default-src 'none'",
      "style-src 'unsafe-inline'",
      `script-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.doesNotMatch(html, /\son[a-z]+=/);
  });

  it('shows every scenario with its table, in light and in dark', () => {
    for (const { name } of manifest.scenarios) assert.match(html, new RegExp(`<h2>${name}</h2>`));
    assert.equal(html.match(/<th class="level"/g)?.length, 6);
    assert.match(html, /saturated at 160\/500 rps/);
    assert.match(html, /prefers-color-scheme: dark/);
  });

  it('closes what it opens', () => {
    const written = html.replaceAll(/<script[^]*?<\/script>/g, '');
    for (const tag of [
      'table',
      'thead',
      'tbody',
      'tr',
      'td',
      'section',
      'figure',
      'svg',
      'g',
      'dl',
      'ul',
      'li',
      'main',
      'body',
    ]) {
      const opened = written.match(new RegExp(`<${tag}(\\s[^>]*[^/])?>`, 'g'))?.length ?? 0;
      const closed = written.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0;
      assert.equal(opened, closed, tag);
    }
  });

  it('gives no two elements the same id', () => {
    const ids = html.match(/\bid="[^"]+"/g) ?? [];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('escapes what people named', () => {
    const page = renderHtml(hostile(), RULER, hostileRun());
    assert.ok(!page.includes('</script><b>'));
    assert.ok(page.includes('&lt;/script&gt;&lt;b&gt;|&quot;&#39;&amp;'));
  });
});
