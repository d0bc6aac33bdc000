import { questionUrl } from '../catalogue/addressing.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { TableKind, TrialLoad } from '../load/driver.js';
import { ASIDE_MODEL, type ConductCase, conductLoadMs } from '../plan/conduct-cases.js';
import { type ConductStage, impossible } from './conduct-stage.js';

/** What the requests for the other model are counted as. */
export const ASIDE = 'aside';

/** The load of a case. @throws BenchError `conduct-impossible` where the target has no model of the second provider alone, and the case is about that */
export function loadOf(played: ConductCase, scenario: Scenario, stage: ConductStage): TrialLoad {
  const { target, pace, seed } = stage;
  return {
    url: questionUrl(target, scenario),
    headers: target.headers,
    body: scenarioBody(scenario, target),
    streaming: played.streaming,
    level: { kind: 'rps', value: pace.rps },
    warmupMs: 0,
    measureMs: conductLoadMs(pace),
    timeoutMs: played.patienceMs,
    // Connections for an answer that takes a second: more are opened when a provider is silent, and a gateway is not to be held to idle ones.
    expectedLatencyMs: Math.min(1000, played.patienceMs),
    seed,
    ...(played.kind === 'isolation' ? tableOf(scenario, stage) : {}),
  };
}

/** Half of the requests are for a model whose provider does not fail. */
function tableOf(scenario: Scenario, { target, aside }: ConductStage): Pick<TrialLoad, 'table'> {
  if (aside === undefined) throw impossible('the target has no model of the second provider alone');
  const other = { ...target, model: aside.model ?? ASIDE_MODEL };
  const kindOf = (name: string, asked: typeof target, headers: Readonly<Record<string, string>>): TableKind => ({
    name,
    part: name,
    url: questionUrl(asked, scenario),
    body: scenarioBody(scenario, asked),
    streaming: scenario.streaming,
    headers,
  });
  return {
    table: {
      kinds: [kindOf('usual', target, target.headers), kindOf(ASIDE, other, { ...target.headers, ...aside.headers })],
      draw: { weights: [1, 1] },
    },
  };
}
