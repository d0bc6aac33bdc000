import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageModel } from '../src/report/page-model.js';

interface DrawerProps {
  /** Undefined: closed. */
  readonly target: PageModel['targets'][number] | undefined;
  readonly close: () => void;
}

/** What ran under a target's name: version, digest, limits, and its configuration to copy. */
export function Drawer({ target, close }: DrawerProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (target === undefined) dialog.current?.close();
    else if (dialog.current?.open === false) dialog.current.showModal();
  }, [target]);
  return (
    <dialog ref={dialog} aria-label={target === undefined ? 'a target' : `About ${target.name}`} onClose={close}>
      {target === undefined ? null : (
        <>
          <form method="dialog">
            <button type="submit">Close</button>
          </form>
          <h2>{target.name}</h2>
          <dl>
            {target.facts.map(([term, value]) => (
              <div key={term}>
                <dt>{term}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <h3>Configuration</h3>
          {target.configuration === '' ? (
            <p class="muted">This run did not record it.</p>
          ) : (
            <>
              <p class="muted">As it was resolved when the run began; secrets were taken out before it was written.</p>
              <CopyText key={target.name} text={target.configuration} />
            </>
          )}
        </>
      )}
    </dialog>
  );
}

/** A text to take away. Where the browser lends no clipboard it is selected instead. */
export function CopyText({ text }: { readonly text: string }): JSX.Element {
  const [said, say] = useState('');
  const place = useRef<HTMLPreElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say('copied');
    } catch {
      getSelection()?.selectAllChildren(place.current as Node);
      say('selected: copy it with the keyboard');
    }
  };
  return (
    <div class="copy">
      <button type="button" onClick={() => void copy()}>
        Copy
      </button>{' '}
      <span role="status">{said}</span>
      <pre ref={place} tabIndex={0} role="group" aria-label="text to copy">
        {text}
      </pre>
    </div>
  );
}
