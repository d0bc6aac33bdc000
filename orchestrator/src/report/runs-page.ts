import { THEMES } from './charts/theme.js';
import { escapeMarkup as escape } from './escape-markup.js';

/** A run directory in a list of them. */
export interface ListedRun {
  /** How the address names its page; null where it has none. */
  readonly key: string | null;
  readonly directory: string;
  readonly id: string;
  /** ISO 8601; empty where it cannot be read, like everything but the state. */
  readonly startedAt: string;
  readonly targets: readonly string[];
  readonly about: string;
  /** What is to be known before it is opened; empty for a run that is whole. */
  readonly state: string;
}

/** A list of runs with a search, which the server does: no script runs in the page. */
export function renderRunsPage(runs: readonly ListedRun[], search: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'">
<title>Gateway benchmarks, ${runs.length} runs</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Runs</h1>
<form role="search"><label>Runs with <input type="search" name="q" value="${escape(search)}" placeholder="a gateway, a date, a folder"></label> <button>Search</button></form>
<p class="muted" role="status">${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${search === '' ? '' : ` with “${escape(search)}”`}</p>
<table>
<thead><tr><th scope="col">began</th><th scope="col">directory</th><th scope="col">targets</th><th scope="col">what</th><th scope="col"></th></tr></thead>
<tbody>
${runs.map(row).join('\n')}
</tbody>
</table>
</main>
</body>
</html>
`;
}

function row({ key, directory, id, startedAt, targets, about, state }: ListedRun): string {
  const name =
    key === null ? escape(directory) : `<a href="run/${key}/" title="${escape(id)}">${escape(directory)}</a>`;
  const cells = [escape(startedAt.slice(0, 16).replace('T', ' ')), name, targets.map(escape).join(', '), escape(about)];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}<td class="state">${escape(state)}</td></tr>`;
}

const STYLE = `
:root { color-scheme: light dark; --paper: ${THEMES.light.background}; --ink: ${THEMES.light.ink}; --muted: ${THEMES.light.muted}; --line: ${THEMES.light.line}; --warn: #9a5b00; }
@media (prefers-color-scheme: dark) { :root { --paper: ${THEMES.dark.background}; --ink: ${THEMES.dark.ink}; --muted: ${THEMES.dark.muted}; --line: ${THEMES.dark.line}; --warn: #f2b84b; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 80px; }
h1 { font-size: 24px; margin: 12px 0; }
a { color: inherit; }
.muted { color: var(--muted); }
.state { color: var(--warn); }
input { font: inherit; width: 32ch; max-width: 100%; }
button { font: inherit; }
table { border-collapse: collapse; font-size: 14px; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
`;
