import { NOT_RUN } from '../catalogue/service.js';
import type { Plan } from '../plan/plan.js';
import { formatLevel, LEVEL_UNIT } from '../record/cell.js';
import { formatDuration } from './pace.js';

/**
 * The plan in a few lines, as printed before the first trial.
 * @param placing which CPUs everything has; null: nothing is said of it
 */
export function planSummary(plan: Plan, note: string | null, placing: string | null = null): string {
  const scenarios = plan.scenarios.map(
    ({ scenario, levels }) =>
      `${scenario.name}${scenario.blend === undefined ? '' : ` (${scenario.about})`} at ${levels.map(({ value }) => value).join(' ')} ${LEVEL_UNIT[levels[0]?.kind ?? 'rps']}`,
  );
  const untried = plan.targets.flatMap(({ name, isUntried }) => (isUntried === true ? name : []));
  const direct = plan.targets.some(({ kind }) => kind === 'direct');
  return [
    `${plan.targets.map(({ name }) => name).join(', ')} × ${scenarios.join('; ')}`,
    `${count(plan.cellCount, 'cell')} in ${count(plan.blocks.length, 'block')}, ${count(plan.trialCount, 'trial')} of ${plan.measureMs / 1000} s${direct ? ' (direct twice a block)' : ''}${plan.pair === null ? '' : ', two at the same time'}, driver ${plan.driver}, seed ${plan.seed}: about ${formatDuration(plan.estimatedMs)}, ${besideText(plan)}`,
    ...(untried.length === 0 ? [] : [`${NOT_RUN}, written from their makers' documentation: ${untried.join(', ')}`]),
    ...(placing === null ? [] : [placing]),
    ...(note === null ? [] : [note]),
  ].join('\n');
}

/** What of the plan's time no window is open in. */
function besideText({ estimatedMs, measuredMs }: Plan): string {
  return `${Math.round(100 * (1 - measuredMs / estimatedMs))} % of it beside measuring`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** Every trial of the plan in its order. */
export function wholePlan(plan: Plan): string {
  const lines = plan.blocks.flatMap((block) => [
    `block ${block.number}`,
    ...block.visits.map(({ target, beside, replica, cells }) => {
      const order = cells.map(({ scenario, level }) => `${scenario.name} ${formatLevel(level)}`).join(', ');
      return `  ${target}${replica === 2 ? ' (again)' : ''}${beside === undefined ? '' : ` and ${beside} together`}: ${order}`;
    }),
  ]);
  return lines.join('\n');
}
