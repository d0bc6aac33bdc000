import { useEffect, useState } from 'preact/hooks';
import type { PageModel, PageQuantile } from '../src/report/page-model.js';

/** What a viewer has chosen. An empty list is all. */
export interface View {
  readonly scenarios: readonly string[];
  readonly levels: readonly string[];
  readonly targets: readonly string[];
  readonly quantiles: readonly PageQuantile[];
  readonly baseline: string;
  readonly ratio: boolean;
  /** A column's key, with `-` in front for the largest first; empty is the order of the plan. */
  readonly sort: string;
  /** The target whose drawer is open; empty: none. */
  readonly about: string;
}

const QUANTILES: readonly PageQuantile[] = ['p50', 'p90', 'p99'];

/** What is shown where the address says nothing. */
const FIRST: View = {
  scenarios: [],
  levels: [],
  targets: [],
  quantiles: ['p50', 'p99'],
  baseline: 'direct',
  ratio: false,
  sort: '',
  about: '',
};

/** The view that an address's fragment asks for; what the run does not have is left out of it. */
export function parseView(fragment: string, model: PageModel): View {
  const asked = new URLSearchParams(fragment.replace(/^#/, ''));
  const among = <T extends string>(key: string, known: readonly T[]): T[] => {
    const words = asked.getAll(key);
    return known.filter((one) => words.includes(one));
  };
  const targets = model.targets.map(({ name }) => name);
  const quantiles = among('q', QUANTILES);
  return {
    scenarios: among(
      'scenario',
      model.scenarios.map(({ scenario }) => scenario),
    ),
    levels: among('level', levelsOf(model)),
    targets: among('target', targets),
    quantiles: quantiles.length === 0 ? FIRST.quantiles : quantiles,
    baseline: among('against', targets)[0] ?? FIRST.baseline,
    ratio: asked.get('as') === 'ratio',
    sort: asked.get('sort') ?? '',
    about: among('about', targets)[0] ?? '',
  };
}

/** The fragment that brings a view back; empty for the first one. */
export function formatView(view: View): string {
  const words = new URLSearchParams();
  for (const scenario of view.scenarios) words.append('scenario', scenario);
  for (const level of view.levels) words.append('level', level);
  for (const target of view.targets) words.append('target', target);
  if (view.quantiles.join() !== FIRST.quantiles.join())
    for (const quantile of view.quantiles) words.append('q', quantile);
  if (view.baseline !== FIRST.baseline) words.set('against', view.baseline);
  if (view.ratio) words.set('as', 'ratio');
  if (view.sort !== '') words.set('sort', view.sort);
  if (view.about !== '') words.set('about', view.about);
  return words.toString();
}

/** Every level of any scenario, once. */
export function levelsOf({ scenarios }: PageModel): string[] {
  return [...new Set(scenarios.flatMap(({ levels }) => levels.map(({ label }) => label)))];
}

/** The view of the address, and how to change it; the address follows, so that it can be sent. */
export function useView(model: PageModel): [View, (change: Partial<View>) => void] {
  return useFragment(model, parseView, formatView);
}

/** The same of any page's view, by how it is read from a fragment and written into one. */
export function useFragment<Model, Of>(
  model: Model,
  parse: (fragment: string, model: Model) => Of,
  format: (view: Of) => string,
): [Of, (change: Partial<Of>) => void] {
  const [view, show] = useState(() => parse(location.hash, model));
  useEffect(() => {
    const follow = (): void => {
      if (isView(location.hash)) show(parse(location.hash, model));
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  const change = (changed: Partial<Of>): void => {
    const next = { ...view, ...changed };
    putFragment(format(next));
    show(next);
  };
  return [view, change];
}

/** Whether one of a choice is shown; an empty choice is all. */
export function isChosen(chosen: readonly string[], one: string): boolean {
  return chosen.length === 0 || chosen.includes(one);
}

/** One word of the address's fragment, and how to change it; the others stay as they are. Empty: it is not there. */
export function useWord(key: string): [string, (word: string) => void] {
  const read = (): string => new URLSearchParams(location.hash.replace(/^#/, '')).get(key) ?? '';
  const [word, show] = useState(read);
  useEffect(() => {
    const follow = (): void => {
      if (isView(location.hash)) show(read());
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [key]);
  const change = (next: string): void => {
    const words = new URLSearchParams(isView(location.hash) ? location.hash.replace(/^#/, '') : '');
    if (next === '') words.delete(key);
    else words.set(key, next);
    putFragment(words.toString());
    show(next);
  };
  return [word, change];
}

/** An anchor within the page is no view. */
function isView(hash: string): boolean {
  return hash === '' || hash.includes('=');
}

function putFragment(fragment: string): void {
  history.replaceState(null, '', fragment === '' ? location.href.replace(/#.*/, '') : `#${fragment}`);
}
