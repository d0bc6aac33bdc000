import type { AddressInfo, ListenOptions } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Listening } from '../control/messages.js';
import type { MockServer } from '../request/server.js';

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
const BACKLOG = 16_384;

/** How long to wait before a port that another program took meanwhile is tried again, in milliseconds. */
const AGAIN_MS = 20;

/** A port that could not be opened. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly code: string;
  readonly port: number;

  constructor({ code = '', message }: NodeJS.ErrnoException, port: number) {
    super(message);
    this.code = code;
    this.port = port;
  }
}

/** The port of one server in one worker: closed and opened as often as one likes, on the same number. */
export class Door {
  readonly server: MockServer;
  readonly #host: string;
  readonly #listening: Listening;
  #port: number;
  #meantOpen = false;
  #opening = false;

  /** @param port 0 for one that the kernel chooses, which it then stays */
  constructor(server: MockServer, host: string, port: number, listening: Listening) {
    this.server = server;
    this.#host = host;
    this.#port = port;
    this.#listening = listening;
  }

  get port(): number {
    return this.#port;
  }

  /** True while connections are accepted. */
  get open(): boolean {
    return this.server.listener.listening;
  }

  /**
   * Opens it for the first time.
   * @throws {DoorError}
   */
  async begin(): Promise<void> {
    this.#meantOpen = true;
    await this.#listen();
  }

  /**
   * Opens or closes it, in the order in which it is asked for.
   * @param done told when it has happened
   */
  set(open: boolean, done: () => void): void {
    if (open === this.#meantOpen) return;
    this.#meantOpen = open;
    if (!open) {
      // At once, unless it is about to be opened: what is to be seen from outside must not wait for connections to end.
      if (this.open) {
        void this.server.shut();
        done();
      }
      return;
    }
    if (!this.#opening) void this.#reopen(done);
  }

  async #reopen(done: () => void): Promise<void> {
    this.#opening = true;
    while (this.#meantOpen && !this.open) {
      try {
        await this.#listen();
        if (this.#meantOpen) done();
        else void this.server.shut();
      } catch {
        // Somebody has taken the port in the meantime. Whoever asks is refused still, or answered by them.
        await sleep(AGAIN_MS);
      }
    }
    this.#opening = false;
  }

  #listen(): Promise<void> {
    const { listener } = this.server;
    // `reusePort` is missing in the types of Node 20, where it is never set.
    const options: ListenOptions & { reusePort?: boolean } = { host: this.#host, port: this.#port, backlog: BACKLOG };
    // Otherwise the first process accepts and sends each connection over, which costs more CPU than the requests of a short one.
    if (this.#listening !== 'shared') options.exclusive = true;
    if (this.#listening === 'reusePort') options.reusePort = true;
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => reject(new DoorError(error, this.#port));
      listener.once('error', failed);
      listener.listen(options, () => {
        listener.off('error', failed);
        this.#port = (listener.address() as AddressInfo).port;
        resolve();
      });
    });
  }
}
