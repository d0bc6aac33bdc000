/** Chance that any of a family of true equalities is called a difference. */
export const FAMILY_ERROR = 0.05;

/**
 * Which of several comparisons are told apart when all are to hold together with 95 % (Holm 1979): the smallest p-value must be below
 * 0.05/n, the next below 0.05/(n − 1), and so on up to the first that is not. Nothing is supposed about how they depend on each other.
 * @param error in place of 0.05, for a family that is a part of a larger one
 */
export function holm(pValues: readonly number[], error = FAMILY_ERROR): boolean[] {
  const ascending = pValues.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const firstKept = ascending.findIndex(({ p }, rank) => p > error / (ascending.length - rank));
  const told = new Set((firstKept === -1 ? ascending : ascending.slice(0, firstKept)).map(({ i }) => i));
  return pValues.map((_, i) => told.has(i));
}
