import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { Content, SENTENCE } from '#src/api/content.js';
import { anthropicImageTokens, openAiImageTokens, sizeOf } from '#src/api/image-tokens.js';
import { estimateTokens } from '#src/api/token-estimate.js';
import { conversationTokens, plainTokens } from '#src/api/tokens.js';

const repository = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

/** Texts of many kinds, the real ones from this repository. */
const TEXTS: Readonly<Record<string, string>> = {
  manual: repository('docs/mock.md'),
  readme: repository('README.md'),
  code: repository('mock/src/wire/connection.ts'),
  yaml: repository('compose/docker-compose.yml'),
  English: 'The mock answers what a provider would, and remembers when it did; nothing else is asked of it. '.repeat(9),
  German: 'Das Wetter ist heute in Bern sehr schön, und die Straßen sind voller Menschen, die einkaufen. '.repeat(9),
  French: 'La réponse du modèle a été générée à partir des données fournies par l’utilisateur, sans rien. '.repeat(9),
  Russian: 'Сегодня в городе хорошая погода, и люди гуляют по улицам, наслаждаясь солнцем. '.repeat(9),
  Chinese: '今天城市的天气很好，人们在街上散步，享受阳光和新鲜空气。'.repeat(9),
  Japanese: '今日は天気が良く、人々は通りを散歩しています。モデルの回答はデータに基づいて生成されました。'.repeat(9),
  Korean: '오늘 도시의 날씨가 좋아서 사람들이 거리를 산책하고 있습니다. '.repeat(9),
  words: Content.words(3000).text,
};

/** By how much the estimate may be off; docs/mock-api.md says so. */
const ERROR = 1 / 6;

describe('tokens of a text', () => {
  for (const [name, text] of Object.entries(TEXTS)) {
    it(`are about as many as o200k_base makes of it: ${name}`, () => {
      const bytes = Buffer.from(text);
      const real = encode(text).length;
      const estimate = estimateTokens(bytes, 0, bytes.length);
      assert.ok(Math.abs(estimate - real) <= ERROR * real, `${estimate.toFixed(0)} of ${real}`);
    });

    it(`are about as many in JSON, where much is escaped: ${name}`, () => {
      const real = encode(text).length;
      const estimate = plainTokens(Buffer.from(JSON.stringify(text)));
      assert.ok(Math.abs(estimate - real) <= ERROR * real, `${estimate} of ${real}`);
    });
  }

  it('are never fewer for more of it, nor lost in bytes that are no text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const tokens = estimateTokens(Buffer.from(bytes), 0, bytes.length);
        assert.ok(tokens >= 0 && tokens <= 2 * bytes.length + 1 && !Number.isNaN(tokens));
      }),
    );
  });

  it('are those of a tokenizer in answers', () => {
    for (const count of [1, 2, 49, 50, 51, 100, 777]) {
      assert.equal(encode(Content.words(count).text).length, count);
      assert.equal(Content.words(count).tokens, count);
    }
    assert.equal(encode(SENTENCE.text).length, SENTENCE.tokens);
    const cut = Content.words(120)
      .chunked(7)
      .map(({ text, times }) => text.repeat(times));
    assert.equal(cut.join(''), Content.words(120).text);
  });
});

describe('tokens of a conversation', () => {
  const counted = (messages: unknown, images = openAiImageTokens) =>
    conversationTokens(Buffer.from(JSON.stringify(messages)), images);

  it('are near those of the provider: three for the conversation and for each message, one for its role, and the text', () => {
    for (const [texts, real] of [
      [['Hello'], 3 + 4 + 1],
      [['What is the weather in Bern?'], 3 + 4 + 7],
      [['You are helpful.', 'Hello', 'Hi, how can I help?', 'Bye'], 3 + 4 * 4 + 4 + 1 + 7 + 1],
    ] as const) {
      const messages = texts.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }));
      assert.ok(Math.abs(counted(messages) - real) <= 0.2 * real, `${counted(messages)} of ${real}`);
      const spaced = Buffer.from(JSON.stringify(messages).replaceAll('":', '": ').replaceAll(',"', ', "'));
      assert.ok(Math.abs(conversationTokens(spaced, openAiImageTokens) - counted(messages)) <= 1);
    }
  });

  it('do not depend on a marker for the mock', () => {
    const say = (marker: string) => counted([{ role: 'user', content: `Hello ${marker}` }]);
    assert.equal(say('[[bench id=a-1]]'), say('[[bench id=a-123456 tokens=50 gap=2]]'));
  });

  it('have images by their size, whatever their bytes', () => {
    const image = (width: number, height: number, bytes: number) => {
      const png = Buffer.alloc(bytes, 0x5a);
      png.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
      png.writeUInt32BE(width, 16);
      png.writeUInt32BE(height, 20);
      return png.toString('base64');
    };
    const openAi = (base64: string, more: object = {}) => {
      const part = { type: 'image_url', image_url: { url: `data:image/png;base64,${base64}`, ...more } };
      return counted([{ role: 'user', content: [{ type: 'text', text: 'What is this?' }, part] }]);
    };
    const [small, large] = [openAi(image(1024, 1024, 2000)), openAi(image(1024, 1024, 1_000_000))];
    assert.equal(small, large);
    assert.ok(Math.abs(small - (765 + 11)) < 20, `${small}`);
    assert.ok(Math.abs(openAi(image(1024, 1024, 2000), { detail: 'low' }) - (85 + 11)) < 20);
    const source = { type: 'base64', media_type: 'image/png', data: image(1000, 1000, 500_000) };
    const message = [{ role: 'user', content: [{ type: 'image', source }] }];
    const tokens = counted(message, anthropicImageTokens);
    assert.ok(Math.abs(tokens - 1334) < 30, `${tokens}`);
  });

  it('know the size of an image from its first bytes', () => {
    const gif = Buffer.from('GIF89a\x40\x01\xf0\x00', 'latin1').toString('base64');
    assert.deepEqual(sizeOf(gif), { width: 320, height: 240 });
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108012c019003', 'hex').toString('base64');
    assert.deepEqual(sizeOf(jpeg), { width: 400, height: 300 });
    const webp = Buffer.from('RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x8f\x01\0\x2b\x01\0', 'latin1').toString('base64');
    assert.deepEqual(sizeOf(webp), { width: 400, height: 300 });
    assert.deepEqual(sizeOf('bm90aGluZw=='), { width: 1024, height: 1024 });
    fc.assert(fc.property(fc.string(), (text) => assert.ok(sizeOf(text).width > 0)));
  });

  it('of what OpenAI documents', () => {
    const png = (width: number, height: number) => {
      const bytes = Buffer.alloc(24);
      bytes.write('\x89PNG', 'latin1');
      bytes.writeUInt32BE(width, 16);
      bytes.writeUInt32BE(height, 20);
      return bytes.toString('base64');
    };
    assert.equal(openAiImageTokens(png(1024, 1024), false), 765);
    assert.equal(openAiImageTokens(png(2048, 4096), false), 1105);
    assert.equal(openAiImageTokens(png(4096, 8192), true), 85);
  });
});
