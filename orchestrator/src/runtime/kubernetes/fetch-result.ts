import { createHash } from 'node:crypto';
import { messageOf } from '../../errors.js';
import { pause } from '../../pause.js';
import { waitBefore } from './back-off.js';
import type { Executed } from './cluster.js';
import type { Result } from './result.js';
import { resultLost } from './run-archive.js';

/** Connections that bring nothing, one after another, before it is given up. */
const MOST_VAIN = 8;
/** And for how long none can be opened: the result is kept for as long. */
const AWAY_MS = 900_000;

/** How far an archive is known to go. */
type Extent = Pick<Result, 'bytes' | 'sha256'>;

/** What is done with an archive that grows. */
export interface Exchange {
  /** Runs the command that prints the archive from this byte on, `until` being the last one that is said to be there. */
  readonly read: (from: number, until: number) => Promise<Executed>;
  /** Is given what has come since the last time, checked; each time a whole archive. */
  readonly deliver: (archive: Buffer) => Promise<void>;
}

/** Fetches the archive of a run while it grows, over as many connections as it takes: each goes on where the one before was cut. */
export class ResultFetch {
  readonly #exchange: Exchange;
  /** Of what was delivered. */
  #hash = createHash('sha256');
  #delivered = 0;
  /** What has come behind it and is not whole. */
  #pending: Buffer[] = [];
  #had = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Fetches what there is while the run goes on, by one connection; what does not come by it is had with what comes after. */
  async some(extent: Extent): Promise<void> {
    if (this.#had < extent.bytes) await this.#readOn(extent).catch(() => undefined);
    if (this.#had < extent.bytes) return;
    if (!(await this.#deliverWhole(extent))) this.#forgetPending();
  }

  /**
   * Fetches all of the archive of a run that has ended.
   * @throws BenchError `result-lost` when it does not come, or not as it was made; what `deliver` throws
   */
  async all(extent: Extent, signal: AbortSignal): Promise<void> {
    let why = 'nothing came';
    let hadAt = performance.now();
    for (
      let [vain, away] = [0, 0];
      this.#had < extent.bytes && vain < MOST_VAIN && performance.now() - hadAt < AWAY_MS;
    ) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- each goes on where the one before ended
        const { came, said } = await this.#readOn(extent);
        vain = came > 0 ? 0 : vain + 1;
        away = 0;
        hadAt = performance.now();
        if (came === 0 && said !== '') why = said;
      } catch (thrown) {
        away += 1;
        why = messageOf(thrown);
      }
      const tries = Math.max(vain, away);
      // oxlint-disable-next-line no-await-in-loop -- back-off
      if (tries > 0 && vain < MOST_VAIN) await pause(waitBefore(tries, null, Math.random()), signal);
    }
    if (this.#had < extent.bytes) throw resultLost(`${this.#had} of its ${extent.bytes} bytes came: ${why}`);
    if (!(await this.#deliverWhole(extent))) throw resultLost('what came is not what was sent');
  }

  async #readOn({ bytes }: Extent): Promise<{ readonly came: number; readonly said: string }> {
    const { stdout, stderr } = await this.#exchange.read(this.#had, bytes);
    const part = stdout.subarray(0, bytes - this.#had);
    if (part.length > 0) this.#pending.push(part);
    this.#had += part.length;
    return { came: part.length, said: stderr.trim() };
  }

  /** @returns whether it is what was sent */
  async #deliverWhole({ bytes, sha256 }: Extent): Promise<boolean> {
    // Of a line that is read late more may be there already.
    if (bytes < this.#had) return true;
    const whole = Buffer.concat(this.#pending);
    const hash = this.#hash.copy().update(whole);
    if (hash.copy().digest('hex') !== sha256) return false;
    if (whole.length > 0) await this.#exchange.deliver(whole);
    this.#hash = hash;
    this.#delivered = bytes;
    this.#pending = [];
    return true;
  }

  #forgetPending(): void {
    this.#pending = [];
    this.#had = this.#delivered;
  }
}
