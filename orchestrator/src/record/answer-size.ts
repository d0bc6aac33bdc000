import { bucketBounds, type SparseHistogram } from './histogram.js';
import type { Reason } from './reason.js';
import type { LoadRecord } from './trial.js';

/** What a target answered when it was asked once more behind a trial: how long its body was, and what was wrong with it. */
export interface AnswerBehind {
  readonly bytes: number | null;
  /** Null when it says what it said before the clock started. */
  readonly fault: string | null;
}

/** Ids, times and counts make answers of one meaning differ in length by this much; an error or an empty answer differs by more. */
const TOLERANCE = { share: 0.25, bytes: 64 } as const;
/** Share of answers that may be of another length, as of failures of any kind. */
const MAX_SHARE = 0.001;

/**
 * Whether answers that a driver did not look into may be timed: the one behind the trial has to say what was attested, and those under load
 * have to be as long as it is. A driver that reads every answer has counted wrong ones already, and says no lengths.
 * @returns why they may not; null where they may
 */
export function wrongAnswers({ answerBytes, ok }: LoadRecord, behind: AnswerBehind): Reason | null {
  if (behind.fault !== null)
    return {
      code: 'wrong-answers',
      message: `asked once more behind the trial, it answers otherwise than before: ${behind.fault}`,
    };
  if (answerBytes === undefined || behind.bytes === null || ok === 0) return null;
  const others = countOutside(answerBytes, behind.bytes);
  const share = others / ok;
  if (share <= MAX_SHARE) return null;
  const [usual] = commonest(answerBytes);
  return {
    code: 'wrong-answers',
    message: `${others} of ${ok} answers with status 200 are no answers by their length: most have some ${usual} bytes, the attested one has ${behind.bytes}`,
    evidence: { share, answers: others, attestedBytes: behind.bytes, limit: MAX_SHARE },
  };
}

function countOutside(histogram: SparseHistogram, bytes: number): number {
  const most = TOLERANCE.bytes + TOLERANCE.share * bytes;
  return pairs(histogram).reduce(
    (sum, [low, high, count]) => (high < bytes - most || low > bytes + most ? sum + count : sum),
    0,
  );
}

function commonest(histogram: SparseHistogram): [lowBytes: number] {
  const [first] = pairs(histogram).sort((a, b) => b[2] - a[2]);
  return [Math.round(first?.[0] ?? 0)];
}

function pairs(histogram: SparseHistogram): [low: number, high: number, count: number][] {
  const all: [number, number, number][] = [];
  for (let i = 0; i + 1 < histogram.length; i += 2) {
    const { lowUs, widthUs } = bucketBounds(histogram[i] as number);
    all.push([lowUs, lowUs + widthUs, histogram[i + 1] as number]);
  }
  return all;
}
