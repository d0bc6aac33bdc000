import type { ConductLooks } from '../../record/conduct.js';
import { type ConductRow, nothingSeen } from './row.js';

/** How a target stands behind a fault, against how it stood under the same load before it. */
export interface StandingRows {
  /** Processes of before that are gone: it ended, or was started again. */
  readonly processesLost: ConductRow;
  /** So many times what it had before; 1.0 is as before. */
  readonly descriptorsAfter: ConductRow;
  readonly connectionsAfter: ConductRow;
  readonly memoryAfter: ConductRow;
}

/** Added on both sides, so that twice of little is not much: connections that are kept for the next request, pages that were never touched. */
export const STANDING_ROOM = { files: 64, memoryBytes: 64 * 1024 ** 2 } as const;

const UNSEEN = 'this runtime does not show it';
const ENDED = 'all of its processes had ended';

/** The rows of what a target holds behind a case, against what it held before: a row without a look on both sides says so. */
export function standingRows({ before, after }: ConductLooks): StandingRows {
  const isGone = after?.processes?.length === 0;
  const ratio = (name: 'descriptors' | 'connections' | 'memoryBytes', room: number): ConductRow => {
    const [was, is] = [before?.[name] ?? null, after?.[name] ?? null];
    if (was === null || is === null) return unseen();
    // What is gone holds nothing, and has not given it back.
    return isGone ? nothingSeen(ENDED) : single((is + room) / (was + room));
  };
  const [had, has] = [before?.processes ?? null, after?.processes ?? null];
  return {
    processesLost:
      had === null || has === null ? unseen() : single(had.filter((process) => !has.includes(process)).length),
    descriptorsAfter: ratio('descriptors', STANDING_ROOM.files),
    connectionsAfter: ratio('connections', STANDING_ROOM.files),
    memoryAfter: ratio('memoryBytes', STANDING_ROOM.memoryBytes),
  };
}

function unseen(): ConductRow {
  return { state: 'cannot-tell', reason: UNSEEN };
}

function single(value: number): ConductRow {
  return { value, low: value, high: value, count: 1 };
}
