import { entryOf } from '../analyse/conduct/row-book.js';
import { groupBy } from '../grouping.js';
import type { Comparison } from '../record/comparison.js';
import { placedRows, type PlacedRow, signed } from './comparison-rows.js';
import { worstFirst } from './comparison-verdict.js';
import { listed } from './listed.js';

/** So many kinds of figures are named in a sentence; the table has all. */
const MOST_NAMED = 3;

/** Of a figure that may have changed by more than this share of itself nothing is known at all. */
const MOST_HIDDEN = 5;

/** What a figure is called in a sentence. */
export function plainName(name: string): string {
  if (name === 'state') return 'whether it keeps up';
  if (name === 'cpu') return 'CPU of a request';
  if (name === 'memory') return 'peak memory';
  const [of = '', quantile] = name.split('.');
  const known = PLAIN[of];
  return known === undefined || quantile === undefined ? (entryOf(name)?.head ?? name) : `${known} at ${quantile}`;
}

const PLAIN: Readonly<Record<string, string>> = {
  overhead: 'what it adds',
  latency: 'latency',
  ttft: 'time to first token',
  gap: 'gap between tokens',
};

/** What a reader of ten seconds takes home: of each pair what is worse, what is better, and what cannot be told, and how closely that was looked at. */
export function answerOf(comparison: Comparison): string[] {
  const pairs = groupBy(placedRows(comparison), ({ of }) => JSON.stringify([of.a, of.b]));
  if (pairs.size === 0) return ['Nothing was measured on both sides: there is nothing to compare.'];
  return [...pairs.values()].flatMap((rows) => pairAnswer(rows));
}

function pairAnswer(rows: readonly PlacedRow[]): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { a, b } = first.of;
  const isSame = baseOf(a) === baseOf(b);
  const subject = isSame && a !== b ? `${b}, against ${a},` : b;
  const says = { worse: 'got worse', better: 'got better', differs: 'changed' } as const;
  const against = { worse: `is worse than ${a}`, better: `is better than ${a}`, differs: `differs from ${a}` } as const;
  const told = (['worse', 'better', 'differs'] as const).flatMap((verdict) => {
    const changed = rows.filter((row) => row.verdict === verdict);
    return changed.length === 0 ? [] : [`${subject} ${(isSame ? says : against)[verdict]}: ${partsOf(changed, rows)}.`];
  });
  const judged = rows.filter(({ verdict }) => verdict !== 'not-compared').length;
  const none = isSame
    ? `Nothing is told to have changed of ${a === b ? b : `${b} against ${a}`}`
    : `Nothing is told to differ between ${a} and ${b}`;
  return [
    ...(told.length > 0 || judged === 0 ? told : [`${none}, in ${judged} ${plural(judged, 'figure')}.`]),
    ...hiddenOf(rows),
    ...notComparedOf(rows, b),
  ];
}

/** The kinds of figures that changed one way, those that did so most first. */
function partsOf(changed: readonly PlacedRow[], all: readonly PlacedRow[]): string {
  const kinds = [...groupBy(worstFirst(changed), ({ name }) => name)];
  const parts = kinds.slice(0, MOST_NAMED).map(([name, rows]) => {
    const of = all.filter((row) => row.name === name && row.verdict !== 'not-compared').length;
    const where = of === 1 ? '' : ` in ${rows.length} of ${of} places`;
    const [most] = rows;
    if (most === undefined) return '';
    const place = `${most.scenario}${most.level === '' ? '' : ` at ${most.level}`}`;
    if (most.figure === null) return `${plainName(name)}${where} (${place}: ${most.change})`;
    return `${plainName(name)}${where}, ${rows.length === 1 ? '' : 'most '}${shareText(most)} (${most.a} → ${most.b}, ${place})`;
  });
  const more = kinds.length - parts.length;
  return [...parts, ...(more > 0 ? [`and ${more} more ${plural(more, 'kind')} of figure`] : [])].join('; ');
}

function shareText({ share, change }: PlacedRow): string {
  if (share === null) return `by ${change.replace(/ \[.*/, '')}`;
  return share >= 9.995 ? `to ${(1 + share).toFixed(0)} times as much` : `by ${signed(100 * share)} %`;
}

/** Of what cannot be told: how large a change may hide in it, so that nobody takes it for none. */
function hiddenOf(rows: readonly PlacedRow[]): string[] {
  const open = rows.filter(({ verdict }) => verdict === 'cannot-be-told');
  if (open.length === 0) return [];
  const kinds = [...groupBy(open, ({ name }) => name)].flatMap(([name, members]) => {
    const reaches = members.flatMap(({ figure }) =>
      figure === null || figure.a === 0
        ? []
        : [Math.max(Math.abs(figure.low), Math.abs(figure.high)) / Math.abs(figure.a)],
    );
    const middle = reaches.toSorted((one, other) => one - other)[reaches.length >> 1];
    return middle === undefined ? [] : [{ name, middle }];
  });
  const blind = open.filter(({ figure }) => figure?.needed === null).length;
  const [count, them] = [open.length, open.length === 1 ? 'it' : 'them'];
  const parts = kinds.slice(0, MOST_NAMED).map(({ name, middle }) => {
    const most =
      middle > MOST_HIDDEN
        ? `more than ${100 * MOST_HIDDEN} %`
        : `up to ${(100 * middle).toFixed(middle < 0.0995 ? 1 : 0)} %`;
    return `${most} (${plainName(name)})`;
  });
  const which = open.length === 1 ? 'it' : 'the middle one of each kind';
  const hidden = parts.length === 0 ? '' : `: ${which} may have changed by ${listed(parts)}`;
  return [
    `Of ${count} ${plural(count, 'figure')} no change can be told${hidden}.`,
    ...(blind === 0
      ? []
      : [
          `Of ${blind} of ${them} the noise floor is unknown, as no block holds direct twice: nothing can be told there.`,
        ]),
  ];
}

function notComparedOf(rows: readonly PlacedRow[], b: string): string[] {
  const missing = rows.filter(({ verdict }) => verdict === 'not-compared');
  const [first] = missing;
  if (first === undefined) return [];
  const place = [first.scenario, first.level].filter((part) => part !== '').join(' at ');
  const more = missing.length === 1 ? '' : `, the first of ${missing.length}`;
  return [`Not compared of ${b}: ${plainName(first.name)}, ${place} (${first.change})${more}.`];
}

/** What a gateway is called without its version, build and variant. */
export function baseOf(name: string): string {
  return name.split(/[@:+]/, 1)[0] ?? name;
}

function plural(number: number, word: string): string {
  return number === 1 ? word : `${word}s`;
}
