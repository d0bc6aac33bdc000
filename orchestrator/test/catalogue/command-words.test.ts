import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quote } from 'shlex';
import { CommandFault, commandWords } from '#src/catalogue/command-words.js';

test('a command is split as a shell would split it', () => {
  assert.deepEqual(commandWords(`sh -c "echo \\"a b\\" && exec gw --x 'y z'"`), [
    'sh',
    '-c',
    `echo "a b" && exec gw --x 'y z'`,
  ]);
  assert.deepEqual(commandWords(` a"b"'c'd 'it'"'"'s' x\\ y `), ['abcd', "it's", 'x y']);
  assert.deepEqual(commandWords(''), []);
});

for (const text of [
  'a "b',
  "it's",
  'a\\',
  'a && b',
  'a > b',
  'a;b',
  'a (b)',
  'a `b`',
  '"a" "b',
  '""\'',
  'a \\\n b',
  "$'a'",
  '"e\\nf"',
]) {
  test(`${JSON.stringify(text)} is refused`, () => assert.throws(() => commandWords(text), CommandFault));
}

test('words that were quoted for a shell come out as they were', () => {
  const word = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(fc.array(word), (words) => {
      assert.deepEqual(commandWords(words.map((one) => quote(one)).join(' ')), words);
    }),
  );
});
