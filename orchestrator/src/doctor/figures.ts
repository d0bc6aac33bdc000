/** Microseconds for a person: `0.1 µs`, `41 µs`, `1.23 ms`. */
export function formatUs(us: number): string {
  if (us >= 1000) return `${Number((us / 1000).toPrecision(3))} ms`;
  return `${us < 10 ? Number(us.toFixed(1)) : Math.round(us)} µs`;
}

/** A share as percent: `0.3 %`, `12 %`. */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(share < 0.0995 ? 1 : 0))} %`;
}

/** Bytes in GiB, one decimal. */
export function gib(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}
