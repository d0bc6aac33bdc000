/** A source of numbers evenly spread over 0 (included) to 1 (excluded). */
export type Random = () => number;

/**
 * 32-bit hash of a seed and a key (FNV-1a over the key's code units, finished with murmur3's mixer),
 * the same in every worker, process and Node version.
 */
export function hash32(seed: number, key: string | number): number {
  let hash = (0x811c_9dc5 ^ seed) >>> 0;
  const text = typeof key === 'number' ? key.toString(36) : key;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The hash as a share, 0 (included) to 1 (excluded). */
export function hashShare(seed: number, key: string | number): number {
  return hash32(seed, key) / 0x1_0000_0000;
}

/** The mulberry32 generator: 2^32 period, one multiplication-mix a number, plenty for latencies. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
