import type { TableKind, TrialLoad } from '../driver.js';
import { mulberry32 } from './mulberry32.js';

/** Keeps the draw of kinds apart from that of arrival times, which has the same seed. */
const KIND_STREAM = 0x6b696e64;

/** The kinds of requests of a trial; at least one. */
export function kindsOf(load: TrialLoad): readonly TableKind[] {
  return load.table?.kinds ?? [{ ...load, name: '', part: '' }];
}

/** The parts of a trial in the order of their first kinds, and the index of each kind's. A part streams or does not. */
export function partsOf(kinds: readonly TableKind[]) {
  const parts = [...new Map(kinds.map(({ part, streaming }) => [part, { name: part, streaming }])).values()];
  return { parts, partOf: kinds.map(({ part }) => parts.findIndex(({ name }) => name === part)) };
}

/** So many kinds, each drawn independently with the weights of the trial's table; all the first where there is none. */
export function drawKinds({ table, seed }: TrialLoad, count: number): Uint16Array {
  const draws = new Uint16Array(count);
  if (table === undefined || !('weights' in table.draw)) return draws;
  let sum = 0;
  const upTo = table.draw.weights.map((weight) => (sum += weight));
  const random = mulberry32(seed ^ KIND_STREAM);
  for (let i = 0; i < count; i++) {
    const drawn = random() * sum;
    draws[i] = upTo.findIndex((bound) => drawn < bound);
  }
  return draws;
}
