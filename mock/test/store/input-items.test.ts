import assert from 'node:assert/strict';
import { test } from 'node:test';
import { history } from '#src/store/input-items.js';

const ANSWER = JSON.stringify({ output: [{ type: 'message', role: 'assistant', content: [] }] });

test('a turn that is over has no markers any more, and is whole otherwise', () => {
  const before = (content: unknown) => history(JSON.stringify([{ role: 'user', content }]), ANSWER)[0];
  for (const [sent, kept] of [
    ['Hi [[bench id=a]]there', 'Hi there'],
    ['[[bench tool=a\\b"c]]', ''],
    ['[[bench ', '[[bench '],
    // What begins in one text and ends in another is no marker.
    [
      { text: '[[bench x', more: [']]'] },
      { text: '[[bench x', more: [']]'] },
    ],
  ])
    assert.deepEqual(before(sent), { role: 'user', content: kept });
  assert.equal(history('[]', ANSWER).length, 1);
});
