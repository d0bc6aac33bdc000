import { endianness } from 'node:os';
import { seededRandom } from '../timing/seeded.js';

/**
 * The vector of the input at this place in a batch: unit length, as real ones are, and the same at every call.
 * Kept as 32-bit floats so that both encodings say the same numbers.
 */
function vector(dimensions: number, index: number): Float32Array {
  const random = seededRandom(index + 1);
  const values = Float32Array.from({ length: dimensions }, () => random() * 2 - 1);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;
  return values.map((value) => value / norm);
}

/** The vector as a JSON array, nine significant digits a number: enough to restore every 32-bit float exactly. */
export function vectorJson(dimensions: number, index: number): string {
  return `[${Array.from(vector(dimensions, index), (value) => Number(value.toPrecision(9))).join(',')}]`;
}

/** The vector as a JSON string of base64: little-endian 32-bit floats. */
export function vectorBase64(dimensions: number, index: number): string {
  const bytes = Buffer.from(vector(dimensions, index).buffer);
  if (endianness() === 'BE') bytes.swap32();
  return `"${bytes.toString('base64')}"`;
}
