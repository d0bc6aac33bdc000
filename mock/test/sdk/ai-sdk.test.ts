import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startMock, type StartedMock } from '../support/started-mock.js';

/** The provider wants a newer Node than the mock does, so it may not load here. */
const imported = await import('@ai-sdk/openai-compatible').catch((error: Error) => error);
const skip = imported instanceof Error ? `@ai-sdk/openai-compatible cannot be loaded: ${imported.message}` : false;

describe('ai SDK, OpenAI-compatible provider', { skip }, () => {
  let mock: StartedMock;
  before(async () => {
    mock = await startMock();
  });
  after(() => mock.stop());

  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Say hello.' }] }];
  const tools = [
    {
      type: 'function' as const,
      name: 'get_weather',
      inputSchema: { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] },
    },
  ];

  function provider() {
    if (imported instanceof Error) throw imported;
    return imported.createOpenAICompatible({ name: 'bench', baseURL: `${mock.url}/v1`, includeUsage: true });
  }

  async function parts(options: Parameters<ReturnType<ReturnType<typeof provider>['chatModel']>['doStream']>[0]) {
    const { stream } = await provider().chatModel('bench-chat').doStream(options);
    const all = [];
    for await (const part of stream) all.push(part);
    return all;
  }

  it('generates a text', async () => {
    const { content, finishReason, usage } = await provider().chatModel('bench-chat').doGenerate({ prompt });
    assert.deepEqual(content, [{ type: 'text', text: 'This is a benchmark response.' }]);
    assert.equal(finishReason.unified, 'stop');
    assert.equal(usage.outputTokens.total, 6);
  });

  it('streams a text', async () => {
    const all = await parts({ prompt, maxOutputTokens: 4 });
    const text = all.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : [])).join('');
    assert.equal(text, 'word word word word');
    const finish = all.find((part) => part.type === 'finish');
    assert.equal(finish?.finishReason.unified, 'length');
    assert.equal(finish.usage.outputTokens.total, 4);
  });

  it('calls a tool, whole and streamed', async () => {
    const { content } = await provider().chatModel('bench-chat').doGenerate({ prompt, tools });
    const [call] = content;
    assert.ok(call?.type === 'tool-call');
    assert.deepEqual([call.toolName, JSON.parse(call.input)], ['get_weather', { city: 'bench city' }]);
    const streamed = (await parts({ prompt, tools })).find((part) => part.type === 'tool-call');
    assert.match(streamed?.toolCallId ?? '', /^call_/);
    assert.notEqual(streamed?.toolCallId, call.toolCallId);
    assert.equal(streamed?.input, call.input);
  });

  it('embeds', async () => {
    const { embeddings } = await provider()
      .embeddingModel('bench-embed')
      .doEmbed({ values: ['a', 'b'] });
    assert.deepEqual(
      embeddings.map((vector) => vector.length),
      [1536, 1536],
    );
  });
});
