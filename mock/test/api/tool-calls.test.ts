import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { withoutDigits } from '../support/answer-digits.js';
import { post, startMock, type StartedMock } from '../support/started-mock.js';

interface Call {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

let mock: StartedMock;
before(async () => {
  mock = await startMock();
});
after(() => mock.stop());

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,16}$/);
/** Anything a client may send as a schema, sound or not. */
const parameters = fc.oneof(
  fc.jsonValue(),
  fc
    .dictionary(fc.string(), fc.jsonValue())
    .map((properties) => ({ type: 'object', properties, required: Object.keys(properties) })),
);
const tools = fc
  .uniqueArray(fc.record({ name, parameters }), { minLength: 1, maxLength: 5, selector: (tool) => tool.name })
  .map((all) => all.map((described) => ({ type: 'function', function: described })));

function ask(offered: unknown, extra: object = {}): Promise<Response> {
  const messages = [{ role: 'user', content: 'hi' }];
  return post(mock.url, '/v1/chat/completions', { model: 'bench-chat', messages, tools: offered, ...extra });
}

async function wholeCall(response: Response): Promise<Call | undefined> {
  const body = (await response.json()) as { choices: { message: { tool_calls: Call[] } }[] };
  const call = body.choices[0]?.message.tool_calls[0];
  return call && { ...call, id: withoutDigits(call.id) };
}

async function streamedCall(response: Response): Promise<Call | undefined> {
  const frames = (await response.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
  const deltas = frames.flatMap((frame) => {
    const chunk = JSON.parse(frame.slice('data: '.length)) as { choices: { delta: { tool_calls?: Call[] } }[] };
    return chunk.choices[0]?.delta.tool_calls ?? [];
  });
  const [first] = deltas;
  const text = deltas.map((delta) => delta.function.arguments).join('');
  return first && { id: withoutDigits(first.id), function: { name: first.function.name, arguments: text } };
}

describe('tool calls', () => {
  it('have arguments that are a JSON object, whatever the schema, and are the same whole and streamed', async () => {
    await fc.assert(
      fc.asyncProperty(tools, async (offered) => {
        const whole = await wholeCall(await ask(offered));
        const parsed: unknown = JSON.parse(whole?.function.arguments ?? '');
        assert.ok(typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed));
        const streamed = await streamedCall(await ask(offered, { stream: true }));
        assert.deepEqual(streamed, { id: whole?.id, function: whole?.function });
      }),
      { numRuns: 100 },
    );
  });

  it('are of the tool that is named', async () => {
    await fc.assert(
      fc.asyncProperty(tools, fc.nat(), async (offered, pick) => {
        const wanted = offered[pick % offered.length]?.function.name;
        const choice = { type: 'function', function: { name: wanted } };
        const call = await wholeCall(await ask(offered, { tool_choice: choice }));
        assert.equal(call?.function.name, wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('come byte for byte the same, but for their ids, when the same is asked again', async () => {
    const offered = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const [one, other] = [await (await ask(offered)).text(), await (await ask(offered)).text()];
    assert.notEqual(one, other);
    assert.equal(withoutDigits(one), withoutDigits(other));
  });
});
