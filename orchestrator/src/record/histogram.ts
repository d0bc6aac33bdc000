/**
 * Log-linear histogram of durations in microseconds, the form in which distributions are stored, merged and resampled.
 *
 * Values below 2^{@link SUB_BITS} have a bucket each; above, every power of two is cut into 2^(SUB_BITS-1) equal
 * buckets, so a bucket is never wider than 1/128 (0.8 %) of its values. The scheme is HdrHistogram's
 * (http://hdrhistogram.org), with a sparse text form of our own.
 */
const SUB_BITS = 8;
const SUB_COUNT = 1 << SUB_BITS;
const HALF = SUB_COUNT >> 1;

/** Sparse, serialisable form: pairs of bucket index and count, ascending by index, flattened. */
export type SparseHistogram = readonly number[];

/**
 * The bucket that holds a duration. Fractions of a microsecond are cut off; below 0 (and not a number) counts as 0, above
 * 2^53 − 1 as that: a clock that jumps must not lose a request.
 */
export function bucketOf(valueUs: number): number {
  const value = valueUs > 0 ? Math.min(Math.floor(valueUs), Number.MAX_SAFE_INTEGER) : 0;
  if (value < SUB_COUNT) return value;
  const exponent = bitLength(value) - SUB_BITS;
  const mantissa = Math.floor(value / 2 ** exponent);
  return exponent * HALF + mantissa;
}

/** The bucket of a difference, which may be negative: its magnitude's, mirrored below 0, so that buckets ascend as values do. */
export function signedBucketOf(differenceUs: number): number {
  return differenceUs < 0 ? -1 - bucketOf(-differenceUs) : bucketOf(differenceUs);
}

/** Not by Math.log2, which rounds 2^49 − 1 up to 49. */
function bitLength(value: number): number {
  const high = Math.floor(value / 2 ** 32);
  return high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(value);
}

/** The lowest value and the width, both in microseconds, of a bucket; below 0 those of {@link signedBucketOf}. */
export function bucketBounds(index: number): { readonly lowUs: number; readonly widthUs: number } {
  if (index < 0) {
    const { lowUs, widthUs } = bucketBounds(-1 - index);
    return { lowUs: -lowUs - widthUs, widthUs };
  }
  if (index < SUB_COUNT) return { lowUs: index, widthUs: 1 };
  const exponent = Math.floor(index / HALF) - 1;
  const mantissa = index - exponent * HALF;
  return { lowUs: mantissa * 2 ** exponent, widthUs: 2 ** exponent };
}

/** A growing histogram; {@link Histogram.toSparse} gives what is stored. */
export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** How many values were recorded. */
  get total(): number {
    return this.#total;
  }

  /** Records a duration in microseconds. */
  record(valueUs: number): void {
    this.#addTo(bucketOf(valueUs), 1);
  }

  /** Adds everything another histogram holds. */
  merge(sparse: SparseHistogram): void {
    for (let i = 0; i + 1 < sparse.length; i += 2) this.#addTo(sparse[i] as number, sparse[i + 1] as number);
  }

  /** Pairs of bucket index and count, ascending. */
  toSparse(): number[] {
    return [...this.#counts].sort(([a], [b]) => a - b).flat();
  }

  #addTo(index: number, count: number): void {
    this.#counts.set(index, (this.#counts.get(index) ?? 0) + count);
    this.#total += count;
  }
}
