import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attempt } from '#src/analyse/conduct/fate.js';
import type { ConductRow } from '#src/analyse/conduct/row.js';
import { witnessFates, witnessRows } from '#src/analyse/conduct/witness.js';
import { readWitnesses, type WitnessedAnswer, writeWitnesses } from '#src/record/conduct-witness.js';
import { attempt, failed, PHASES } from './synthetic.js';

const SENT = JSON.stringify({
  error: { message: 'The engine is down.', type: 'server_error', param: null, code: null },
});
const USAGE = { prompt_tokens: 9, completion_tokens: 24 };
const PLAIN = JSON.stringify({ model: 'bench-chat', usage: USAGE });

function answer(id: string, more: Partial<WitnessedAnswer>): WitnessedAnswer {
  const dueUs = 3e6;
  const none = { provider: null, retryAfter: null, shows: [] };
  return { ...none, id, outcome: 'status', dueUs, endUs: dueUs + 1000, status: 503, body: SENT, ...more };
}

function rowsOf(answers: readonly WitnessedAnswer[], attempts: readonly Attempt[]) {
  return witnessRows(witnessFates(answers, attempts, PHASES, 0));
}

function valueOf(row: ConductRow): number | string {
  return 'state' in row ? row.state : row.value;
}

/** What provider a says of an error when it is asked itself. */
const REFERENCE = answer('r', { provider: 'a', retryAfter: '7' });
const SEEN = [failed('w', 3e6), failed('r', 3.1e6)];

describe('errors word for word', () => {
  for (const [how, body, expected] of [
    ['as they were sent', SENT, [1, 0, 0]],
    [
      'with a code of the gateway’s own',
      JSON.stringify({ error: { message: 'The engine is down.', type: 'x' } }),
      [0, 1, 0],
    ],
    ['as a text in another error', JSON.stringify({ error: { message: `upstream: ${SENT}` } }), [0, 1, 0]],
    ['in no JSON', 'bad gateway', [0, 0, 1]],
    ['as another one', JSON.stringify({ error: { message: 'no provider', type: 'server_error' } }), [0, 0, 1]],
  ] as const) {
    test(how, () => {
      const rows = rowsOf([answer('w', { body }), REFERENCE], SEEN);
      assert.deepEqual([rows.errorKeptShare, rows.errorWrappedShare, rows.errorLostShare].map(valueOf), expected);
    });
  }

  test('whose provider was not asked itself are not told', () => {
    assert.equal(valueOf(rowsOf([answer('w', {})], SEEN).errorKeptShare), 'nothing-seen');
  });

  test('that show a provider accuse, also where none was reached', () => {
    const rows = rowsOf([answer('w', { shows: ['address'] }), answer('v', {})], []);
    assert.equal(valueOf(rows.errorShowsShare), 0.5);
  });

  test('without the Retry-After that was sent', () => {
    assert.equal(valueOf(rowsOf([answer('w', {}), REFERENCE], SEEN).retryAfterPassedShare), 0);
    assert.equal(valueOf(rowsOf([answer('w', { retryAfter: '7' }), REFERENCE], SEEN).retryAfterPassedShare), 1);
  });
});

describe('who is said to have answered', () => {
  const served = (body: string): WitnessedAnswer => answer('w', { outcome: 'ok', status: 200, body });
  const other = JSON.stringify({ model: 'bench-chat', usage: { ...USAGE, completion_tokens: 20 } });
  const references = [
    answer('r', { provider: 'a', outcome: 'ok', status: 200, body: other, dueUs: 1e6 }),
    answer('s', { provider: 'b', outcome: 'ok', status: 200, body: PLAIN, dueUs: 1e6 }),
  ];
  // The first provider failed, and the second answered.
  const seen = [
    failed('w', 3e6),
    attempt('w', 3.01e6, { provider: 'b' }),
    attempt('r', 1e6),
    attempt('s', 1e6, { provider: 'b' }),
  ];

  test('is right with the usage of the one that answered, and wrong with that of the other', () => {
    assert.equal(valueOf(rowsOf([served(PLAIN), ...references], seen).usageKeptShare), 1);
    assert.equal(valueOf(rowsOf([served(other), ...references], seen).usageKeptShare), 0);
    assert.equal(valueOf(rowsOf([served('{"model":"another"}'), ...references], seen).modelKeptShare), 0);
  });

  test('is told of streams by the last event that names it, and one that says none is wrong', () => {
    const stream = (...events: unknown[]): string =>
      [...events.map((event) => `data: ${JSON.stringify(event)}\n\n`), 'data: [DONE]\n\n'].join('');
    const head = { model: 'bench-chat', usage: null };
    const asked = references.map((each) => ({ ...each, body: stream(head, JSON.parse(each.body)) }));
    const right = rowsOf([served(stream(head, { usage: USAGE })), ...asked], seen);
    assert.deepEqual([right.usageKeptShare, right.modelKeptShare].map(valueOf), [1, 1]);
    assert.equal(valueOf(rowsOf([served(stream(head)), ...asked], seen).usageKeptShare), 0);
    assert.equal(valueOf(rowsOf([served(stream(head, JSON.parse(other))), ...asked], seen).usageKeptShare), 0);
  });

  test('is not told where that one was not asked itself', () => {
    assert.equal(
      valueOf(rowsOf([served(PLAIN), references[0] as WitnessedAnswer], seen).usageKeptShare),
      'nothing-seen',
    );
  });
});

test('witnesses are read as they were written', () => {
  const answers = [answer('w', { shows: ['key'] }), REFERENCE];
  assert.deepEqual(readWitnesses(writeWitnesses(answers)), answers);
  assert.throws(() => readWitnesses(Buffer.from('{"schemaVersion":2,"answers":[]}')));
});
