import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LiveEvents, LivePhase, LiveState } from '../src/report/live-model.js';
import { Answers } from './answers.js';

/** A viewer keeps no more lines than the server does. */
const KEPT_LINES = 300;

/** A run that goes on: where it is, what happened, and the answer so far. At its end the address has the report. */
export function Live({ events }: { readonly events: string }): JSX.Element {
  const [state, setState] = useState<LiveState | null>(null);
  const [connected, setConnected] = useState(true);
  const [ended, setEnded] = useState<string | null>(null);
  useEffect(() => listen(events, { setState, setConnected, setEnded }), []);
  if (state === null) return <p>Connecting …</p>;
  const { phase, lines, model } = state;
  return (
    <>
      <section class="phase" aria-label="the run">
        <div role="status">
          <b>{ended === null ? phase.state : 'ended'}</b> {phase.progress}
        </div>
        {phase.total === 0 ? null : <progress aria-label="trials" max={phase.total} value={phase.done} />}
        <p class="doing">{ended ?? phase.doing}</p>
        {ended === null ? <Buttons phase={phase} /> : null}
        {connected || ended !== null ? null : <p class="lost">The connection is lost; it is tried again.</p>}
        <details>
          <summary>what happened ({lines.length})</summary>
          <ol class="lines" reversed>
            {lines.toReversed().map(({ text, bad, kind }, i) => (
              <li key={lines.length - i} class={`${kind}${bad ? ' bad' : ''}`}>
                {text}
              </li>
            ))}
          </ol>
        </details>
      </section>
      {model === null ? <p>The table comes with the end of the first {phase.rests}.</p> : <Answers model={model} />}
    </>
  );
}

function Buttons({ phase: { state, rests: unit } }: { readonly phase: LivePhase }): JSX.Element {
  const post = (what: string): void => void fetch(what, { method: 'POST' });
  const rests = state === 'pausing' || state === 'paused';
  return (
    <div>
      {rests ? (
        <button type="button" onClick={() => post('resume')}>
          Go on
        </button>
      ) : (
        <button type="button" disabled={state === 'stopping'} onClick={() => post('pause')}>
          Pause at the end of the {unit}
        </button>
      )}
      <button type="button" disabled={state === 'stopping'} onClick={() => post('stop')}>
        Stop, and keep what there is
      </button>
      {state === 'pausing' ? <span class="muted">It rests when this {unit} is whole.</span> : null}
    </div>
  );
}

interface Setters {
  readonly setState: (change: (state: LiveState | null) => LiveState | null) => void;
  readonly setConnected: (connected: boolean) => void;
  readonly setEnded: (message: string) => void;
}

/** @returns stops listening */
function listen(address: string, { setState, setConnected, setEnded }: Setters): () => void {
  const source = new EventSource(address);
  const on = <Name extends keyof LiveEvents>(name: Name, take: (data: LiveEvents[Name]) => void): void =>
    source.addEventListener(name, (event) =>
      take(JSON.parse((event as MessageEvent<string>).data) as LiveEvents[Name]),
    );
  const change = (part: (state: LiveState) => Partial<LiveState>): void =>
    setState((state) => (state === null ? null : { ...state, ...part(state) }));
  on('state', (state) => setState(() => state));
  on('phase', (phase) => change(() => ({ phase })));
  on('line', (line) => change(({ lines }) => ({ lines: [...lines, line].slice(-KEPT_LINES) })));
  on('model', (model) => change(() => ({ model })));
  on('end', ({ hasReport, message }) => {
    source.close();
    setEnded(message);
    if (hasReport) location.reload();
  });
  source.addEventListener('open', () => setConnected(true));
  source.addEventListener('error', () => setConnected(false));
  return () => source.close();
}
