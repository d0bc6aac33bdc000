import type { Buffer } from 'node:buffer';
import { seedFor } from '../analyse/random.js';
import { seededRandom } from '../plan/random.js';
import type { Edit } from './answer-editor.js';
import { delaySource } from './delay.js';
import { Limiter } from './limiter.js';
import type { RelayOptions } from './options.js';
import type { SinCounts } from './planted.js';

/** What becomes of one request. */
export interface Treatment {
  readonly delayUs: number;
  /** Null: its answer is passed on as it is. */
  readonly edit: Edit | null;
}

/** Decides, request by request, what is planted; seeded. */
export class Policy {
  /** What was done wrong so far. */
  readonly sins: SinCounts = { buffered: 0, framesDropped: 0, wrong: 0, rejected: 0, queued: 0 };
  readonly #options: RelayOptions['sins'];
  readonly #delayUs: (nowUs: number) => number;
  readonly #random: () => number;
  readonly #limiter: Limiter | null;
  #streams = 0;

  constructor({ delay, sins, seed }: Pick<RelayOptions, 'delay' | 'sins' | 'seed'>) {
    this.#options = sins;
    this.#delayUs = delaySource(delay, seed);
    // Of its own, so that a delay does not change which answers are wrong.
    this.#random = seededRandom(seedFor(seed, 'sins'));
    this.#limiter = sins.limit === null ? null : new Limiter(sins.limit.rps);
  }

  /** @param body of the request */
  treat(body: Buffer, nowUs: number): Treatment | 'reject' {
    const queuedUs = this.#limit(nowUs);
    if (queuedUs === null) return 'reject';
    return { delayUs: queuedUs + this.#delayUs(nowUs), edit: this.#editOf(body.includes('"stream":true')) };
  }

  /** An answer was spoilt as intended. */
  noteSpoilt({ buffer, dropFrame, wrong }: Edit): void {
    if (buffer) this.sins.buffered += 1;
    if (dropFrame) this.sins.framesDropped += 1;
    if (wrong) this.sins.wrong += 1;
  }

  /** How long the request has to wait for its turn; null when it is turned away. */
  #limit(nowUs: number): number | null {
    if (this.#limiter === null || this.#options.limit === null) return 0;
    if (this.#options.limit.by === 'reject' && this.#limiter.waitUs(nowUs) > 0) {
      this.sins.rejected += 1;
      return null;
    }
    const waitUs = this.#limiter.takeUs(nowUs);
    if (waitUs > 0) this.sins.queued += 1;
    return waitUs;
  }

  #editOf(streamed: boolean): Edit | null {
    const { bufferStreams, dropFrameEvery, wrongShare } = this.#options;
    if (streamed) this.#streams += 1;
    const edit = {
      buffer: streamed && bufferStreams,
      dropFrame: streamed && dropFrameEvery !== null && this.#streams % dropFrameEvery === 0,
      wrong: wrongShare > 0 && this.#random() < wrongShare,
    };
    return edit.buffer || edit.dropFrame || edit.wrong ? edit : null;
  }
}
