/** @throws {Error} with what was got instead when the condition does not hold */
export function check(holds, got) {
  if (!holds) throw new Error(`got ${got}`);
}
