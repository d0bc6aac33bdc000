import type { JSX } from 'preact';

/** A column that sorts its table. */
export interface SortColumn {
  readonly key: string;
  readonly head: string;
  /** Told where the pointer rests. */
  readonly about?: string;
}

interface HeadsProps {
  readonly columns: readonly SortColumn[];
  /** A column's key, with `-` in front for the largest first; empty is the order that rows have by themselves. */
  readonly sort: string;
  readonly sortBy: (sort: string) => void;
}

/** The heads of columns, each a button that sorts by it and, pressed again, the other way round. */
export function SortHeads({ columns, sort, sortBy }: HeadsProps): JSX.Element {
  const sorted = (key: string): 'ascending' | 'descending' | 'none' => {
    if (sort === key) return 'ascending';
    return sort === `-${key}` ? 'descending' : 'none';
  };
  return (
    <>
      {columns.map(({ key, head, about }) => (
        <th key={key} scope="col" aria-sort={sorted(key)} title={about}>
          <button type="button" onClick={() => sortBy(sort === key ? `-${key}` : key)}>
            {head}
            {{ ascending: ' ↑', descending: ' ↓', none: '' }[sorted(key)]}
          </button>
        </th>
      ))}
    </>
  );
}

/** The same where heads have no room: on a narrow screen each row is a list of its figures. */
export function SortChoice({ columns, sort, sortBy }: HeadsProps): JSX.Element {
  return (
    <label class="narrow">
      sorted by{' '}
      <select value={sort} onChange={({ currentTarget }) => sortBy(currentTarget.value)}>
        <option value="">the plan</option>
        {columns.flatMap(({ key, head }) => [
          <option key={key} value={key}>{`${head} ↑`}</option>,
          <option key={`-${key}`} value={`-${key}`}>{`${head} ↓`}</option>,
        ])}
      </select>
    </label>
  );
}

/** The head of a table of targets: their name, columns that sort, and words on each. */
export function TargetHeads({ words, ...heads }: HeadsProps & { readonly words: string }): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col" class="words">
          target
        </th>
        <SortHeads {...heads} />
        <th scope="col" class="words">
          {words}
        </th>
      </tr>
    </thead>
  );
}

/**
 * Rows in the order that is asked for; those without the figure come last, whichever way.
 * @param valueOf what a row is sorted by, by the key of a column
 */
export function sortRows<Row>(
  rows: readonly Row[],
  sort: string,
  valueOf: (row: Row, key: string) => number | string | null | undefined,
): readonly Row[] {
  if (sort === '') return rows;
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: valueOf(row, sort.replace(/^-/, '')) ?? null }));
  return keyed
    .toSorted((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return sign * (a.value === b.value ? 0 : a.value < b.value ? -1 : 1);
    })
    .map(({ row }) => row);
}
