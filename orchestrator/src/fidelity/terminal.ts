import Table from 'cli-table3';
import { paintFor, type TerminalStyle } from '../report/terminal-style.js';
import { wrap } from '../report/wrap.js';
import { type Alike, type CaseRows, caseRows, COUNTS_LEGEND, countsOf, fieldName } from './fidelity-rows.js';
import type { Fidelity, FieldFate, Passage } from './result.js';

/** The table of who keeps how much, and below it field by field what is not kept. */
export function renderFidelity(fidelity: Fidelity, style: TerminalStyle): string {
  const paint = paintFor(style);
  const rows = caseRows(fidelity);
  const table = new Table({ head: ['case', 'gateways', 'kept?'], style: { head: [], border: [], compact: true } });
  for (const row of rows)
    for (const [at, [who, what]] of summaryOf(row).entries()) table.push([at === 0 ? row.case : '', who, what]);
  return [
    ...(rows.length === 0
      ? []
      : [table.toString(), ...wrap(COUNTS_LEGEND, style.columns).map((line) => paint.dim(line))]),
    ...rows.flatMap((row) => detailsOf(row).flatMap((line) => indented(line, style.columns))),
    ...fidelity.gateways.flatMap((one) => ('absent' in one ? [`${one.gateway}: absent: ${one.absent.message}`] : [])),
    '',
  ].join('\n');
}

function summaryOf({ alike, others }: CaseRows): (readonly [who: string, what: string])[] {
  return [
    ...alike.map(({ gateways, seen }): readonly [string, string] => [gateways.join(', '), countsOf(seen)]),
    ...others.map(({ gateways, state }): readonly [string, string] => [
      gateways.join(', '),
      state === 'failed' ? 'failed' : '–',
    ]),
  ];
}

function detailsOf({ case: name, alike, others }: CaseRows): string[] {
  const told = alike.flatMap(({ gateways, seen }) => {
    const lines = [
      ...sideLines('request', seen, seen.request),
      ...sideLines('answer', seen, seen.answer),
      ...seen.notes.map((note) => `  ${note}`),
    ];
    return lines.length === 0
      ? []
      : ['', `${name}, ${gateways.join(', ')}: ${seen.asked} → ${seen.passedOn}`, ...lines];
  });
  const failed = others.flatMap(({ gateways, state, reason }) =>
    state === 'failed' ? ['', `${name}, ${gateways.join(', ')}: failed: ${reason}`] : [],
  );
  return [...told, ...failed];
}

function sideLines(side: string, { asked, passedOn }: Alike['seen'], { fields, added }: Passage): string[] {
  const fine: readonly FieldFate['state'][] = asked === passedOn ? ['kept'] : ['kept', 'moved'];
  return [
    ...fields.filter(({ state }) => !fine.includes(state)).map((fate) => `  ${side}: ${phraseOf(fate)}`),
    ...(added.length === 0 ? [] : [`  ${side}: adds ${added.join(', ')}`]),
  ];
}

const SAID: Readonly<Record<FieldFate['state'], string>> = {
  kept: 'kept',
  moved: 'elsewhere',
  changed: 'changed',
  lost: 'lost',
  'no-place': 'without a place',
  refused: 'refused',
};

function phraseOf({ field, state, detail }: FieldFate): string {
  return `${fieldName(field)} is ${SAID[state]}${detail === undefined ? '' : `: ${detail}`}`;
}

function indented(line: string, columns: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? [];
  return wrap(line.trim(), columns - indent.length - 2).map((part, at) => `${indent}${at === 0 ? '' : '  '}${part}`);
}
