import { escapeMarkup as escape } from './escape-markup.js';
import { stillDocumentOf } from './page-document.js';

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
  return stillDocumentOf({
    title: `Gateway benchmarks, ${runs.length} runs`,
    style: STYLE,
    asks: true,
    body: `<h1>Runs</h1>
<form role="search"><label>Runs with <input type="search" name="q" value="${escape(search)}" placeholder="a gateway, a date, a folder"></label> <button>Search</button></form>
<p class="muted" role="status">${runs.length} ${runs.length === 1 ? 'run' : 'runs'}${search === '' ? '' : ` with “${escape(search)}”`}</p>
<table>
<thead><tr><th scope="col">began</th><th scope="col">directory</th><th scope="col">targets</th><th scope="col">what</th><th scope="col"></th></tr></thead>
<tbody>
${runs.map(row).join('\n')}
</tbody>
</table>
`,
  });
}

function row({ key, directory, id, startedAt, targets, about, state }: ListedRun): string {
  const name =
    key === null ? escape(directory) : `<a href="run/${key}/" title="${escape(id)}">${escape(directory)}</a>`;
  const cells = [escape(startedAt.slice(0, 16).replace('T', ' ')), name, targets.map(escape).join(', '), escape(about)];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}<td class="state">${escape(state)}</td></tr>`;
}

const STYLE = `
.state { color: var(--warn); }
input { font: inherit; width: 32ch; max-width: 100%; }
button { font: inherit; }
table { font-size: 14px; width: 100%; }
th, td { text-align: left; white-space: normal; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { white-space: nowrap; }
`;
