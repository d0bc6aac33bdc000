import { capitalised } from '../capitalised.js';
import { entryOf } from '../analyse/conduct/row-book.js';
import { groupBy } from '../grouping.js';
import { type Comparison, MEASURES } from '../record/comparison.js';
import { answerOf, baseOf, plainName } from './comparison-answer.js';
import { type ChangedFigure, placedRows, type PlacedRow, sidesOf, tally } from './comparison-rows.js';
import { type ShownVerdict, VERDICT_TEXT } from './comparison-verdict.js';
import { HOW_TO_READ } from './comparison-terminal.js';
import { HOW_TO_READ_CONDUCT } from './conduct-comparison.js';
import { OVERHEAD_NAME } from './overhead-kinds.js';
import { type Colour, colourOf } from './target-colour.js';

/** What a gate allows of a figure. */
export interface AllowedChange {
  /** Null: of any; then it is "worse", which is no place on an axis. */
  readonly name: string | null;
  /** A case of conduct; null: all. */
  readonly scenario: string | null;
  /** As a share of a's figure, or in its own unit. */
  readonly least: { readonly share: number } | { readonly amount: number };
}

/** What gates allowed, and what they say. */
export interface ShownGate {
  readonly allowed: readonly AllowedChange[];
  readonly failures: readonly string[];
  readonly unjudged: readonly string[];
  readonly reach: readonly string[];
}

/** A row of the page: one change. */
export interface PageChange {
  readonly gateway: string;
  readonly against: string;
  readonly colour: Colour;
  readonly scenario: string;
  readonly level: string;
  readonly cell: string;
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly change: string;
  readonly share: number | null;
  readonly verdict: ShownVerdict;
  readonly verdictText: string;
  readonly figure: ChangedFigure | null;
  /** What a gate allows it to be, in the figure's unit; null without one. */
  readonly limit: number | null;
}

/** All changes of one kind of figure. */
export interface PageChanges {
  /** `overhead.p50`; names its file. */
  readonly key: string;
  readonly title: string;
  /** What it is, and how its chart is read. */
  readonly sentence: string;
  readonly rows: readonly PageChange[];
}

/** Everything that the page of a comparison shows. All words and figures are made here; what is drawn follows from the rows. */
export interface ComparisonPageModel {
  readonly kind: 'comparison';
  /** `RUN against RUN`. */
  readonly run: string;
  readonly question: string;
  readonly tally: string;
  readonly answer: readonly string[];
  /** What differs between the two sides beside the gateway, and what limits the comparison. */
  readonly differences: readonly string[];
  readonly gate: { readonly verdict: 'fails' | 'not judged' | 'passes'; readonly lines: readonly string[] } | null;
  readonly sides: readonly string[];
  readonly howToRead: string;
  readonly gateways: readonly string[];
  readonly scenarios: readonly string[];
  readonly levels: readonly string[];
  readonly figures: readonly PageChanges[];
}

/** `sha256:` and as much of it as tells two apart. */
const SHOWN_DIGEST = 19;

/** What the page shows of a comparison. */
export function comparisonPageModel(comparison: Comparison, gate: ShownGate | null): ComparisonPageModel {
  const placed = placedRows(comparison);
  const rows = placed.map((row) => changeOf(row, gate?.allowed ?? []));
  const { a, b, conduct, notes } = comparison;
  const kept = (of: (row: PageChange) => string): string[] => [...new Set(rows.map(of))].filter((one) => one !== '');
  return {
    kind: 'comparison',
    run: a.run === b.run ? a.run : `${b.run} against ${a.run}`,
    question: questionOf(rows, conduct !== undefined),
    tally: tally(comparison),
    answer: answerOf(comparison),
    differences: [...differencesOf(comparison), ...notes],
    gate: gate === null ? null : gateOf(gate),
    sides: sidesOf(comparison),
    howToRead: conduct === undefined ? HOW_TO_READ : HOW_TO_READ_CONDUCT,
    gateways: kept(({ gateway }) => gateway),
    scenarios: kept(({ scenario }) => scenario),
    levels: kept(({ level }) => level),
    figures: [...groupBy(rows, ({ name }) => name)]
      .toSorted(([one], [other]) => orderOf(one) - orderOf(other))
      .map(([name, members]) => ({
        key: name,
        title: titleOf(name),
        sentence: sentenceOf(name, comparison, gate),
        rows: members,
      })),
  };
}

/** Whether cells are kept up with comes first, then quantities as they are listed; rows of a case as they come. */
function orderOf(name: string): number {
  return MEASURES.findIndex((known) => known === name);
}

