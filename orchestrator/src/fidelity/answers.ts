import type { AskedFormat } from '../catalogue/format-of.js';
import type { AnswerKind, AnswerScript } from './case.js';
import { CHAT_STRUCTURED, CHAT_TEXT, CHAT_TOOLS } from './chat-answers.js';
import type { JsonMembers } from './json-place.js';
import { MESSAGE_TEXT, MESSAGE_TOOLS } from './message-answers.js';
import { OPENAI_ERROR, OPENAI_HEADERS } from './openai-answer-parts.js';
import { RESPONSE_TEXT, RESPONSE_TOOLS } from './response-answers.js';

const VECTORS = [
  [0.5, -0.25, 0.125, 0.8125],
  [-0.5, 0.375, 0.0625, 0.78125],
];

/** What a provider says to a question of a kind, in the format in which it is asked. */
export function scriptOf(kind: AnswerKind, format: AskedFormat, asked: JsonMembers): AnswerScript {
  if (format === 'embeddings') return vectors(kind === 'vector-batch' ? VECTORS : VECTORS.slice(0, 1), asked);
  if (format === 'chat') return kind === 'tools' ? CHAT_TOOLS : kind === 'structured' ? CHAT_STRUCTURED : CHAT_TEXT;
  if (format === 'messages') return kind === 'tools' ? MESSAGE_TOOLS : MESSAGE_TEXT;
  return kind === 'tools' ? RESPONSE_TOOLS : RESPONSE_TEXT;
}

/** In the coding that was asked for, as a provider does: floats of 32 bits, little-endian, where that is base64. */
function vectors(values: readonly (readonly number[])[], asked: JsonMembers): AnswerScript {
  const coded = (vector: readonly number[]): string | readonly number[] =>
    asked['encoding_format'] === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
  const data = values.map((vector, index) => ({ object: 'embedding', index, embedding: coded(vector) }));
  const usage = { prompt_tokens: 1723, total_tokens: 1724 };
  const body = { object: 'list', data, model: 'bench-embed', usage };
  return {
    format: 'embeddings',
    base: { status: 200, headers: {}, body },
    optional: OPENAI_HEADERS,
    variants: [OPENAI_ERROR],
  };
}
