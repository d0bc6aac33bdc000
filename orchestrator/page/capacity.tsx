import type { JSX } from 'preact';
import type { CapacityPageModel } from '../src/report/capacity-page-model.js';
import type { CapacityRow } from '../src/report/capacity-rows.js';
import { ChartFigure, useTheme } from './chart-figure.js';
import { Choice } from './controls.js';
import { Downloads } from './download-buttons.js';
import { CopyText, Drawer } from './drawer.js';
import { SortChoice, type SortColumn, sortRows, TargetHeads } from './sorting.js';
import { isChosen, useWord, useWords } from './view-state.js';

type Shown = { readonly text: string; readonly value: number } | null;

/** A column of figures: what stands in it, and what it is sorted by. */
interface Column extends SortColumn {
  readonly figure: (row: CapacityRow) => Shown;
}

const COLUMNS: readonly Column[] = [
  {
    key: 'capacity',
    head: 'capacity',
    figure: ({ rate, value }) => ({ text: rate, value: value ?? Number.NEGATIVE_INFINITY }),
  },
  {
    key: 'place',
    head: 'place',
    figure: ({ place }) => (place === '' ? null : { text: place, value: place.charCodeAt(0) }),
  },
  { key: 'cpu', head: 'CPU µs a request', figure: ({ cpu }) => cpu },
  { key: 'rest', head: 'MiB at rest', figure: ({ rest }) => rest },
  { key: 'loaded', head: 'MiB under load', figure: ({ loaded }) => loaded },
  { key: 'overloaded', head: 'MiB overloaded', figure: ({ overloaded }) => overloaded },
];

/** The page of a search: what each target carries, how that ends, and the rates that say so. */
export function CapacityAnswers({ model }: { readonly model: CapacityPageModel }): JSX.Element {
  const [sort, sortBy] = useWord('sort');
  const [about, tellAbout] = useWord('about');
  const theme = useTheme();
  const names = model.targets.map(({ name }) => name);
  const [asked, choose] = useWords('target');
  const chosen = names.filter((name) => asked.includes(name));
  const shows = (name: string): boolean => isChosen(chosen, name);
  const choice = { shows: (target: number) => shows(names[target] ?? ''), quantiles: [] };
  return (
    <>
      <p class="question">
        <b>{model.question}</b>
      </p>
      <p class="muted">{model.trust}</p>
      <div class="tools">
        <Choice legend="targets" all={searchedOf(model)} chosen={chosen} choose={choose} />
        <Downloads table={() => tableOf(model)} model={model} />
      </div>
      <SortChoice columns={COLUMNS} sort={sort} sortBy={sortBy} />
      <table>
        <TargetHeads columns={COLUMNS} sort={sort} sortBy={sortBy} words="how it ends" />
        {model.scenarios.map(({ scenario, about: what, rows }) => (
          <tbody key={scenario}>
            <tr>
              <th class="group" colSpan={COLUMNS.length + 2} scope="rowgroup">
                <b>{scenario}</b>
                {what === null ? '' : ` · ${what}`}
              </th>
            </tr>
            {sortRows(
              rows.filter(({ target }) => shows(target)),
              sort,
              valueOf,
            ).map((row) => (
              <Row key={row.target} row={row} model={model} open={() => tellAbout(row.target)} />
            ))}
          </tbody>
        ))}
      </table>
      <details class="repeat">
        <summary>Repeat this</summary>
        <CopyText text={model.repeat} />
      </details>
      {model.scenarios.map(({ scenario, chart }) => (
        <section key={scenario}>
          <h2>{scenario} in pictures</h2>
          <ChartFigure {...{ chart, scenario, names, theme, choice, run: model.run }} />
        </section>
      ))}
      <Drawer target={model.targets.find(({ name }) => name === about)} close={() => tellAbout('')} />
    </>
  );
}

/** Who was looked for, in the order of the page. */
function searchedOf({ targets, scenarios }: CapacityPageModel): string[] {
  const rows = new Set(scenarios.flatMap((scenario) => scenario.rows.map(({ target }) => target)));
  return targets.flatMap(({ name }) => (rows.has(name) ? [name] : []));
}

/** Memory in bytes, CPU in microseconds a request, as the figures are sorted by. */
function tableOf({ scenarios }: CapacityPageModel): (string | number | null | undefined)[][] {
  const lines = scenarios.flatMap(({ scenario, rows }) =>
    rows.map((row) => [
      scenario,
      row.target,
      row.rate,
      row.value,
      row.place,
      ...[row.cpu, row.rest, row.loaded, row.overloaded].map((figure) => figure?.value),
      row.end.join('; '),
      row.basis.join('; '),
    ]),
  );
  return [CSV_HEAD, ...lines];
}

const CSV_HEAD = [
  'scenario',
  'target',
  'capacity',
  'capacity_low_rps',
  'place',
  'cpu_us_per_request',
  'memory_rest_bytes',
  'memory_loaded_bytes',
  'memory_overloaded_bytes',
  'end',
  'basis',
];

function valueOf(row: CapacityRow, key: string): number | null {
  const value = COLUMNS.find((column) => column.key === key)?.figure(row)?.value ?? null;
  return value === Number.NEGATIVE_INFINITY ? null : value;
}

interface RowProps {
  readonly row: CapacityRow;
  readonly model: CapacityPageModel;
  readonly open: () => void;
}

function Row({ row, model, open }: RowProps): JSX.Element {
  const colour = model.targets.find(({ name }) => name === row.target)?.colour ?? 'grey';
  const [range, ...more] = row.rate.split(/; |: /);
  return (
    <tr>
      <th scope="row">
        <span class="swatch" style={{ background: `var(--${colour})` }} />
        <button type="button" class="name" aria-haspopup="dialog" onClick={open}>
          {row.target}
        </button>
      </th>
      {COLUMNS.map(({ key, head, figure }) => (
        <td key={key} data-head={head}>
          {key === 'capacity' ? <b>{range}</b> : (figure(row)?.text ?? '–')}
        </td>
      ))}
      <td class="sentence">
        {[...more, ...row.end].join('; ')}
        {row.basis.length === 0 ? null : (
          <details class="notes">
            <summary>what it rests on</summary>
            <ul>
              {row.basis.map((line) => (
                <li key={line}>{line}</li>
              ))}
              {row.restCpu === null ? null : <li>CPU at rest {row.restCpu.text} % of one</li>}
            </ul>
          </details>
        )}
      </td>
    </tr>
  );
}
