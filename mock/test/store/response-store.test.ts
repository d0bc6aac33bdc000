import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseStore } from '#src/store/response-store.js';
import { type Frame, Frames, jsonFrame, rawFrame } from '#src/wire/frames.js';
import { reply, streamReply, type Reply } from '#src/wire/reply.js';

const MEBI = 1024 * 1024;

function response(id: string, text = ''): Reply {
  return reply(200, [], Buffer.from(JSON.stringify({ id, output: [text] })));
}

test('what has no room by itself is not kept, and takes nobody else’s', () => {
  const store = new ResponseStore(9);
  store.keep(response('resp_small'), 1, '[]');
  store.keep(response('resp_huge'), 2, ' '.repeat(64 * MEBI));
  assert.equal(store.find('resp_huge'), undefined);
  assert.equal(store.find('resp_small')?.input, '[]');
  store.delete('resp_huge');
  store.keep(response('resp_other'), 3, '[]');
  assert.ok(store.find('resp_small') !== undefined && store.find('resp_other') !== undefined);
});

test('answers count as much as what they answer: the oldest make room', () => {
  const heavy = 'x'.repeat(4 * MEBI);
  const ids = Array.from({ length: 10 }, (_, i) => `resp_${i}`);
  for (const given of [
    (store: ResponseStore, id: string) => store.keep(response(id, heavy), 1, '[]'),
    (store: ResponseStore, id: string) => store.keep(response(id), 1, heavy),
  ]) {
    const store = new ResponseStore(100);
    for (const id of ids) given(store, id);
    // Of two bytes a character at most.
    assert.deepEqual(
      ids.filter((id) => store.find(id) !== undefined),
      ids.slice(3),
    );
  }
});

test('what is no response, or not a whole one, is not kept', () => {
  const id = 'resp_1';
  const completed = { type: 'response.completed', response: { id, output: [] } };
  const streamed = (...frames: Frame[]) => streamReply([], new Frames(frames.map((frame) => ({ frame, times: 1 }))));
  const whole = streamed(jsonFrame({ type: 'response.created' }), jsonFrame(completed));
  const broken = rawFrame(`data: ${JSON.stringify(completed).slice(0, -1)}\n\n`);
  for (const [answer, kept] of [
    [response(id), true],
    [whole, true],
    [streamed(broken), false],
    [streamed(jsonFrame({ type: 'response.output_text.done' })), false],
    [reply(200, [], response(id).body.subarray(0, -1)), false],
    [reply(200, [], Buffer.from(JSON.stringify({ id }))), false],
    [reply(200, [], Buffer.from('null')), false],
    [reply(500, [], response(id).body), false],
    [response('chatcmpl-1'), false],
  ] as const) {
    const store = new ResponseStore(9);
    store.keep(answer, 1, '[]');
    assert.equal(store.find(id) !== undefined, kept);
  }
});
