/** What a write gives when its reader went away: a pipe that was closed (`… | head`), a terminal that hung up. */
const GONE = ['EPIPE', 'EIO'];

/** A stream of this program that somebody reads. */
export type Outlet = 'standard output' | 'standard error';

/**
 * Calls back whenever a write finds that nobody reads the stream any more. That is the reader's choice and no fault: while somebody
 * watches, such writes go nowhere and nothing else happens. Any other failure of a stream is thrown.
 * @returns stops watching
 */
export function watchReaders(onGone: (outlet: Outlet) => void): () => void {
  const watched = (
    [
      ['standard output', process.stdout],
      ['standard error', process.stderr],
    ] as const
  ).map(([outlet, stream]) => {
    const handle = (error: NodeJS.ErrnoException): void => {
      if (!GONE.includes(error.code ?? '')) throw error;
      onGone(outlet);
    };
    stream.on('error', handle);
    return () => stream.off('error', handle);
  });
  return () => {
    for (const stop of watched) stop();
  };
}
