import { mebibytes } from '../../record/memory-limit.js';
import type { Finding } from '../../record/summary.js';
import { type Case, found } from './case.js';

/** Less than this, and less than so many times the memory at the lowest level, is what any pool and any garbage collector does. */
const LEAST_BYTES = 32 * 2 ** 20;
const LEAST_FACTOR = 1.5;

/**
 * Whether the target's memory grows with the number of requests that are open at a time: of a closed loop's levels, its highest memory at
 * this one against that at the lowest.
 */
export function memoryOfOpenRequests(suspect: Case): Finding[] {
  const { row, lowest, cell } = suspect;
  if (cell.target.kind === 'direct' || row.level.kind !== 'streams' || lowest === null) return [];
  const [own, least] = [row.memoryPeakBytes, lowest.memoryPeakBytes];
  if (own === null || least === null || own - least < LEAST_BYTES || own < LEAST_FACTOR * least) return [];
  const more = row.level.value - lowest.level.value;
  const bytesEach = (own - least) / more;
  const message =
    `Its memory grows with the requests that are open at a time: ${mebibytes(least)} at ${lowest.level.value}, ${mebibytes(own)} at ` +
    `${row.level.value}, ${(bytesEach / 1024).toFixed(0)} KiB for each one more. A limit of memory is a limit of open requests.`;
  return [
    found(suspect, 'memory-by-open-requests', 'info', message, {
      bytesEach,
      memoryPeakBytes: own,
      lowest: { open: lowest.level.value, memoryPeakBytes: least },
    }),
  ];
}
