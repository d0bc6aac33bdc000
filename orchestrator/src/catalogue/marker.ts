/** Stands where a driver puts the id of a request; 16 characters, so that bodies have equal length with and without a real one. */
export const ID_PLACEHOLDER = '0000000000000000';

/**
 * What is asked of the mock, in a form that gateways carry through: they drop headers, never text.
 * @param behaviour further keys, for example `ttft=500`; empty for none
 */
export function marker(behaviour: string): string {
  return `[[bench id=${ID_PLACEHOLDER}${behaviour === '' ? '' : ` ${behaviour}`}]]`;
}
