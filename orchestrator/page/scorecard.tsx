import type { JSX } from 'preact';
import type {
  ConductCell,
  ConductEvidence,
  ConductPageCase,
  ConductPageModel,
  PageStory,
} from '../src/report/conduct-page-model.js';
import { Downloads } from './download-buttons.js';
import { SortChoice, SortHeads, sortRows } from './sorting.js';
import { useWord } from './view-state.js';

/** What speaks against whom, and a table a case whose figures open. */
export function Scorecard({ model }: { readonly model: ConductPageModel }): JSX.Element {
  return (
    <>
      <p class="question">
        <b>{model.question}</b>
      </p>
      <p class="muted">{model.trust}</p>
      <p class="muted">{model.ruler}</p>
      <ul>
        {model.targets.map(({ name, colour, against }) => (
          <li key={name}>
            <span class="swatch" style={{ background: `var(--${colour})` }} />
            <b>{name}</b> {against.length === 0 ? 'nothing speaks against it' : against.join('; ')}
          </li>
        ))}
      </ul>
      <div class="tools">
        <Downloads table={() => tableOf(model)} model={model} />
      </div>
      {model.cases.map((one) => (
        <CaseTable key={one.name} one={one} />
      ))}
    </>
  );
}

function tableOf({ cases }: ConductPageModel): (string | number | null)[][] {
  const lines = cases.flatMap(({ name, columns, rows }) =>
    rows.flatMap(({ target, cells }) =>
      columns.flatMap(({ row }) => {
        const cell = cells[row];
        return cell === undefined ? [] : [[name, target, row, cell.value, cell.text, cell.bounds, cell.verdict]];
      }),
    ),
  );
  return [['case', 'target', 'row', 'value', 'in_words', 'interval', 'verdict'], ...lines];
}

/** A table whose heads sort it and whose figures open what they rest on. */
function CaseTable({ one }: { readonly one: ConductPageCase }): JSX.Element {
  const [sort, sortBy] = useWord(`sort-${one.name}`);
  // A row of the book, then whose: what a target is called may hold anything.
  const [open, show] = useWord(`open-${one.name}`);
  const columns = one.columns.map(({ row, head, about }) => ({ key: row, head, about }));
  return (
    <div class="wide">
      <SortChoice columns={columns} sort={sort} sortBy={sortBy} />
      <table>
        <caption class="group">
          <b>{one.name}</b> {one.about}
        </caption>
        <thead>
          <tr>
            <th scope="col" class="words">
              target
            </th>
            <SortHeads columns={columns} sort={sort} sortBy={sortBy} />
          </tr>
        </thead>
        <tbody>
          {sortRows(one.rows, sort, ({ cells }, row) => cells[row]?.value).map(({ target, colour, cells }) => {
            const opened = one.columns.find(({ row }) => open === `${row}/${target}`)?.row ?? null;
            return [
              <tr key={target}>
                <th scope="row">
                  <span class="swatch" style={{ background: `var(--${colour})` }} />
                  {target}
                </th>
                {one.columns.map(({ row, head }) => (
                  <Figure
                    key={row}
                    head={head}
                    cell={cells[row]}
                    opened={opened === row}
                    toggle={() => show(opened === row ? '' : `${row}/${target}`)}
                  />
                ))}
              </tr>,
              opened === null ? null : (
                <tr key={`${target} evidence`} class="evidence">
                  <td colSpan={one.columns.length + 1}>
                    <Evidence evidence={cells[opened]?.evidence} />
                  </td>
                </tr>
              ),
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

interface FigureProps {
  readonly head: string;
  readonly cell: ConductCell | undefined;
  readonly opened: boolean;
  readonly toggle: () => void;
}

function Figure({ head, cell, opened, toggle }: FigureProps): JSX.Element {
  if (cell === undefined) return <td data-head={head}>–</td>;
  return (
    <td data-head={head} class={cell.verdict}>
      <button type="button" aria-expanded={opened} onClick={toggle}>
        {cell.verdict === 'against' ? '! ' : ''}
        {cell.text}
        {cell.bounds === '' ? null : <span class="bounds">{cell.bounds}</span>}
      </button>
    </td>
  );
}

function Evidence({ evidence }: { readonly evidence: ConductEvidence | undefined }): JSX.Element | null {
  if (evidence === undefined) return null;
  return (
    <>
      {evidence.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      {evidence.story === null ? null : <StoryLine story={evidence.story} />}
      <p>
        All of them: <code>{evidence.command}</code>
      </p>
    </>
  );
}

/** Client and attempts on one line of time. */
function StoryLine({ story }: { readonly story: PageStory }): JSX.Element {
  return (
    <figure>
      <figcaption>{story.title}</figcaption>
      {story.lanes.map(({ who, from, to, how }, i) => (
        <div class="lane" key={`${who} ${i}`}>
          <span>{who}</span>
          <span class="line">
            <span class={`bar ${how}`} style={{ left: `${100 * from}%`, width: `${100 * (to - from)}%` }} />
          </span>
        </div>
      ))}
      <details class="notes">
        <summary>in words</summary>
        <ul>
          {story.lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
    </figure>
  );
}
