import { ALL_GROUPS, GROUPS, SCENARIOS } from '../../catalogue/scenarios.js';
import type { PlannedScenario } from '../../plan/plan.js';
import type { BlendOption } from './blend.js';
import type { SelectionOptions } from './selection.js';

/** The part of a command line's options that says which scenarios, and how hard; null: all of the group, or its own levels. */
export interface ScenarioChoice extends Pick<SelectionOptions, 'group' | 'scenarios' | 'rps' | 'streams' | 'closed'> {
  readonly blend: BlendOption | null;
}

/** The scenarios of the chosen groups with their levels, or those given by hand; or the one that was made up. */
export function chosenScenarios(options: ScenarioChoice): PlannedScenario[] {
  const { blend } = options;
  if (blend !== null)
    return [{ scenario: blend.scenario, levels: blend.levels ?? closedOrOpen(options, DEFAULT_LEVELS) }];
  const names = options.group === 'all' ? ALL_GROUPS : [options.group];
  return GROUPS.filter(({ name }) => names.includes(name)).flatMap((group) =>
    SCENARIOS.filter(({ name }) => group.scenarios.includes(name) && (options.scenarios?.includes(name) ?? true)).map(
      (scenario) => ({
        scenario,
        levels:
          group.levels[0]?.kind === 'streams'
            ? levels('streams', options.streams, group.levels)
            : closedOrOpen(options, group.levels),
      }),
    ),
  );
}

/** Of a mix, whatever it is of. */
const DEFAULT_LEVELS: PlannedScenario['levels'] = [100, 500, 1000].map((value) => ({ kind: 'rps', value }));

function closedOrOpen(
  { closed, rps }: Pick<ScenarioChoice, 'rps' | 'closed'>,
  otherwise: PlannedScenario['levels'],
): PlannedScenario['levels'] {
  return closed === null ? levels('rps', rps, otherwise) : levels('streams', closed, otherwise);
}

function levels(
  kind: 'rps' | 'streams',
  values: readonly number[] | null,
  otherwise: PlannedScenario['levels'],
): PlannedScenario['levels'] {
  return values === null ? otherwise : values.map((value) => ({ kind, value }));
}
