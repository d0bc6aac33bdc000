import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AnswerManner } from '#src/request/current-request.js';
import { LastAnswer } from '#src/request/last-answer.js';
import { JsonObject } from '#src/wire/json.js';
import type { Message } from '#src/wire/message.js';
import { reply } from '#src/wire/reply.js';
import { withoutDigits } from '../support/answer-digits.js';
import { startFast } from '../support/in-process.js';

const MANNER: AnswerManner = { tokens: undefined, answer: { key: '' }, lenient: false };
const ANSWER = reply(200, [], Buffer.from('{}'));

function message(body: string, at: Partial<Message> = {}): Message {
  return { method: 'POST', path: '/v1/a', query: '', header: () => undefined, body: Buffer.from(body), ...at };
}

/** Whether the second request is given the answer of the first. */
function givenAgain(first: Message, second: Message, manner = MANNER): boolean {
  const last = new LastAnswer('messages');
  const json = new JsonObject();
  assert.equal(json.read(first.body), 'object');
  last.keep(first, MANNER, json, ANSWER);
  // What it was shown belongs to a connection, which reads the next request into it.
  first.body.fill(0x20);
  return last.find(second, manner) === ANSWER;
}

const talk = (words: string, rest = ''): string => `{"messages":[{"role":"user","content":"${words}"}]${rest}}`;

describe('LastAnswer', () => {
  it('is given again to the same request, whatever its id', () => {
    const id = fc.stringMatching(/^[\w-]{8}$/);
    const words = fc.stringMatching(/^[a-z ,.]*$/);
    fc.assert(
      fc.property(id, id, words, words, (one, other, before, behind) => {
        const [a, b] = [one, other].map((each) => message(talk(`${before}[[bench id=${each}]]${behind}`)));
        assert.equal(givenAgain(a as Message, b as Message), true);
      }),
    );
  });

  it('is given to no request that differs in any other byte', () => {
    const body = talk('hello [[bench id=abc-1 tokens=3]] there', ',"n":1');
    const [from, to] = [body.indexOf('abc-1'), body.indexOf('abc-1') + 'abc-1'.length];
    for (let at = 0; at < body.length; at++) {
      const other = body.slice(0, at) + String.fromCharCode(body.charCodeAt(at) ^ 1) + body.slice(at + 1);
      // Within the id only what may stand in one.
      const same = at >= from && at < to && /[\w-]/.test(other[at] as string);
      assert.equal(givenAgain(message(body), message(other)), same, other);
    }
  });

  it('is given to no request with more in the place of the id', () => {
    const body = talk('[[bench id=abcdefgh]]');
    for (const id of ['abcdefg', 'abcdefghi', 'abc"}],"', 'a tokens', 'abc\\"def'])
      assert.equal(givenAgain(message(body), message(talk(`[[bench id=${id}]]`))), false, id);
  });

  it('depends on an id that stands elsewhere than in the words', () => {
    const [one, other] = ['a', 'b'].map((id) => message(talk('hello', `,"model":"[[bench id=${id}]]"`)));
    assert.equal(givenAgain(one as Message, other as Message), false);
  });

  it('is of one path, one query and one manner', () => {
    const body = talk('hello');
    assert.equal(givenAgain(message(body), message(body)), true);
    assert.equal(givenAgain(message(body), message(body, { path: '/v1/b' })), false);
    assert.equal(givenAgain(message(body), message(body, { query: 'a=1' })), false);
    assert.equal(givenAgain(message(body), message(body), { ...MANNER }), false);
  });
});

/** Requests that are like each other: good ones and bad ones, with ids and without, at three endpoints. */
const LIKE_EACH_OTHER = [
  '[[bench id=a-1]]',
  '[[bench id=b-2]]',
  '[[bench id=b-2 tokens=3]]',
  'hello',
  'hello hello',
].flatMap((words): [string, string][] =>
  [
    '',
    ',"stream":true',
    ',"max_tokens":5',
    ',"max_tokens":0',
    ',"max_tokens":5,"stream":true',
    ',"nonsense":1',
  ].flatMap((rest): [string, string][] => [
    ['/v1/chat/completions', `{"model":"bench-chat",${talk(words, rest).slice(1)}`],
    ['/v1/chat/completions', `{"model":"bench-chat",${talk(words, rest).slice(1).replace('user', 'usar')}`],
    ['/v1/messages', `{"model":"bench-chat",${talk(words, rest).slice(1)}`],
    ['/v1/embeddings', `{"model":"bench-embed","input":"${words}"${rest}}`],
  ]),
);

it('answers as a mock that has seen nothing before, whatever came before', async (t) => {
  const mock = await startFast();
  t.after(() => mock.stop());
  const ask = async (port: number, [path, body]: [string, string]): Promise<string> => {
    const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body });
    return `${response.status} ${withoutDigits(await response.text())}`;
  };
  const fresh = new Map<string, string>();
  for (const request of LIKE_EACH_OTHER) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as they are to be
    const other = await startFast();
    // oxlint-disable-next-line no-await-in-loop -- as above
    fresh.set(request.join(), await ask(other.port, request));
    other.stop();
  }
  assert.ok(new Set(fresh.values()).size > 10);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...LIKE_EACH_OTHER), { minLength: 2, maxLength: 20 }),
      async (requests) => {
        // oxlint-disable-next-line no-await-in-loop -- as above
        for (const request of requests) assert.equal(await ask(mock.port, request), fresh.get(request.join()));
      },
    ),
    { numRuns: 60 },
  );
});
