import type { JSX } from 'preact';
import type { PageModel, PageQuantile } from '../src/report/page-model.js';
import { Downloads } from './download-buttons.js';
import { reportTable } from './downloads.js';
import { levelsOf, type View } from './view-state.js';

interface ControlsProps {
  readonly model: PageModel;
  readonly view: View;
  readonly change: (changed: Partial<View>) => void;
}

/** What can be chosen. */
export function Controls({ model, view, change }: ControlsProps): JSX.Element {
  const quantiles: readonly PageQuantile[] = ['p50', 'p90', 'p99'];
  const shown = model.targets.filter(({ absent }) => absent === '').map(({ name }) => name);
  return (
    <div class="tools">
      <Choice
        legend="scenarios"
        all={model.scenarios.map(({ scenario }) => scenario)}
        chosen={view.scenarios}
        choose={(scenarios) => change({ scenarios })}
      />
      <Choice legend="levels" all={levelsOf(model)} chosen={view.levels} choose={(levels) => change({ levels })} />
      <Choice legend="targets" all={shown} chosen={view.targets} choose={(targets) => change({ targets })} />
      <Choice
        legend="quantiles"
        all={quantiles}
        chosen={view.quantiles}
        choose={(chosen) => change({ quantiles: chosen.length === 0 ? quantiles : chosen })}
      />
      <fieldset>
        <label>
          compared with{' '}
          <select value={view.baseline} onChange={({ currentTarget }) => change({ baseline: currentTarget.value })}>
            {['direct', ...shown.filter((name) => name !== 'direct')].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <input
            type="checkbox"
            checked={view.ratio || view.baseline !== 'direct'}
            disabled={view.baseline !== 'direct'}
            onChange={({ currentTarget }) => change({ ratio: currentTarget.checked })}
          />{' '}
          as a ratio
        </label>
      </fieldset>
      <Downloads table={() => reportTable(model)} model={model} />
    </div>
  );
}

interface ChoiceProps<T extends string> {
  readonly legend: string;
  readonly all: readonly T[];
  /** None is all. */
  readonly chosen: readonly T[];
  readonly choose: (chosen: T[]) => void;
}

/** Any number of a list, all of them where none is chosen. */
export function Choice<T extends string>({ legend, all, chosen, choose }: ChoiceProps<T>): JSX.Element | null {
  if (all.length < 2) return null;
  const on = (one: T): boolean => chosen.length === 0 || chosen.includes(one);
  const toggle = (one: T): void => {
    const next = all.filter((other) => (other === one ? !on(other) : on(other)));
    choose(next.length === all.length ? [] : next);
  };
  return (
    <fieldset>
      <legend>{legend}</legend>
      {all.map((one) => (
        <label key={one}>
          <input type="checkbox" checked={on(one)} onChange={() => toggle(one)} /> {one}
        </label>
      ))}
    </fieldset>
  );
}
