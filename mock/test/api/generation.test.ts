import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Content } from '#src/api/content.js';
import { generate } from '#src/api/generation.js';
import { MAX_TOKENS } from '#src/api/tokens.js';

const text = fc.string({ unit: 'grapheme' });

describe('Content', () => {
  it('of a text without end is one token more than an answer may have, each of them short', () => {
    const content = Content.of(`${'a'.repeat(1_000_000)}${' a,'.repeat(200_000)}`);
    assert.equal(content.tokens, MAX_TOKENS + 1);
    assert.ok(content.runs.every(({ token }) => token.length <= 128));
    const wanted = { content, calls: [], limit: undefined, reasoningTokens: 0, stops: [], finish: undefined };
    const { tokens, finish } = generate(wanted);
    assert.deepEqual([tokens, finish], [MAX_TOKENS, 'length']);
  });

  it('cuts a text into tokens that make it up again', () => {
    fc.assert(fc.property(text, (said) => assert.equal(Content.of(said).text, said)));
  });

  it('counts words and groups of signs', () => {
    const content = Content.of('This is a benchmark response.');
    assert.deepEqual(
      content.runs.map(({ token }) => token),
      ['This', ' is', ' a', ' benchmark', ' response', '.'],
    );
  });

  it('says as many words as asked for, of the same length but for the first one’s space, and never a hundred equal ones in a row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (count) => {
        const { tokens, text: said, runs } = Content.words(count);
        assert.deepEqual([tokens, said.length], [count, 5 * count - 1]);
        assert.ok(runs.every(({ times }) => times < 100));
        assert.ok(runs.every(({ token }, i) => token !== runs[i + 1]?.token));
      }),
    );
  });

  it('is sent in chunks of so many tokens that make it up again, only the last one shorter', () => {
    const contents = fc.oneof(
      text.map((said) => Content.of(said)),
      fc.integer({ min: 1, max: 500 }).map((n) => Content.words(n)),
    );
    fc.assert(
      fc.property(contents, fc.integer({ min: 1, max: 60 }), (content, size) => {
        const chunks = content.chunked(size).flatMap((chunk) => Array.from({ length: chunk.times }, () => chunk));
        assert.equal(chunks.map((chunk) => chunk.text).join(''), content.text);
        assert.deepEqual(
          chunks.map(({ tokens }) => tokens.join('')),
          chunks.map((chunk) => chunk.text),
        );
        const sizes = chunks.map(({ tokens }) => tokens.length);
        assert.ok(sizes.slice(0, -1).every((each) => each === size));
        assert.equal(
          sizes.reduce((sum, each) => sum + each, 0),
          content.tokens,
        );
      }),
    );
  });

  it('keeps the first tokens, never more than there are', () => {
    fc.assert(
      fc.property(text, fc.nat(40), (said, count) => {
        const content = Content.of(said);
        const first = content.first(count);
        assert.equal(first.tokens, Math.min(count, content.tokens));
        assert.ok(said.startsWith(first.text));
      }),
    );
  });
});

describe('generate', () => {
  const base = { calls: [], limit: undefined, reasoningTokens: 0, stops: [], finish: undefined };

  it('says all of it without a limit', () => {
    const { content, tokens, finish } = generate({ ...base, content: Content.words(3) });
    assert.deepEqual([content.text, tokens, finish], ['word word word', 3, 'stop']);
  });

  it('never goes beyond the limit, and reasons first', () => {
    const wanted = { ...base, content: Content.words(50), limit: 40, reasoningTokens: 32 };
    const { content, reasoningTokens, tokens, finish } = generate(wanted);
    assert.deepEqual([content.tokens, reasoningTokens, tokens, finish], [8, 32, 40, 'length']);
  });

  it('says nothing when reasoning uses up the limit', () => {
    const { content, tokens } = generate({ ...base, content: Content.words(50), limit: 10, reasoningTokens: 32 });
    assert.deepEqual([content.text, tokens], ['', 10]);
  });

  it('ends before the first stop text', () => {
    const wanted = { ...base, content: Content.of('one two three'), stops: ['three', ' two'] };
    const { content, finish, stop } = generate(wanted);
    assert.deepEqual([content.text, finish, stop], ['one', 'stop', ' two']);
  });

  it('cuts calls where the limit falls, and begins no further one', () => {
    const call = (name: string) => ({ name, custom: false, input: Content.of('one two three') });
    const wanted = { ...base, content: Content.of('say'), calls: ['a', 'b', 'c'].map(call) };
    for (const [limit, ...expected] of [
      [10, 'one two three', 'one two three', 'one two three', 'tool_calls'],
      [9, 'one two three', 'one two three', 'one two', 'length'],
      [7, 'one two three', 'one two three', 'length'],
      [5, 'one two three', 'one', 'length'],
      [1, '', 'length'],
    ] as const) {
      const { calls, tokens, finish } = generate({ ...wanted, limit });
      assert.deepEqual([...calls.map(({ input }) => input.text), finish], expected);
      assert.equal(tokens, limit);
    }
  });

  it('lets the limit win over a stop text behind it', () => {
    const { content, finish } = generate({ ...base, content: Content.of('a b c d'), limit: 2, stops: ['d'] });
    assert.deepEqual([content.text, finish], ['a b', 'length']);
  });
});
