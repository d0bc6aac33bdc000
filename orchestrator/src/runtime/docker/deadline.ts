/**
 * One request that has to be answered within a time, and is aborted when it is not: a socket that stays open would keep this program from
 * ending.
 * @param tooLate what is thrown then
 */
export async function withDeadline<T>(
  timeoutMs: number,
  request: (abortSignal: AbortSignal) => Promise<T>,
  tooLate: () => unknown,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(tooLate());
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([request(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
