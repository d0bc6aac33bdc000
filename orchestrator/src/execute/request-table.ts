import { questionUrl } from '../catalogue/addressing.js';
import type { ExpectedAnswer } from '../answers/expected-answer.js';
import type { AskedTarget } from '../attest/asker.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { TrialLoad } from '../load/driver.js';

/**
 * What a driver is given where a scenario's requests are not all alike; nothing for any other scenario.
 * @param expected of each kind
 */
export function tableOf(
  { name: scenario, blend }: Scenario,
  target: AskedTarget,
  expected: readonly (ExpectedAnswer | null)[],
): Pick<TrialLoad, 'table'> {
  if (blend === undefined) return {};
  const kinds = blend.kinds.map((kind, index) => ({
    name: kind.name,
    // Sizes of a trace are too many to be told apart.
    part: blend.partOf?.[index] ?? ('trace' in blend.draw ? scenario : kind.name),
    url: questionUrl(target, kind),
    headers: { ...kind.headers, ...target.headers },
    body: scenarioBody(kind, target),
    streaming: kind.streaming,
    expected: expected[index] ?? null,
  }));
  if ('weights' in blend.draw) return { table: { kinds, draw: { weights: blend.draw.weights } } };
  if ('rates' in blend.draw) return { table: { kinds, draw: { rates: blend.draw.rates } } };
  if ('sessions' in blend.draw) return { table: { kinds, draw: { sessions: blend.draw.sessions } } };
  return { table: { kinds, draw: { trace: { atUs: blend.draw.trace.atUs, kindOf: blend.draw.kindOf } } } };
}
