import { wrap } from '../report/wrap.js';
import { type Alike, type CaseRows, caseRows, COUNTS_LEGEND, countsOf, fieldName } from './fidelity-rows.js';
import type { Fidelity, FieldFate } from './result.js';

/** Docs are wrapped at this width; a table cannot be. */
const COLUMNS = 120;

/** The whole result as Markdown: who was asked, the summary, and a table a question of what does not arrive as it was sent. */
export function fidelityMarkdown(fidelity: Fidelity): string {
  const rows = caseRows(fidelity);
  const asked = fidelity.gateways.filter((one) => 'cases' in one);
  const names = asked.map(({ gateway }) => gateway);
  const who = asked.map(({ gateway, version }) => (version === null ? gateway : `${gateway} ${version}`)).join(', ');
  const head = `Seen on ${fidelity.takenAt.slice(0, 10)} by crabllm-bench ${fidelity.version}, runtime ${fidelity.runtime}: ${who}.`;
  const absent = fidelity.gateways.flatMap((one) =>
    'absent' in one ? item(`${one.gateway}: absent: ${one.absent.message}`) : [],
  );
  return [
    ...wrap(head, COLUMNS),
    '',
    ...(absent.length === 0 ? [] : [...absent, '']),
    ...tableOf(
      ['case', ...names],
      rows.map((row) => [`[${row.case}](#${row.case})`, ...names.map((name) => cellOf(row, name))]),
    ),
    '',
    ...wrap(`${COUNTS_LEGEND}.`, COLUMNS),
    '',
    ...rows.flatMap(caseSection),
  ].join('\n');
}

function cellOf({ alike, others }: CaseRows, gateway: string): string {
  const seen = alike.find(({ gateways }) => gateways.includes(gateway))?.seen;
  if (seen !== undefined) return countsOf(seen);
  return others.find(({ gateways }) => gateways.includes(gateway))?.state === 'failed' ? '**failed**' : '–';
}

function caseSection({ case: name, alike, others }: CaseRows): string[] {
  const whole = alike.filter(({ seen }) => countsOf(seen) === '=');
  const partly = alike.filter(({ seen }) => countsOf(seen) !== '=');
  return [
    `### ${name}`,
    '',
    ...whole.flatMap(({ gateways }) => item(`everything kept: ${gateways.join(', ')}`)),
    ...others.flatMap(({ gateways, state, reason }) =>
      item(`${gateways.join(', ')}: ${state.replace('-', ' ')}: ${plain(reason)}`),
    ),
    ...(whole.length + others.length === 0 ? [] : ['']),
    ...(partly.length === 0 ? [] : sidesOf(partly)),
  ];
}

function sidesOf(partly: readonly Alike[]): string[] {
  const head = partly.map(({ gateways, seen }) =>
    seen.asked === seen.passedOn ? gateways.join(', ') : `${gateways.join(', ')} (${seen.asked} → ${seen.passedOn})`,
  );
  return [...sideOf('request', head, partly), ...sideOf('answer', head, partly), ...notesOf(partly)];
}

/** The fields that somebody does not keep, a row each. */
function sideOf(side: 'request' | 'answer', head: readonly string[], partly: readonly Alike[]): string[] {
  const names = [...new Set(partly.flatMap(({ seen }) => seen[side].fields.map(({ field }) => field)))];
  const fates = (field: string): (FieldFate | undefined)[] =>
    partly.map(({ seen }) => seen[side].fields.find((one) => one.field === field));
  const rows = names
    .map((field) => ({ field, cells: fates(field) }))
    .filter(({ cells }) => cells.some((fate) => fate !== undefined && fate.state !== 'kept'))
    .map(({ field, cells }) => [`\`${fieldName(field)}\``, ...cells.map(wordsOf)]);
  const added = partly.map(({ seen }) => seen[side].added.map((name) => `\`${name}\``).join(', '));
  const extra = added.every((text) => text === '') ? [] : [['*added*', ...added]];
  return rows.length + extra.length === 0 ? [] : [...tableOf([side, ...head], [...rows, ...extra]), ''];
}

function wordsOf(fate: FieldFate | undefined): string {
  if (fate === undefined) return '';
  const { state, detail = '' } = fate;
  if (state === 'kept') return '=';
  if (state === 'moved') return `→ \`${detail}\``;
  if (state === 'no-place') return 'no place';
  if (state === 'changed') return `changed: ${code(detail)}`;
  return `**${state}**${detail === '' ? '' : `: ${plain(detail)}`}`;
}

function notesOf(partly: readonly Alike[]): string[] {
  const notes = partly.flatMap(({ gateways, seen }) =>
    seen.notes.flatMap((note) => item(`${gateways.join(', ')}: ${note}`)),
  );
  return notes.length === 0 ? [] : [...notes, ''];
}

function item(text: string): string[] {
  return wrap(text, COLUMNS - 2).map((line, at) => `${at === 0 ? '- ' : '  '}${line}`);
}

function code(text: string): string {
  return `\`${text.replaceAll('`', '')}\``;
}

/** Without what Markdown or HTML would take for its own. */
function plain(text: string): string {
  return text.replaceAll(/[<>*_`[\]]/g, (sign) => `\\${sign}`);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
