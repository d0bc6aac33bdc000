import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PageFeature, PageFeatures } from '../src/report/feature-page-model.js';
import { type SortColumn, SortHeads, sortRows } from './sorting.js';

interface FeaturesProps {
  readonly features: PageFeatures;
  /** Whether a variant is among the targets that are shown. */
  readonly shows: (target: string) => boolean;
}

/** What features cost: a table a level whose heads sort it and whose figures open what proves them. */
export function Features({ features, shows }: FeaturesProps): JSX.Element {
  return (
    <section class="features">
      <h2>What features cost</h2>
      <p class="muted">{features.legend}</p>
      {features.levels.map(({ at, rows }) => (
        <Matrix key={at} at={at} heads={features.heads} rows={rows.filter(({ target }) => shows(target))} />
      ))}
    </section>
  );
}

interface MatrixProps {
  readonly at: string;
  readonly heads: readonly string[];
  readonly rows: readonly PageFeature[];
}

function Matrix({ at, heads, rows }: MatrixProps): JSX.Element {
  const [sort, sortBy] = useState('');
  const [open, show] = useState('');
  const columns: readonly SortColumn[] = [
    { key: 'feature', head: 'feature' },
    { key: 'gateway', head: 'gateway' },
    ...heads.map((head) => ({ key: head, head: `adds ${head}` })),
  ];
  const valueOf = (row: PageFeature, key: string): number | string | null => {
    if (key === 'feature' || key === 'gateway') return row[key];
    return row.figures[heads.indexOf(key)]?.value ?? null;
  };
  return (
    <table>
      <caption class="group">
        <b>{at}</b>
      </caption>
      <thead>
        <tr>
          <SortHeads columns={columns} sort={sort} sortBy={sortBy} />
        </tr>
      </thead>
      <tbody>
        {sortRows(rows, sort, valueOf).map((row) => (
          <Row
            key={row.target}
            row={row}
            heads={heads}
            opened={open === row.target}
            toggle={() => show(open === row.target ? '' : row.target)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly row: PageFeature;
  readonly heads: readonly string[];
  readonly opened: boolean;
  readonly toggle: () => void;
}

function Row({ row, heads, opened, toggle }: RowProps): JSX.Element {
  const { feature, gateway, colour, figures, absent, evidence, command } = row;
  return (
    <>
      <tr>
        <th scope="row">
          <span class="swatch" style={{ background: `var(--${colour})` }} />
          {feature}
        </th>
        <td data-head="gateway" class="plain">
          {gateway}
        </td>
        {absent === '' ? (
          heads.map((head, i) => (
            <td key={head} data-head={`adds ${head}`}>
              <Opener opened={opened} toggle={toggle} label={`${feature} of ${gateway}, ${head}`}>
                <Figure figure={figures[i] ?? null} />
              </Opener>
            </td>
          ))
        ) : (
          <td colSpan={heads.length} class="sentence">
            <Opener opened={opened} toggle={toggle} label={`${feature} of ${gateway}`}>
              <span class="absent">{absent}</span>
            </Opener>
          </td>
        )}
      </tr>
      {opened ? (
        <tr class="evidence">
          <td colSpan={heads.length + 2}>
            {evidence.map((line) => (
              <p key={line}>{line}</p>
            ))}
            <p>
              Again: <code>{command}</code>
            </p>
          </td>
        </tr>
      ) : null}
    </>
  );
}

interface OpenerProps {
  readonly opened: boolean;
  readonly toggle: () => void;
  /** What opens, for whoever only hears it. */
  readonly label: string;
  readonly children: JSX.Element;
}

function Opener({ opened, toggle, label, children }: OpenerProps): JSX.Element {
  return (
    <button type="button" aria-expanded={opened} title={`what proves it: ${label}`} onClick={toggle}>
      {children}
    </button>
  );
}

function Figure({ figure }: { readonly figure: PageFeature['figures'][number] }): JSX.Element {
  if (figure === null) return <span class="absent">not known</span>;
  const [value, ...bounds] = figure.text.split(' ');
  return (
    <span class={figure.verdict}>
      <b>{value}</b> {figure.words}
      <span class="bounds">{bounds.join(' ')}</span>
    </span>
  );
}
