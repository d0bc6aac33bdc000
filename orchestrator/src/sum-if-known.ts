/** A sum of figures of which one may be unknown (null); then the sum is unknown as well. */
export function sumIfKnown(figures: readonly (number | null)[]): number | null {
  return figures.reduce((total, figure) => (total === null || figure === null ? null : total + figure), 0);
}
