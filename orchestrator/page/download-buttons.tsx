import type { JSX } from 'preact';
import { downloadCsv, downloadJson } from './downloads.js';

interface DownloadsProps {
  /** Every row of what the page shows, its heads first. */
  readonly table: () => Parameters<typeof downloadCsv>[0];
  readonly model: unknown;
}

/** What a page shows, to take away: its rows for a spreadsheet, and its whole model. */
export function Downloads({ table, model }: DownloadsProps): JSX.Element {
  return (
    <>
      <button type="button" onClick={() => downloadCsv(table())}>
        CSV
      </button>{' '}
      <button type="button" onClick={() => downloadJson(model)}>
        JSON
      </button>
    </>
  );
}
