import assert from 'node:assert/strict';
import { it } from 'node:test';
import { KeptAnswers } from '#src/api/kept-answers.js';
import { reply } from '#src/wire/reply.js';

it('answers that are asked for again stay, whatever else is asked for meanwhile', () => {
  const kept = new KeptAnswers();
  const made: number[] = [];
  const ask = (size: number) =>
    kept.get([size], () => {
      made.push(size);
      return reply(200, [], Buffer.from(String(size)));
    });
  for (let size = 1; size <= 2000; size++) {
    ask(0);
    ask(size);
  }
  assert.equal(made.filter((size) => size === 0).length, 1);
  ask(1);
  assert.equal(made.filter((size) => size === 1).length, 2);
});
