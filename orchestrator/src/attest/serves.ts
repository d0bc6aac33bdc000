import type { WireFormat } from '../answers/frame.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { AskedTarget } from './asker.js';

const FORMATS: Readonly<Record<Scenario['path'], WireFormat>> = {
  '/v1/chat/completions': 'chat',
  '/v1/embeddings': 'embeddings',
  '/v1/messages': 'messages',
  '/v1/responses': 'responses',
};

/** The format in which a scenario asks and is answered. */
export function formatOf({ path }: Pick<Scenario, 'path'>): WireFormat {
  return FORMATS[path];
}

/** Whether a target serves a scenario, as far as its entry says. */
export function serves(target: Pick<AskedTarget, 'serves'>, scenario: Scenario): boolean {
  return target.serves === undefined || target.serves.some((format) => format === formatOf(scenario));
}
