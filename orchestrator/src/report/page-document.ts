import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BenchError } from '../errors.js';
import { installed } from '../installation.js';
import { type Theme, THEMES } from './charts/theme.js';
import { escapeMarkup as escape } from './escape-markup.js';
import { PAGE_STYLE } from './page-style.js';

/** What a page consists of; text is escaped, `contents` and `below` are markup. */
export interface Page {
  readonly title: string;
  /** Of the run. */
  readonly id: string;
  readonly subtitle: string;
  readonly contents: string;
  /** What a reader without scripts is told in place of the interactive part. */
  readonly noScript: string;
  /** What the interactive part shows. */
  readonly model: unknown;
  readonly below: string;
  readonly place: PagePlace;
}

/**
 * One page that needs nothing else: heading, the interactive part with its model, and what stands below.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function pageOf({ title, id, subtitle, contents: links, noScript, model, below, place }: Page): string {
  const above = `<h1>${escape(title)}</h1>
<p class="muted">${escape(subtitle)}</p>
${links}
<div id="answer"><noscript><p>${escape(noScript)}</p></noscript></div>`;
  return documentOf({ title: `${title} · ${id}`, place, above, model, below: `${below}\n` });
}

/** What the document of a page is put together of; above and below are markup. */
export interface PageDocument {
  readonly title: string;
  readonly place: PagePlace;
  /** Beside that of every page. */
  readonly style?: string;
  readonly above: string;
  /** What the interactive part shows. */
  readonly model: unknown;
  readonly below: string;
}

/**
 * A whole document with the page's one script, which its policy allows by its hash.
 * @throws {BenchError} `page-not-built` where the script of the page was never bundled
 */
export function documentOf({ title, place, style = '', above, model, below }: PageDocument): string {
  const script = pageScript();
  const connects = place === 'served' ? ["connect-src 'self'"] : [];
  return frameOf({
    title,
    style: `${PAGE_STYLE}${style}`,
    policy: [`script-src 'sha256-${hashOf(script)}'`, ...connects, "base-uri 'none'", "form-action 'none'"],
    body: `${above}
<script type="application/json" id="model">${jsonInElement(model)}</script>
<script>${script}</script>
${below}`,
  });
}

/** A document in which no script runs. */
export interface StillDocument {
  readonly title: string;
  /** Beside that of every page. */
  readonly style: string;
  /** Markup. */
  readonly body: string;
  /** Whether a form of it may ask the server that it is from. */
  readonly asks?: boolean;
}

/** A whole document that shows what it is made of and does nothing. */
export function stillDocumentOf({ title, style, body, asks = false }: StillDocument): string {
  return frameOf({ title, style, policy: ["base-uri 'none'", `form-action '${asks ? 'self' : 'none'}'`], body });
}

interface Frame {
  readonly title: string;
  readonly style: string;
  /** Directives beside those of every page. */
  readonly policy: readonly string[];
  readonly body: string;
}

/** What every page of this program is framed by: nothing is fetched from anywhere, and its style is its own. */
function frameOf({ title, style, policy, body }: Frame): string {
  const directives = ["default-src 'none'", "style-src 'unsafe-inline'", ...policy];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${directives.join('; ')}">
<title>${escape(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<main>
${body}</main>
</body>
</html>
`;
}

/** Where a page is read: out of a file, or from this program while it runs. */
export type PagePlace = 'file' | 'served';

/** Beside this program when it is built: bundled from the components in `page/`. */
const SCRIPT_FILE = installed('orchestrator/dist/page/page.js');

/** The bundled components. @throws {BenchError} `page-not-built` */
function pageScript(): string {
  try {
    return readFileSync(SCRIPT_FILE, 'utf8').trim();
  } catch (cause) {
    throw new BenchError({
      code: 'page-not-built',
      message: `the script of the page, ${SCRIPT_FILE}, cannot be read`,
      hint: 'in a checkout npm run build makes it; an installed package without it is broken: install it again',
      cause,
    });
  }
}

/** As the policy of the page names the one script that may run (CSP Level 3, hash-source). */
function hashOf(script: string): string {
  return createHash('sha256').update(script).digest('base64');
}

/** JSON in which nothing can end the element that it stands in. */
function jsonInElement(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Where and how a run was made: terms with their values, whatever they are. */
export function factsSection(facts: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(facts).map(([name, value]) => {
    const shown = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
    return `<dt>${escape(name)}</dt><dd><code>${escape(shown)}</code></dd>`;
  });
  return `<section id="run"><h2>The run</h2><dl class="facts">${rows.join('')}</dl></section>`;
}

function colours({ targets }: Theme): string {
  return Object.entries(targets)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');
}

/** What every page looks like. */
const STYLE = `
:root { color-scheme: light dark; --paper: ${THEMES.light.background}; --ink: ${THEMES.light.ink}; --muted: ${THEMES.light.muted}; --line: ${THEMES.light.line}; --shade: ${THEMES.light.floor}; --warn: #9a5b00; --worse: ${THEMES.light.worse}; --better: ${THEMES.light.better}; }
:root { ${colours(THEMES.light)} }
@media screen and (prefers-color-scheme: dark) { :root { --paper: ${THEMES.dark.background}; --ink: ${THEMES.dark.ink}; --muted: ${THEMES.dark.muted}; --line: ${THEMES.dark.line}; --shade: ${THEMES.dark.floor}; --warn: #f2b84b; --worse: ${THEMES.dark.worse}; --better: ${THEMES.dark.better}; ${colours(THEMES.dark)} } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 28px; margin: 12px 0 0; }
h1, h2, h3, p, li { overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 44px 0 10px; }
.places { margin: 8px 0 28px; }
a { color: inherit; }
nav, .muted { color: var(--muted); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; white-space: nowrap; }
th, td { padding: 5px 12px 5px 0; text-align: right; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
tbody th:not(.level) { position: sticky; left: 0; background: var(--paper); }
tbody th, .words { text-align: left; }
th.level { padding-top: 16px; color: var(--muted); }
td.words { color: var(--warn); white-space: normal; min-width: 18ch; max-width: 44ch; }
td.plain { color: inherit; max-width: 80ch; }
.worse { color: var(--worse); font-weight: 600; }
.better { color: var(--better); font-weight: 600; }
.findings li { margin: 6px 0; }
.findings .warning b, .findings .void b { color: var(--warn); }
dt { font-weight: 600; margin-top: 10px; }
dd { margin: 0; max-width: 80ch; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; }
.facts dt { margin: 0; }
code { overflow-wrap: anywhere; }
@media (max-width: 600px) { h1 { font-size: 22px; } .facts { grid-template-columns: 1fr; } .facts dt { margin-top: 8px; } }
`;
