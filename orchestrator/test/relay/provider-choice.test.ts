import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderChoice } from '#src/relay/provider-choice.js';

test('each further attempt goes to the next provider, and round', () => {
  const choice = new ProviderChoice(2, null);
  assert.deepEqual(
    [1, 2, 3].map((attempt) => choice.next(attempt, 0)),
    [0, 1, 0],
  );
});

test('without a breaker a provider is asked however often it fails', () => {
  const choice = new ProviderChoice(1, null);
  for (let i = 0; i < 100; i += 1) choice.note(0, false, i);
  assert.equal(choice.next(1, 100), 0);
});

test('failures in a row open a breaker, and one request is let through when its time is over', () => {
  const choice = new ProviderChoice(2, { failures: 3, openUs: 1000 });
  choice.note(0, false, 0);
  choice.note(0, false, 0);
  choice.note(0, true, 0);
  choice.note(0, false, 0);
  choice.note(0, false, 0);
  assert.equal(choice.next(1, 10), 0, 'a success in between begins anew');
  choice.note(0, false, 10);
  assert.equal(choice.next(1, 500), 1, 'left alone');
  assert.equal(choice.next(1, 1010), 0, 'a probe');
  assert.equal(choice.next(1, 1011), 1, 'one at a time');
  choice.note(0, false, 1020);
  assert.equal(choice.next(1, 1500), 1, 'left alone again');
  assert.equal(choice.next(1, 2020), 0);
  choice.note(0, true, 2030);
  assert.equal(choice.next(1, 2031), 0, 'well again');
});

test('a probe whose client left makes room for another', () => {
  const choice = new ProviderChoice(1, { failures: 1, openUs: 10 });
  choice.note(0, false, 0);
  assert.equal(choice.next(1, 5), null, 'everybody is left alone');
  assert.equal(choice.next(1, 10), 0);
  choice.forget(0);
  assert.equal(choice.next(1, 11), 0);
});
