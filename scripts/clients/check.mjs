/** @throws {Error} with what was got instead when the condition does not hold */
export function check(holds, got) {
  if (!holds) throw new Error(`got ${got}`);
}

/** What a client throws instead of an answer; where it does not throw, an error that says so. */
export function failureOf(promise) {
  return promise.then(
    () => new Error('it was answered'),
    (error) => error,
  );
}
