import type { JSX } from 'preact';
import { changesDrawing, lackingIn, MOST_LANES, shownRows } from '../src/report/comparison-chart.js';
import type { ComparisonPageModel, PageChange, PageChanges } from '../src/report/comparison-page-model.js';
import { isChange, worstFirst } from '../src/report/comparison-verdict.js';
import { ChartFigure, useTheme } from './chart-figure.js';
import { type ComparisonView, formatComparisonView, parseComparisonView, VERDICTS } from './comparison-view.js';
import { Choice } from './controls.js';
import { downloadChanges, downloadJson } from './downloads.js';
import { type SortColumn, SortHeads, sortRows } from './sorting.js';
import { isChosen, useFragment } from './view-state.js';

/** So many changes stand on the first screen; the charts and their tables have all. */
const MOST_FIRST = 12;
/** So many rows without a place in a chart are named below it; its table has all. */
const MOST_LACKING = 12;

const COLUMNS: readonly SortColumn[] = [
  { key: 'a', head: 'a' },
  { key: 'b', head: 'b' },
  { key: 'change', head: 'change', about: 'b − a with its 95 % interval; sorted by its size' },
  { key: 'share', head: 'of a', about: 'the change as a share of a' },
  { key: 'verdict', head: 'verdict' },
];

/** The page of a comparison: what changed in sentences, then each kind of figure as a chart with its table. */
export function ComparisonAnswer({ model }: { readonly model: ComparisonPageModel }): JSX.Element {
  const [view, change] = useFragment(model, parseComparisonView, formatComparisonView);
  const isShown = ({ gateway, scenario, level, verdict }: PageChange): boolean =>
    isChosen(view.gateways, gateway) &&
    isChosen(view.scenarios, scenario) &&
    (level === '' || isChosen(view.levels, level)) &&
    isChosen(view.verdicts, verdict);
  const figures = model.figures
    .filter(({ key }) => isChosen(view.figures, key))
    .map((figure) => ({ ...figure, rows: sortRows(figure.rows.filter(isShown), view.sort, valueIn) }));
  const changed = worstFirst(figures.flatMap(({ rows }) => rows).filter(({ verdict }) => isChange(verdict)));
  return (
    <>
      <p class="question">
        <b>{model.question}</b>
      </p>
      <p>
        <b>{model.tally}</b>
      </p>
      <ul class="answer">
        {model.answer.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <Gate gate={model.gate} />
      <ul class="differences" aria-label="what else differs between a and b">
        {model.differences.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Controls model={model} view={view} change={change} />
      {changed.length === 0 ? null : (
        <section>
          <h2>What changed, worst first</h2>
          <ChangeTable rows={changed.slice(0, MOST_FIRST)} hasName sort="" />
          {changed.length > MOST_FIRST ? (
            <p class="muted">{changed.length - MOST_FIRST} more stand in the tables of the charts.</p>
          ) : null}
        </section>
      )}
      {figures
        .filter(({ rows }) => rows.length > 0 && rows.every(hasNoFigure))
        .map((figure) => (
          <Words key={figure.key} figure={figure} />
        ))}
      <div class="grid changes">
        {figures
          .filter(({ rows }) => !rows.every(hasNoFigure))
          .map((figure) => (
            <Kind key={figure.key} {...{ figure, model, view, change }} />
          ))}
      </div>
      {figures.every(({ rows }) => rows.length === 0) ? (
        <p class="absent">Nothing of what is chosen is there.</p>
      ) : null}
    </>
  );
}

function Gate({ gate }: { readonly gate: ComparisonPageModel['gate'] }): JSX.Element | null {
  if (gate === null) return null;
  const said = { fails: 'The gate fails.', passes: 'The gate passes.', 'not judged': 'The gate cannot be judged.' };
  return (
    <>
      <p class={gate.verdict === 'passes' ? '' : 'worse'}>
        <b>{said[gate.verdict]}</b>
      </p>
      {gate.lines.length === 0 ? null : (
        <details class="notes" open={gate.verdict !== 'passes' && gate.lines.length <= 6}>
          <summary>what it says ({gate.lines.length})</summary>
          <ul>
            {gate.lines.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface ViewProps {
  readonly model: ComparisonPageModel;
  readonly view: ComparisonView;
  readonly change: (changed: Partial<ComparisonView>) => void;
}

function Controls({ model, view, change }: ViewProps): JSX.Element {
  const rows = model.figures.flatMap((figure) => figure.rows);
  const verdicts = VERDICTS.filter((verdict) => rows.some((row) => row.verdict === verdict));
  return (
    <div class="tools">
      <Choice
        legend="figures"
        all={model.figures.map(({ key }) => key)}
        chosen={view.figures}
        choose={(figures) => change({ figures })}
      />
      <Choice
        legend="gateways"
        all={model.gateways}
        chosen={view.gateways}
        choose={(gateways) => change({ gateways })}
      />
      <Choice
        legend="scenarios"
        all={model.scenarios}
        chosen={view.scenarios}
        choose={(scenarios) => change({ scenarios })}
      />
      <Choice legend="levels" all={model.levels} chosen={view.levels} choose={(levels) => change({ levels })} />
      <Choice
        legend="verdicts"
        all={verdicts}
        chosen={view.verdicts}
        choose={(chosen) => change({ verdicts: chosen })}
      />
      <fieldset>
        <label>
          <input
            type="checkbox"
            checked={view.as === 'ratio'}
            onChange={({ currentTarget }) => change({ as: currentTarget.checked ? 'ratio' : 'difference' })}
          />{' '}
          as a ratio
        </label>
      </fieldset>
      <button type="button" onClick={() => downloadChanges(model)}>
        CSV
      </button>{' '}
      <button type="button" onClick={() => downloadJson(model, 'comparison')}>
        JSON
      </button>
    </div>
  );
}

/** One kind of figure: its chart, and its table behind it. */
function Kind({ figure, model, view, change }: ViewProps & { readonly figure: PageChanges }): JSX.Element {
  const theme = useTheme();
  const { key, title, sentence, rows } = figure;
  const shown = view.whole ? rows : shownRows(rows, MOST_LANES);
  const lacking = lackingIn(shown, view.as);
  const chart = {
    key,
    title,
    sentence,
    level: null,
    drawing: changesDrawing(shown, view.as, model.gateways),
    lacks: [
      ...lacking.slice(0, MOST_LACKING),
      ...(lacking.length > MOST_LACKING ? [`and ${lacking.length - MOST_LACKING} more, in the table`] : []),
    ],
  };
  const table = (): JSX.Element => (
    <ChangeTable rows={rows} sort={view.sort} sortBy={(sort) => change({ sort })} hasName={false} />
  );
  const choice = { shows: () => true, quantiles: [] };
  return (
    <div>
      <ChartFigure
        {...{ chart, scenario: 'comparison', names: model.gateways, theme, choice, run: model.run, table }}
      />
      {rows.length > MOST_LANES ? (
        <p class="muted">
          {view.whole
            ? `All ${rows.length} are drawn.`
            : `${shown.length} of ${rows.length} are drawn, those that changed first.`}{' '}
          <button
            type="button"
            aria-label={`${view.whole ? 'fewer' : 'all'} of ${title}`}
            onClick={() => change({ whole: !view.whole })}
          >
            {view.whole ? 'fewer' : 'all'}
          </button>
        </p>
      ) : null}
    </div>
  );
}

function hasNoFigure({ figure }: PageChange): boolean {
  return figure === null;
}

/** A kind of which all there is are words, such as whether cells are kept up with. */
function Words({ figure: { title, sentence, rows } }: { readonly figure: PageChanges }): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      <p class="muted">{sentence}</p>
      <table>
        <thead>
          <tr>
            {['of', 'what is known', 'verdict'].map((head) => (
              <th key={head} scope="col" class="words">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ cell, colour, name, change, verdict, verdictText }) => (
            <tr key={`${cell} ${name}`}>
              <th scope="row">
                <span class="swatch" style={{ background: `var(--${colour})` }} />
                {cell}
              </th>
              <td class="sentence">{change}</td>
              <td data-head="verdict" class={`words plain ${verdict}`}>
                {verdictText}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface TableProps {
  readonly rows: readonly PageChange[];
  /** Whether the rows are of several kinds of figure. */
  readonly hasName: boolean;
  readonly sort: string;
  /** Left out: it cannot be sorted. */
  readonly sortBy?: (sort: string) => void;
}

function ChangeTable({ rows, hasName, sort, sortBy }: TableProps): JSX.Element {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" class="words">
            of
          </th>
          {hasName ? (
            <th scope="col" class="words">
              figure
            </th>
          ) : null}
          {sortBy === undefined ? (
            COLUMNS.map(({ key, head }) => (
              <th key={key} scope="col">
                {head}
              </th>
            ))
          ) : (
            <SortHeads columns={COLUMNS} sort={sort} sortBy={sortBy} />
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ cell, colour, name, a, b, change, share, verdict, verdictText }) => (
          <tr key={`${cell} ${name}`}>
            <th scope="row">
              <span class="swatch" style={{ background: `var(--${colour})` }} />
              {cell}
            </th>
            {hasName ? (
              <td data-head="figure" class="words plain">
                {name}
              </td>
            ) : null}
            <td data-head="a">{a === '' ? '–' : a}</td>
            <td data-head="b">{b === '' ? '–' : b}</td>
            <td data-head="change" class="change">
              {change.replace(/ \([^()]*%\)$/, '')}
            </td>
            <td data-head="of a">{share === null ? '–' : percent(share)}</td>
            <td data-head="verdict" class={verdict}>
              {verdictText}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function percent(share: number): string {
  const size = 100 * Math.abs(share);
  return `${share < 0 ? '−' : '+'}${size.toFixed(size < 9.95 ? 1 : 0)} %`;
}

function valueIn({ figure, share, verdict }: PageChange, key: string): number | null {
  if (key === 'verdict') return VERDICTS.indexOf(verdict);
  if (key === 'share') return share;
  if (figure === null) return null;
  return key === 'a' || key === 'b' ? figure[key] : figure.value;
}
