import { bucketOf } from '../../record/histogram.js';
import type { GapCounts } from './lane-task.js';

/** No gap is longer than the longest time a request may take; longer ones would be counted in the last bucket. */
const MAX_GAP_US = 600e6;

/** Counts gaps while the load runs: a dense array of counts for each second, allocated beforehand, so that counting allocates nothing. */
export class GapHistograms {
  readonly #buckets = bucketOf(MAX_GAP_US) + 1;
  readonly #counts: Uint32Array[];
  #max = -1;

  /** One histogram for each begun second of the window. */
  constructor(windowUs: number) {
    this.#counts = Array.from({ length: Math.ceil(windowUs / 1e6) }, () => new Uint32Array(this.#buckets));
  }

  /** Counts a gap to the second of its request; seconds outside of the window are ignored. */
  record(second: number, gapUs: number): void {
    const counts = this.#counts[second];
    if (counts === undefined) return;
    const bucket = Math.min(bucketOf(gapUs), this.#buckets - 1);
    counts[bucket] = (counts[bucket] as number) + 1;
    if (gapUs > this.#max) this.#max = gapUs;
  }

  /** In the form in which histograms are stored. */
  report(): GapCounts {
    const seconds = this.#counts.map((counts) => {
      const sparse: number[] = [];
      for (const [bucket, count] of counts.entries()) if (count > 0) sparse.push(bucket, count);
      return sparse;
    });
    return { seconds, maxUs: this.#max < 0 ? null : this.#max };
  }
}
