import type { WireFormat } from '../answers/frame.js';
import type { Scenario } from '../catalogue/scenario.js';

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
