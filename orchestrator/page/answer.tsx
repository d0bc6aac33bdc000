import type { JSX } from 'preact';
import type { PageFigure, PageLevel, PageModel, PageQuantile, PageRow } from '../src/report/page-model.js';
import { Charts } from './charts.js';
import { Controls } from './controls.js';
import { CopyText, Drawer } from './drawer.js';
import { Features } from './features.js';
import { Marks } from './marks.js';
import { SortChoice, type SortColumn, sortRows, TargetHeads } from './sorting.js';
import { isChosen, useView, type View } from './view-state.js';
import { VERDICT_SIGN } from '../src/report/verdict-sign.js';

/** A column of figures: how it is headed, what it is sorted by, and what stands in it. */
interface Column extends SortColumn {
  readonly figure: (row: PageRow) => PageFigure | null;
  readonly show?: (row: PageRow) => JSX.Element | null;
}

/** The first screen: the question, the answers, and how far to trust them. */
export function Answer({ model }: { readonly model: PageModel }): JSX.Element {
  const [view, change] = useView(model);
  const columns = columnsOf(view, model);
  return (
    <>
      <p class="question">
        <b>{model.question}</b>
      </p>
      {model.answer === '' ? null : <p>{model.answer}</p>}
      {model.soak.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p class="muted">{model.trust}</p>
      <Marks all={model.findings} indices={model.runFindings} />
      <Controls model={model} view={view} change={change} />
      {model.features === null ? null : (
        <Features features={model.features} shows={(target) => isChosen(view.targets, target)} />
      )}
      <p class="muted">{model.legend}</p>
      <SortChoice columns={columns} sort={view.sort} sortBy={(sort) => change({ sort })} />
      <table>
        <TargetHeads columns={columns} sort={view.sort} sortBy={(sort) => change({ sort })} words="in words" />
        {model.scenarios
          .filter(({ scenario }) => isChosen(view.scenarios, scenario))
          .map(({ scenario, levels }) =>
            levels
              .filter(({ label }) => isChosen(view.levels, label))
              .map((level) => (
                <Group key={`${scenario} ${level.label}`} {...{ model, view, change, columns, scenario, level }} />
              )),
          )}
      </table>
      {model.targets
        .filter(({ absent }) => absent !== '')
        .map(({ name, absent }) => (
          <p key={name}>
            <b>{name}</b> was not measured: {absent}
          </p>
        ))}
      <details class="repeat">
        <summary>Repeat this</summary>
        <CopyText text={model.repeat} />
      </details>
      <Charts model={model} view={view} />
      <Drawer target={model.targets.find(({ name }) => name === view.about)} close={() => change({ about: '' })} />
    </>
  );
}

interface GroupProps {
  readonly model: PageModel;
  readonly view: View;
  readonly change: (changed: Partial<View>) => void;
  readonly columns: readonly Column[];
  readonly scenario: string;
  readonly level: PageLevel;
}

function Group({ model, view, change, columns, scenario, level }: GroupProps): JSX.Element {
  const rows = level.rows.filter(({ target }) => isChosen(view.targets, target));
  const figureIn = (row: PageRow, key: string): number | null =>
    columns.find((column) => column.key === key)?.figure(row)?.value ?? null;
  return (
    <tbody>
      <tr>
        <th class="group" colSpan={columns.length + 2} scope="rowgroup">
          <b>
            {scenario} · {level.label}
          </b>
          {level.basis === '' ? '' : ` · ${level.basis}`} · added: {level.by}
          {level.noiseFloor === '' ? '' : ` · direct’s two visits differ by up to ${level.noiseFloor}`}
          <Marks all={model.findings} indices={level.findings} />
        </th>
      </tr>
      {sortRows(rows, view.sort, figureIn).map((row) => (
        <tr key={row.target}>
          <th scope="row">
            <span class="swatch" style={{ background: `var(--${row.colour})` }} />
            <button type="button" class="name" aria-haspopup="dialog" onClick={() => change({ about: row.target })}>
              {row.target}
            </button>
            <Plays target={model.targets.find(({ name }) => name === row.target)} />
          </th>
          {columns.map((column) => (
            <td key={column.key} data-head={column.head}>
              {column.show?.(row) ?? column.figure(row)?.text ?? '–'}
            </td>
          ))}
          <td class="sentence">
            {row.sentence}
            <Marks all={model.findings} indices={row.findings} />
          </td>
        </tr>
      ))}
    </tbody>
  );
}

/** What a target is that is no LLM gateway, in a low voice. */
function Plays({ target }: { readonly target: PageModel['targets'][number] | undefined }): JSX.Element | null {
  return target === undefined || target.plays === '' ? null : <span class="muted"> {target.plays}</span>;
}

function columnsOf({ quantiles, baseline, ratio }: View, model: PageModel): Column[] {
  const rows = model.scenarios.flatMap(({ levels }) => levels.flatMap((level) => level.rows));
  const added = quantiles.map((quantile) =>
    baseline === 'direct' ? addsColumn(quantile, ratio) : againstColumn(quantile, baseline),
  );
  const columns: Column[] = [
    ...added,
    ...quantiles
      .filter((quantile) => rows.some(({ place }) => place[quantile] !== undefined))
      .map((quantile) => ({
        key: `place-${quantile}`,
        head: `place ${quantile}`,
        figure: ({ place }: PageRow) => place[quantile] ?? null,
      })),
    { key: 'rate', head: 'rps', figure: ({ achieved }) => achieved },
    { key: 'memory', head: 'MiB', figure: ({ memory }) => memory },
    { key: 'cpu', head: 'CPU µs a request', figure: ({ cpu }) => cpu },
  ];
  return columns;
}

function addsColumn(quantile: PageQuantile, ratio: boolean): Column {
  return {
    key: `added-${quantile}`,
    head: ratio ? `${quantile} latency, times direct’s` : `adds ${quantile} ms`,
    figure: ({ adds }) => adds[quantile] ?? null,
    show: ({ adds, absent }) => {
      const overhead = adds[quantile];
      if (overhead === undefined) return absent[quantile] === undefined ? null : <Absent why={absent[quantile]} />;
      const { text, bounds, verdict } = overhead;
      return (
        <span class={verdict}>
          <b>
            {ratio ? overhead.ratio : text} {VERDICT_SIGN[verdict]}
          </b>
          {ratio || bounds === '' ? null : <span class="bounds">{bounds}</span>}
        </span>
      );
    },
  };
}

function againstColumn(quantile: PageQuantile, baseline: string): Column {
  return {
    key: `added-${quantile}`,
    head: `${quantile} latency, times ${baseline}’s`,
    figure: ({ against }) => against[baseline]?.[quantile] ?? null,
    show: ({ target, against, state }) => {
      const pair = against[baseline]?.[quantile];
      if (target === baseline) return <Absent why="baseline" />;
      if (pair === undefined) return state === '' ? <Absent why={`no pair judged at ${quantile}`} /> : null;
      return (
        <span>
          {pair.text} <span class="bounds">{pair.told ? 'told apart' : 'cannot be told apart'}</span>
        </span>
      );
    },
  };
}

/** A figure that is not there, and why. */
function Absent({ why }: { readonly why: string }): JSX.Element {
  return <span class="absent">{why}</span>;
}
