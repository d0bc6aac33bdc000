import type { EarlyEnd, Mishaps } from '../api/endpoint.js';
import { framesOf } from '../api/mishaps.js';
import { Frames, rawFrame, type Frame, type Run } from '../wire/frames.js';
import { reply, streamReply, type Answer } from '../wire/reply.js';
import type { AnswerFault } from './fault.js';

/** The faults that are ways to end early. */
const EARLY_ENDS: ReadonlyMap<AnswerFault['kind'], EarlyEnd> = new Map([
  ['incomplete', 'length'],
  ['content-filter', 'filter'],
  ['refusal', 'refusal'],
]);

/**
 * The answer with a fault in what it says; undefined when that would be the answer as it was. A plain answer has no frames, so that
 * only its JSON can be broken or end early; and a frame that is the last, or like the next one, cannot change places. An answer
 * that is an error already does not end early.
 * @param mishaps how the endpoint tells of what goes wrong within an answer
 */
// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
export function altered(answer: Answer, fault: AnswerFault, mishaps: Mishaps | undefined): Answer | undefined {
  const earlyEnd = EARLY_ENDS.get(fault.kind);
  if (earlyEnd !== undefined) {
    if (answer.status >= 400) return undefined;
    return mishaps?.endedEarly(answer, earlyEnd, answer.kind === 'reply' ? 0 : placeIn(answer.frames, fault.value));
  }
  if (answer.kind === 'reply') {
    return fault.kind === 'bad-json' ? reply(answer.status, answer.headers, broken(answer.body)) : undefined;
  }
  const { frames } = answer;
  const place = placeIn(frames, fault.value);
  const frame = frameAt(frames, place);
  switch (fault.kind) {
    case 'error-frame': {
      if (mishaps === undefined) return undefined;
      const before = framesOf(answer).slice(0, place);
      const all = [...before, mishaps.errorFrame(before)];
      return streamReply(answer.headers, new Frames(all.map((each) => ({ frame: each, times: 1 }))));
    }
    case 'bad-json':
      return streamReply(answer.headers, replaced(frames, place, [rawFrame(brokenEvent(frame))]));
    case 'bad-frame':
      return streamReply(answer.headers, replaced(frames, place, [rawFrame(frame.data.toString().slice(0, -1))]));
    case 'no-done':
      return streamReply(answer.headers, replaced(frames, frames.count, []));
    case 'duplicate':
      return streamReply(answer.headers, replaced(frames, place, [frame, frame]));
    case 'reorder': {
      const next = place === frames.count ? frame : frameAt(frames, place + 1);
      if (next.data.equals(frame.data)) return undefined;
      return streamReply(answer.headers, replaced(replaced(frames, place, [next]), place + 1, [frame]));
    }
  }
}

/** Which frame a fault means: 1 is the first, 0 the one in the middle. */
function placeIn(frames: Frames, value: number): number {
  return value === 0 ? Math.ceil(frames.count / 2) : Math.min(value, frames.count);
}

/** Without its last byte, which in JSON is the bracket that closes it. */
function broken(body: Buffer): Buffer {
  return body.subarray(0, -1);
}

function brokenEvent(frame: Frame): string {
  return frame.data.toString().replace(/.\n\n$/, '\n\n');
}

/** @param place 1 is the first */
function frameAt(frames: Frames, place: number): Frame {
  let left = place;
  for (const run of frames.runs) {
    if (left <= run.times) return run.frame;
    left -= run.times;
  }
  return (frames.runs.at(-1) as Run).frame;
}

/** The frames with others in one place. */
function replaced(frames: Frames, place: number, others: readonly Frame[]): Frames {
  const runs: Run[] = [];
  let before = 0;
  for (const run of frames.runs) {
    const inside = place - before;
    before += run.times;
    if (inside < 1 || inside > run.times) runs.push(run);
    else {
      runs.push({ frame: run.frame, times: inside - 1 });
      runs.push(...others.map((frame) => ({ frame, times: 1 })));
      runs.push({ frame: run.frame, times: run.times - inside });
    }
  }
  return new Frames(runs);
}
