import { Socket, type SocketConstructorOpts } from 'node:net';

/** The options of a {@link LaneSocket}; `onread` hands out bytes without a stream between, into one buffer for all. */
export interface LaneSocketOptions {
  readonly buffer: Buffer;
  readonly onBytes: (length: number) => void;
  /** Called before the descriptor is given back to the kernel, in every way of closing. */
  readonly beforeClose: () => void;
}

/** A TCP socket that lets its lane know before its descriptor is closed, because another thread may be about to write to it. */
export class LaneSocket extends Socket {
  readonly #beforeClose: () => void;

  constructor(options: LaneSocketOptions) {
    const onread = {
      buffer: options.buffer,
      callback: (length: number) => {
        options.onBytes(length);
        return true;
      },
    };
    // `onread` is an option of the constructor too, though only `connect` documents it.
    super({ onread } as SocketConstructorOpts);
    this.#beforeClose = options.beforeClose;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#beforeClose();
    super._destroy(error, callback);
  }
}
