import type { WireFormat } from '../answers/frame.js';
import type { Scenario } from './scenario.js';

/** The formats in which scenarios ask. */
export const ASKED_FORMATS = ['chat', 'embeddings', 'messages', 'responses'] as const satisfies readonly WireFormat[];
export type AskedFormat = (typeof ASKED_FORMATS)[number];

const FORMATS: Readonly<Record<Scenario['path'], AskedFormat>> = {
  '/v1/chat/completions': 'chat',
  '/v1/embeddings': 'embeddings',
  '/v1/messages': 'messages',
  '/v1/responses': 'responses',
};

/** The format in which a scenario asks and is answered. */
export function formatOf({ path }: Pick<Scenario, 'path'>): AskedFormat {
  return FORMATS[path];
}
