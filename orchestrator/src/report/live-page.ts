import { escapeMarkup as escape } from './escape-markup.js';
import { documentOf } from './page-document.js';

/**
 * The page of a run that goes on: the components of `report.html`, fed by events of the server that it is from.
 * @throws {BenchError} `page-not-built`
 */
export function renderLivePage(runId: string): string {
  const above = `<h1>LLM gateways in front of a mock backend</h1>
<p class="muted">${escape(`run ${runId}, while it goes on`)}</p>
<div id="answer" data-live="events"><noscript><p>To follow a run needs scripts; its report, when it has ended, does not.</p></noscript></div>`;
  return documentOf({
    title: `Measuring · ${runId}`,
    place: 'served',
    style: LIVE_STYLE,
    above,
    model: null,
    below: '',
  });
}

const LIVE_STYLE = `
#answer .phase { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; margin: 14px 0; }
#answer .phase progress { width: 100%; height: 8px; }
#answer .phase .doing { margin: 4px 0; overflow-wrap: anywhere; }
#answer .phase button { margin-right: 8px; }
#answer .lines { max-height: 14em; overflow-y: auto; font-size: 13px; margin: 6px 0; padding-left: 20px; overflow-wrap: anywhere; }
#answer .lines .bad { color: var(--warn); }
#answer .lost { color: var(--warn); }
`;
