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
    putFragment([format(next), zoomsIn(location.hash)].filter((part) => part !== '').join('&'));
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
  const [words, change] = useWords(key);
  return [words[0] ?? '', (word) => change(word === '' ? [] : [word])];
}

/** The same of a word that may be there several times. */
export function useWords(key: string): [readonly string[], (words: readonly string[]) => void] {
  const read = (): string[] => new URLSearchParams(location.hash.replace(/^#/, '')).getAll(key);
  const [words, show] = useState<readonly string[]>(read);
  useEffect(() => {
    const follow = (): void => {
      if (isView(location.hash)) show(read());
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [key]);
  const change = (next: readonly string[]): void => {
    const all = new URLSearchParams(isView(location.hash) ? location.hash.replace(/^#/, '') : '');
    all.delete(key);
    for (const word of next) all.append(key, word);
    putFragment(all.toString());
    show(next);
  };
  return [words, change];
}

/** The part of a chart that is shown, in percent of what it goes over. */
export interface Zoom {
  readonly start: number;
  readonly end: number;
}

/** Which part of a chart the address asks for, and how to change it. @param chart its name on the page */
export function useZoom(chart: string): [Zoom, (zoom: Zoom) => void] {
  const [word, change] = useWord(`${ZOOM}${chart}`);
  return [parseZoom(word), (zoom) => change(formatZoom(zoom))];
}

const ZOOM = 'zoom:';
const ALL: Zoom = { start: 0, end: 100 };

/** All of the chart where the word is none. @internal exported for tests */
export function parseZoom(word: string): Zoom {
  const [start = Number.NaN, end = Number.NaN] = /^([\d.]+)-([\d.]+)$/.exec(word)?.slice(1).map(Number) ?? [];
  return start < end && end <= 100 ? { start, end } : ALL;
}

/** Empty where all of it is shown. @internal exported for tests */
export function formatZoom({ start, end }: Zoom): string {
  const tenths = (percent: number): number => Math.round(10 * percent) / 10;
  const word = `${tenths(start)}-${tenths(end)}`;
  return word === `${ALL.start}-${ALL.end}` ? '' : word;
}

/** The words of a fragment that are of charts and no part of a view. */
function zoomsIn(hash: string): string {
  const words = [...new URLSearchParams(hash.replace(/^#/, ''))].filter(([key]) => key.startsWith(ZOOM));
  return new URLSearchParams(words).toString();
}

/** An anchor within the page is no view. */
function isView(hash: string): boolean {
  return hash === '' || hash.includes('=');
}

function putFragment(fragment: string): void {
  history.replaceState(null, '', fragment === '' ? location.href.replace(/#.*/, '') : `#${fragment}`);
}
