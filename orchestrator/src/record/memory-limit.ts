/** From this share of its limit on a program may be held up by it. */
export const MEMORY_SHARE_LIMIT = 0.95;

const MIB = 2 ** 20;

/**
 * `used 498 MiB of the 512 MiB that it may`, in the words of every place that tells of it.
 * @param peakBytes null: not known
 * @param limitBytes null: there is none
 * @returns null below that share
 */
export function usedUpMemory(peakBytes: number | null, limitBytes: number | null): string | null {
  if (peakBytes === null || limitBytes === null || peakBytes <= MEMORY_SHARE_LIMIT * limitBytes) return null;
  return `used ${mebibytes(peakBytes)} of the ${mebibytes(limitBytes)} that it may`;
}

/** A size of memory in words, to whole MiB. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(0)} MiB`;
}
