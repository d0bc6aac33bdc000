import type { OverheadKind } from '../record/summary.js';
import { clocksOf, type ReportModel } from './model.js';
import { OVERHEAD_NAME, overheadKinds } from './overhead-kinds.js';
import { VERDICT_SIGN } from './verdict-sign.js';
import { listed } from './listed.js';

/** Behind the name of a target that is erratic, see the findings. */
export const ERRATIC = '~';

/** Short enough for the head of a column; the legend says in full what each is. */
export const OVERHEAD_HEAD: Readonly<Record<OverheadKind, string>> = {
  'per-request': 'added',
  'quantile-shift': 'shift',
};

/** The overheads that a run tells. */
export function kindsIn({ scenarios }: ReportModel): OverheadKind[] {
  return overheadKinds(scenarios.flatMap(({ levels }) => levels.flatMap(({ rows }) => rows)));
}

const MEANING: Readonly<Record<OverheadKind, string>> = {
  'per-request': `${OVERHEAD_NAME['per-request']} above direct’s, from sending to the last byte without the time that the mock held the request`,
  'quantile-shift': `${OVERHEAD_NAME['quantile-shift']} against direct in the same blocks`,
};

/** What stands in the table, and nothing that does not. */
export function legend(model: ReportModel, table: string): string {
  const has = (sign: string): boolean => table.includes(sign);
  const bounds = [
    ...(has('±') ? ['±'] : []),
    ...(has('×÷') ? ['×÷ (×÷2 is from half to twice)'] : []),
    ...(/\[-?[\d.]+, /.test(table) ? ['[ ]'] : []),
  ];
  const signs = [
    ...(has(VERDICT_SIGN.above) ? [`${VERDICT_SIGN.above} above direct`] : []),
    ...(has(VERDICT_SIGN.below) ? [`${VERDICT_SIGN.below} below direct`] : []),
    ...(has(VERDICT_SIGN['within-noise']) ? [`${VERDICT_SIGN['within-noise']} not to be told from direct`] : []),
    ...(has('≤') ? ['≤ the most that it may be'] : []),
  ];
  const parts = [
    `Latency in ms ${clocksOf(model)}, of the typical block${bounds.length === 0 ? '' : `; ${listed(bounds)} bound a 95 % interval`}`,
    [...kindsIn(model).map((kind) => `${OVERHEAD_HEAD[kind]}: ${MEANING[kind]}, in ms`), ...signs].join('; '),
    has(ERRATIC) ? `${ERRATIC} erratic, see below` : '',
    has('ttft ') ? 'ttft: time to first token, in ms' : '',
    has('MiB') ? `MiB: ${model.memory === 'peak' ? 'peak memory' : 'memory, one look behind the load'}` : '',
    has('CPU µs') ? 'CPU µs: CPU time a request' : '',
    /(^| )–( |$)/m.test(table) ? '–: not known, or of more requests than a block has' : '',
  ];
  return `${parts
    .filter((part) => part !== '')
    .map((part) => `${part}.`)
    .join(' ')}${atAchieved(model)}`;
}

/** The same in a few words, for a screen: what a reader of the table cannot guess. */
export function shortLegend(model: ReportModel, table: string): string {
  const has = (sign: string): boolean => table.includes(sign);
  const bounds = [has('±') ? '±' : '', has('×÷') ? '×÷' : '', /\[-?[\d.]+, /.test(table) ? '[ ]' : ''].filter(
    (sign) => sign !== '',
  );
  const parts = [
    `ms ${clocksOf(model)}`,
    bounds.length === 0 ? '' : `${listed(bounds)} bound a 95 % interval`,
    ...kindsIn(model).map((kind) => `${OVERHEAD_HEAD[kind]}: ${OVERHEAD_NAME[kind]} above direct’s`),
    has(VERDICT_SIGN.above) ? `${VERDICT_SIGN.above} above direct` : '',
    has(VERDICT_SIGN.below) ? `${VERDICT_SIGN.below} below direct` : '',
    has(VERDICT_SIGN['within-noise']) ? `${VERDICT_SIGN['within-noise']} not to be told from direct` : '',
    has('≤') ? '≤ at most' : '',
    has(` ${ERRATIC} `) ? `${ERRATIC} erratic` : '',
    has('ttft ') ? 'ttft: to the first token' : '',
    has('MiB') ? `MiB: ${model.memory === 'peak' ? 'peak memory' : 'memory behind the load'}` : '',
    has('CPU µs') ? 'CPU µs: per request' : '',
    /(^| )–( |$)/m.test(table) ? '–: too few requests, or not known' : '',
  ];
  return `${parts.filter((part) => part !== '').join('; ')}.${atAchieved(model)}`;
}

/** Said wherever such a figure stands. */
function atAchieved({ scenarios }: ReportModel): string {
  const any = scenarios.some(({ levels }) =>
    levels.some(({ rows }) => rows.some(({ latencyAtAchievedUs }) => latencyAtAchievedUs !== undefined)),
  );
  return any
    ? ' saturated: what the original suite’s pool of connections measured at the rate that it reached; no latency at the level, and not ranked.'
    : '';
}