function changeOf(row: PlacedRow, allowed: readonly AllowedChange[]): PageChange {
  const { of, scenario, level, cell, name, a, b, change, share, verdict, figure } = row;
  return {
    gateway: of.b,
    against: of.a,
    colour: colourOf(of.b),
    scenario,
    level,
    cell,
    name,
    a,
    b,
    change,
    share,
    verdict,
    verdictText: VERDICT_TEXT[verdict],
    figure,
    limit: figure === null ? null : limitOf(row, figure, allowed),
  };
}

/** The strictest of several; towards less where more is better. */
function limitOf(
  { name, scenario }: PlacedRow,
  { a, better }: ChangedFigure,
  allowed: readonly AllowedChange[],
): number | null {
  const about = allowed.filter((one) => one.name === name && (one.scenario === null || one.scenario === scenario));
  if (about.length === 0) return null;
  const sizes = about.map(({ least }) => ('share' in least ? least.share * Math.abs(a) : least.amount));
  return Math.min(...sizes) * (better === 'more' ? -1 : 1);
}

function questionOf(rows: readonly PageChange[], isConduct: boolean): string {
  const pairs = new Set(rows.map(({ gateway, against }) => JSON.stringify([gateway, against])));
  const [first] = rows;
  const while_ = isConduct ? ' while providers fail' : '';
  if (first === undefined) return `What changed${while_}?`;
  if (pairs.size > 1) return `What changed of ${pairs.size} gateways${while_}, from a to b?`;
  if (first.gateway === first.against) return `What changed of ${first.gateway}${while_}, from a to b?`;
  return `What is better or worse in ${first.gateway} (b) than in ${first.against} (a)${while_}?`;
}

/** Whatever else than the gateways might be why figures differ, the kind of comparison first. */
function differencesOf({ a, b, pairing }: Comparison): string[] {
  const versions = a.targets.flatMap((one, i) => {
    const other = b.targets[i];
    // Of two gateways their versions are no difference that one would look for.
    if (other === undefined || baseOf(one.name) !== baseOf(other.name)) return [];
    const said = (of: typeof one): string =>
      [of.version ?? 'version unknown', of.digest?.slice(0, SHOWN_DIGEST)]
        .filter((part) => part !== undefined)
        .join(' ');
    if (said(one) === said(other)) return one.name === other.name ? [`${one.name} is ${said(one)} on both sides`] : [];
    return [
      `${one.name === other.name ? one.name : `${one.name} and ${other.name}`}: ${said(one)} in a, ${said(other)} in b`,
    ];
  });
  return [
    pairing === 'blocks'
      ? 'One run: a and b were measured in turn in the same blocks, on one machine, by one plan'
      : `Two runs, at ${when(a.startedAt)} and at ${when(b.startedAt)}: what makes a run slow as a whole is in the intervals only as far as it is known`,
    ...versions,
  ];
}

function when(startedAt: string): string {
  return `${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
}

function gateOf({ failures, unjudged, reach }: ShownGate): NonNullable<ComparisonPageModel['gate']> {
  const lines = [...failures, ...unjudged.map((line) => `not judged: ${line}`), ...reach];
  if (failures.length > 0) return { verdict: 'fails', lines };
  return { verdict: unjudged.length > 0 ? 'not judged' : 'passes', lines };
}

function titleOf(name: string): string {
  const plain = plainName(name);
  return capitalised(plain);
}

function sentenceOf(name: string, { cells }: Comparison, gate: ShownGate | null): string {
  if (name === 'state') return 'Cells of which at least one side has no figure, and what follows from that.';
  const kinds = new Set(
    cells.flatMap(({ measures }) => measures.flatMap((one) => (one.name === name ? (one.by ?? []) : []))),
  );
  const by = [...kinds].map((kind) => OVERHEAD_NAME[kind]).join(', or ');
  const about = entryOf(name)?.about;
  const what = [by === '' ? '' : `It is the ${by}.`, about === undefined ? '' : `It is ${about}.`];
  const isLimited = gate?.allowed.some((one) => one.name === name) === true;
  return [
    ...what,
    'A mark is the change, its line the 95 % interval; what runs out of the diagram has an arrow. Within what is shaded no change is one: ' +
      'noise floor, or least effect.',
    isLimited ? 'The dashed line is what --fail-on allows.' : '',
    'Only what is told to be worse (▲) or better (▼) has a colour. A hollow mark cannot be told, also where its ' +
      'interval alone would say so: many figures are judged together.',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
