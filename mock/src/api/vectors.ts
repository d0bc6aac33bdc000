import { endianness } from 'node:os';
import { seededRandom } from '../timing/seeded.js';
import { Kept } from './kept.js';

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

/** Shared by all answers: making one takes milliseconds, and batches differ in their texts, on which no vector depends. */
const texts = new Kept<string>((text) => text.length);

/** The vector as a JSON array, each number in the fewest digits that restore its 32 bits, as the real API writes them. */
export function vectorJson(dimensions: number, index: number): string {
  return texts.get(
    ['float', dimensions, index],
    () => `[${Array.from(vector(dimensions, index), shortest).join(',')}]`,
  );
}

/** A 32-bit float as the double with the fewest digits that rounds to it; nine always do. */
function shortest(float: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(float.toPrecision(digits));
    if (Math.fround(rounded) === float) return rounded;
  }
  return Number(float.toPrecision(9));
}

/** The vector as a JSON string of base64: little-endian 32-bit floats. */
export function vectorBase64(dimensions: number, index: number): string {
  return texts.get(['base64', dimensions, index], () => {
    const bytes = Buffer.from(vector(dimensions, index).buffer);
    if (endianness() === 'BE') bytes.swap32();
    return `"${bytes.toString('base64')}"`;
  });
}
