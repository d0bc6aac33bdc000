import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AnswerEditor, type Edit } from '#src/relay/answer-editor.js';

const NOTHING: Edit = { buffer: false, dropFrame: false, wrong: false };
const HEAD = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const FRAMES = ['{"role":"assistant"}', '"content":"one "', '"content":"two "', '"content":"three "', '[DONE]'].map(
  (data) => chunk(`data: ${data}\n\n`),
);
const STREAM = `${HEAD}${FRAMES.join('')}0\r\n\r\n`;

/** The stream cut anywhere, as a network may. */
const pieces = fc
  .array(fc.nat(STREAM.length), { maxLength: 12 })
  .map((cuts) => [0, ...cuts.sort((a, b) => a - b), STREAM.length])
  .map((edges) => edges.slice(1).map((end, i) => STREAM.slice(edges[i], end)));

const passed = (editor: AnswerEditor, parts: readonly string[]): string[] =>
  parts.map((part) => editor.push(Buffer.from(part)).toString());

test('a dropped frame is one whole chunk with text, wherever the stream is cut', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const editor = new AnswerEditor({ ...NOTHING, dropFrame: true });
      assert.equal(passed(editor, parts).join(''), STREAM.replace(FRAMES[3] as string, ''));
      assert.ok(editor.spoilt);
    }),
  );
});

test('a buffered stream comes as it is and all at its end', () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const editor = new AnswerEditor({ ...NOTHING, buffer: true });
      const came = passed(editor, parts).filter((text) => text !== '');
      assert.deepEqual(came, [STREAM]);
    }),
  );
});

test('a wrong answer differs in one letter and keeps its length', () => {
  const editor = new AnswerEditor({ ...NOTHING, wrong: true });
  assert.equal(passed(editor, [STREAM]).join(''), STREAM.replace('one', 'xne'));
  assert.ok(editor.spoilt);
});

test('an answer without text cannot be made wrong, and that is not counted', () => {
  const editor = new AnswerEditor({ ...NOTHING, wrong: true });
  assert.deepEqual(passed(editor, [`${HEAD}{"data":[1,2]}`]), [`${HEAD}{"data":[1,2]}`]);
  assert.equal(editor.spoilt, false);
});

test('an encoded answer is named and not misread, wherever its head is cut', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n';
  for (let cut = 0; cut < head.length; cut++) {
    const editor = new AnswerEditor({ ...NOTHING, dropFrame: true });
    assert.throws(() => passed(editor, [head.slice(0, cut), `${head.slice(cut)}4\r\n\u001f\u008b`]), {
      name: 'RangeError',
      message: "the provider's answer is encoded with gzip, which was not asked for, and cannot be edited",
    });
  }
});
