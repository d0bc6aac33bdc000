import { at, listAt } from './frame.js';

/**
 * The vectors of an embeddings answer. Embeddings are 32-bit numbers: one that is written with fewer digits and rounds to the same
 * is the same. What is no number (base64, say) stays as it is.
 * @throws SyntaxError when it is no JSON
 */
export function vectorsOf(data: string): unknown[] {
  return listAt(JSON.parse(data), 'data').map((item) => {
    const vector = at(item, 'embedding');
    return Array.isArray(vector)
      ? vector.map((value: unknown) => (typeof value === 'number' ? Math.fround(value) : value))
      : vector;
  });
}
