import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Chart } from '../src/report/charts/chart.js';
import type { Choice } from '../src/report/charts/chosen.js';
import type { PageModel } from '../src/report/page-model.js';
import { ChartFigure, useTheme } from './chart-figure.js';
import { isChosen, type View } from './view-state.js';

interface ChartsProps {
  readonly model: PageModel;
  readonly view: View;
}

/** The charts of what is chosen: those over the levels of a scenario, then those of each level in a fold. */
export function Charts({ model, view }: ChartsProps): JSX.Element {
  const names = model.targets.map(({ name }) => name);
  const theme = useTheme();
  const choice: Choice = {
    shows: (target) => isChosen(view.targets, names[target] ?? ''),
    quantiles: view.quantiles,
  };
  const shown = model.scenarios.filter(({ scenario }) => isChosen(view.scenarios, scenario));
  return (
    <section class="charts">
      {shown.map(({ scenario, levels, charts }) => {
        const figure = (chart: Chart): JSX.Element => (
          <ChartFigure key={chart.key} {...{ chart, scenario, names, theme, choice, run: model.run }} />
        );
        const open = levels.filter(({ label }) => isChosen(view.levels, label));
        return (
          <section key={scenario}>
            <h2>{scenario} in pictures</h2>
            <div class="grid">{charts.filter(({ level }) => level === null).map(figure)}</div>
            {open.map(({ label }, i) => (
              <Fold
                key={label}
                isFirst={i === 0}
                summary={`${scenario} at ${label}: distribution, way of a request, course of the run`}
                content={() => <div class="grid">{charts.filter(({ level }) => level === label).map(figure)}</div>}
              />
            ))}
          </section>
        );
      })}
    </section>
  );
}

interface FoldProps {
  readonly isFirst: boolean;
  readonly summary: string;
  readonly content: () => JSX.Element;
}

/** What is in it is made when it is opened: of a whole plan that is most of the page. */
function Fold({ isFirst, summary, content }: FoldProps): JSX.Element {
  const [open, setOpen] = useState(isFirst);
  return (
    <details class="level" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{summary}</summary>
      {open ? content() : null}
    </details>
  );
}
