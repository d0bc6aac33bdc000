import type { FidelityCase } from './case.js';
import { CHAT_CASES } from './chat-cases.js';
import { MESSAGE_CASES } from './message-cases.js';
import { RESPONSE_CASES } from './response-cases.js';

const EMBEDDINGS = { path: '/v1/embeddings', streaming: false } as const;

/** Every question, in the order in which results are shown. */
export const FIDELITY_CASES: readonly FidelityCase[] = [
  ...CHAT_CASES,
  ...MESSAGE_CASES,
  ...RESPONSE_CASES,
  {
    ...EMBEDDINGS,
    name: 'embeddings',
    kind: 'vectors',
    required: { input: 'What is said of the river bank?' },
    optional: {
      encoding_format: 'float',
      dimensions: 256,
      user: 'user-fidelity-1',
      'header x-request-id': 'request-fidelity-1',
    },
  },
  {
    ...EMBEDDINGS,
    name: 'embeddings-batch',
    kind: 'vector-batch',
    required: { input: ['What is said of the river bank?', 'What is said of the other bank?'] },
    optional: { encoding_format: 'base64', user: 'user-fidelity-1' },
  },
];
