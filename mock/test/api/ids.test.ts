import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { answerDigits, seedAnswerIds } from '#src/wire/answer-id.js';
import { ledgerRecords } from '#src/ledger/export.js';
import { startFast, startSlow, type InProcess } from '../support/in-process.js';
import { talk } from '../support/raw-client.js';
import { post } from '../support/started-mock.js';

const TOOL = { type: 'object', properties: { city: { type: 'string' } } };
const CHAT_TOOLS = [{ type: 'function', function: { name: 'look', parameters: TOOL } }];
const MESSAGES = [{ role: 'user', content: 'hello' }];
const ASKED: readonly (readonly [path: string, body: object])[] = [
  ['/v1/chat/completions', { messages: MESSAGES }],
  ['/v1/chat/completions', { messages: MESSAGES, tools: CHAT_TOOLS, n: 2 }],
  ['/v1/completions', { prompt: 'hello' }],
  ['/v1/responses', { input: 'hello', reasoning: { effort: 'low', summary: 'auto' } }],
  ['/v1/responses', { input: 'hello', tools: [{ type: 'function', name: 'look', parameters: TOOL }] }],
  ['/v1/responses', { input: 'hello', tools: [{ type: 'custom', name: 'look' }] }],
  ['/v1/messages', { messages: MESSAGES, max_tokens: 100 }],
  ['/v1/messages', { messages: MESSAGES, max_tokens: 100, tools: [{ name: 'look', input_schema: TOOL }] }],
];
/** Ways in which a stream leaves: whole, frame by frame, as a burst too long to be kept, and with faults in it and below it. */
const MANNERS = [
  'id=a',
  'gap=1',
  'tokens=3000',
  'fault=bad-json',
  'fault=duplicate',
  'fault=cut:5',
  'fault=slow-head:20',
];

/** All digits of answers in a text. */
function digitsIn(text: string): string[] {
  return Array.from(text.matchAll(/"(?:[a-z]+_|[a-z]+-)[a-z0-9]*?([0-9a-f]{24})"/g), (match) => match[1] as string);
}

async function ask(port: number, [path, body]: (typeof ASKED)[number], manner: string, stream: boolean) {
  const headers = { 'anthropic-version': '2023-06-01', 'x-bench': manner };
  const response = await post(`http://127.0.0.1:${port}`, path, { model: 'bench-chat', stream, ...body }, headers);
  const id = response.headers.get('x-request-id') ?? response.headers.get('request-id') ?? '';
  // A stream that is cut ends with an error; what came before it counts.
  let text = '';
  try {
    for await (const piece of response.body ?? []) text += Buffer.from(piece as Uint8Array).toString('latin1');
  } catch (error) {
    assert.ok(manner.includes('cut'), String(error));
  }
  return { digits: id.slice('req_'.length), text };
}

for (const [way, start] of [
  ['the fast path', startFast],
  ['node:http', startSlow],
] as const) {
  describe(`ids, answered by ${way}`, () => {
    let server: InProcess;
    before(async () => {
      server = await start();
    });
    after(() => server.stop());

    for (const asked of ASKED) {
      it(`${asked[0]} ${Object.keys(asked[1]).join(' ')}: all of one answer end alike, and no other answer's do`, async () => {
        const seen = new Set<string>();
        for (const manner of MANNERS) {
          for (const stream of manner.includes('fault') ? [true] : [false, true]) {
            // At the same time, so that one answer's ids could get among the other's.
            const answers = await Promise.all([1, 2, 3].map(() => ask(server.port, asked, manner, stream)));
            for (const { digits, text } of answers) {
              const found = digitsIn(text);
              assert.ok(found.length > 0, text.slice(0, 300));
              assert.deepEqual([...new Set(found)], [digits], `${manner} ${stream}`);
              assert.ok(!seen.has(digits));
              seen.add(digits);
            }
            const bare = answers.map(({ digits, text }) => text.replaceAll(digits, ''));
            assert.deepEqual(new Set(bare).size, 1, 'but for its ids an answer depends on its request alone');
          }
        }
      });
    }

    it('no two within one answer are the same but those that mean the same', async () => {
      const { text } = await ask(server.port, ASKED[1] as (typeof ASKED)[number], 'id=a', false);
      const calls = Array.from(text.matchAll(/"id":"(call_\w+)"/g), (match) => match[1]);
      assert.equal(new Set(calls).size, 2);
    });
  });
}

describe('the ledger', () => {
  it('has the digits of each attempt', async (t) => {
    const mark = seedAnswerIds(0);
    const server = await startFast([], undefined, undefined, mark);
    t.after(() => server.stop());
    const answered: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const { digits } = await ask(server.port, ASKED[0] as (typeof ASKED)[number], 'id=again', attempt === 1);
      answered.push(digits);
    }
    const records = ledgerRecords([server.ledger.records()], { faults: [], providers: [], phases: [] });
    assert.deepEqual(
      records.map(({ answer, attempt }) => [answer, attempt]),
      answered.map((digits, i) => [digits, i + 1]),
    );
    assert.equal(answered[0], answerDigits(0, mark, 1));
  });
});

describe('answers that the peer does not take', () => {
  it('keep their own ids while others are made', async (t) => {
    const server = await startFast();
    t.after(() => server.stop());
    const body = JSON.stringify({ model: 'bench-chat', messages: MESSAGES, max_tokens: 900, stream: true });
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    // Sent all at once and read late: far more than the kernel holds.
    const bytes = await talk(server.port, [Buffer.from((head + body).repeat(60))]);
    const answers = bytes.toString('latin1').split('HTTP/1.1 200 OK').slice(1);
    assert.equal(answers.length, 60);
    for (const answer of answers) {
      const id = /x-request-id: req_(\w+)/.exec(answer)?.[1];
      assert.deepEqual([...new Set(digitsIn(answer))], [id]);
    }
    assert.equal(new Set(answers.map((answer) => /req_\w+/.exec(answer)?.[0])).size, 60);
  });
});
