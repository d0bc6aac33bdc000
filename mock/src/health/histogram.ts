/** Buckets to each doubling: a value is known to 1/16 of itself. */
const PER_OCTAVE = 16;
const OCTAVES = 36;

/** Counts of values from 0 to 2^36, each known to about 6 %, in constant memory. */
export class Histogram {
  readonly #counts = new Uint32Array(PER_OCTAVE * OCTAVES);
  #total = 0;
  #max = 0;

  /** How many values. */
  get total(): number {
    return this.#total;
  }

  /** Adds a value; a negative one counts as 0. */
  add(value: number): void {
    const octaves = Math.log2(Math.max(0, value) + 1);
    const index = Math.min(Math.floor(octaves * PER_OCTAVE), this.#counts.length - 1);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#total++;
    if (value > this.#max) this.#max = value;
  }

  /** Adds all values of another one. */
  merge(other: HistogramData): void {
    for (const [index, count] of other.buckets) {
      this.#counts[index] = (this.#counts[index] as number) + count;
      this.#total += count;
    }
    this.#max = Math.max(this.#max, other.max);
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
    this.#max = 0;
  }

  /** The value that this share of the values does not exceed, rounded up to its bucket; 0 when there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (let index = 0; index < this.#counts.length && this.#total > 0; index++) {
      seen += this.#counts[index] as number;
      if (seen >= rank) return Math.min(2 ** ((index + 1) / PER_OCTAVE) - 1, this.#max);
    }
    return this.#max;
  }

  /** What another process needs to merge it. */
  data(): HistogramData {
    const buckets = [...this.#counts.entries()].filter(([, count]) => count > 0);
    return { buckets, max: this.#max };
  }

  /** The figures that people look at. */
  summary(): HistogramSummary {
    const round = (value: number) => Math.round(value * 10) / 10;
    return {
      count: this.#total,
      p50: round(this.quantile(0.5)),
      p90: round(this.quantile(0.9)),
      p99: round(this.quantile(0.99)),
      max: round(this.#max),
    };
  }
}

/** A histogram on its way to another process. */
export interface HistogramData {
  readonly buckets: readonly (readonly [index: number, count: number])[];
  readonly max: number;
}

/** A histogram in a few figures. */
export interface HistogramSummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}
