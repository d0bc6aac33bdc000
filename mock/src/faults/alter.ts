import type { Mishaps } from '../api/endpoint.js';
import { framesOf } from '../api/mishaps.js';
import { Frames, rawFrame, type Frame, type Run } from '../wire/frames.js';
import { reply, streamReply, type Answer, type StreamReply } from '../wire/reply.js';
import type { AnswerFault } from './fault.js';

/** The faults that are ways to end early. */
const EARLY_ENDS = { incomplete: 'length', 'content-filter': 'filter', refusal: 'refusal' } as const;

/**
 * The answer with a fault in what it says; undefined when that would be the answer as it was. A plain answer has no frames, so that
 * only its JSON can be broken or end early; and a frame that is the last, or like the next one, cannot change places. An answer
 * that is an error already does not end early.
 * @param mishaps how the endpoint tells of what goes wrong within an answer
 */
export function altered(answer: Answer, fault: AnswerFault, mishaps: Mishaps | undefined): Answer | undefined {
  if (answer.kind === 'stream') return alteredStream(answer, fault, mishaps);
  const { kind } = fault;
  if (kind === 'bad-json') return reply(answer.status, answer.headers, broken(answer.body));
  if (!(kind in EARLY_ENDS) || answer.status >= 400) return undefined;
  return mishaps?.endedEarly(answer, EARLY_ENDS[kind as keyof typeof EARLY_ENDS], 0);
}

// oxlint-disable-next-line eslint/consistent-return -- the switch is exhaustive, which the compiler checks
function alteredStream(answer: StreamReply, fault: AnswerFault, mishaps: Mishaps | undefined): Answer | undefined {
  const { frames } = answer;
  const place = fault.value === 0 ? Math.ceil(frames.count / 2) : Math.min(fault.value, frames.count);
  const frame = frameAt(frames, place);
  switch (fault.kind) {
    case 'incomplete':
    case 'content-filter':
    case 'refusal':
      return mishaps?.endedEarly(answer, EARLY_ENDS[fault.kind], place);
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
