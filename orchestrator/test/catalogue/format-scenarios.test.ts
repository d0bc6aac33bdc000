import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import { BULK_SCENARIOS, FORMAT_SCENARIOS } from '#src/catalogue/format-scenarios.js';
import { noiseImage } from '#src/catalogue/noise-image.js';
import { FEATURE_GROUP, GROUPS, SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';

type Members = Record<string, unknown>;
const scenario = (name: string) => SCENARIOS.find((one) => one.name === name) ?? assert.fail(name);
const bodyOf = (name: string, behaviour?: string) =>
  JSON.parse(scenarioBody(scenario(name), { modelPrefix: 'openai/' }, behaviour)) as Members;

test('every scenario is of one group beside that of features, has a name of its own, and its id once in its request', () => {
  assert.equal(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
  for (const one of SCENARIOS) {
    const groups = GROUPS.filter(({ name, scenarios }) => name !== FEATURE_GROUP && scenarios.includes(one.name));
    assert.equal(groups.length, 1, one.name);
    assert.equal(scenarioBody(one, { modelPrefix: '' }).split('[[bench id=0000000000000000').length, 2, one.name);
  }
});

test('a request is streamed exactly where its scenario is', () => {
  for (const { name, streaming } of [...FORMAT_SCENARIOS, ...BULK_SCENARIOS])
    assert.equal(bodyOf(name)['stream'] === true, streaming, name);
});

test('Messages has a version, a limit and the model’s prefix; the length of its answer is asked for in every request', () => {
  assert.deepEqual(scenario('messages').headers, { 'anthropic-version': '2023-06-01' });
  assert.deepEqual(bodyOf('messages'), {
    model: 'openai/bench-chat',
    max_tokens: 1024,
    messages: [{ role: 'user', content: 'Answer in one short sentence. [[bench id=0000000000000000 tokens=6]]' }],
  });
  assert.match(JSON.stringify(bodyOf('messages-stream', 'gap=25')), /\[\[bench id=0{16} tokens=20 gap=25\]\]/);
});

test('a batch has a hundred inputs, the first with the id, and asks for base64', () => {
  const { model, input, encoding_format } = bodyOf('embeddings-batch');
  assert.equal(model, 'openai/bench-embed');
  assert.equal(encoding_format, 'base64');
  assert.ok(Array.isArray(input) && input.length === 100 && new Set(input).size === 100);
});

test('a structured answer has a schema that strict mode takes: all of an object is required, and nothing else allowed', () => {
  const check = (schema: Members): number => {
    const properties = Object.values((schema['properties'] ?? {}) as Record<string, Members>);
    if (schema['type'] === 'object') {
      assert.equal(schema['additionalProperties'], false);
      assert.deepEqual(schema['required'], Object.keys(schema['properties'] as Members));
    }
    const below = [...properties, ...(schema['items'] === undefined ? [] : [schema['items'] as Members])];
    return below.reduce((sum, one) => sum + check(one), schema['type'] === 'object' ? 1 : 0);
  };
  const format = bodyOf('chat-structured')['response_format'] as { type: string; json_schema: { schema: Members } };
  assert.equal(format.type, 'json_schema');
  assert.equal(check(format.json_schema.schema), 2);
});

test('the image is a valid PNG of a mebibyte that cannot be made smaller, the same each time', () => {
  const url = noiseImage(512);
  assert.equal(noiseImage(512), url);
  assert.ok(url.length >= 2 ** 20 && url.length < 1.01 * 2 ** 20, `${url.length}`);
  assert.ok(JSON.stringify(bodyOf('chat-vision')).includes(url));
  const bytes = Buffer.from(url.slice('data:image/png;base64,'.length), 'base64');
  assert.equal(bytes.toString('latin1', 1, 4), 'PNG');
  const chunks: string[] = [];
  let pixels = Buffer.alloc(0);
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const typed = bytes.subarray(at + 4, at + 8 + length);
    assert.equal(bytes.readUInt32BE(at + 8 + length), crc32(typed));
    chunks.push(typed.toString('latin1', 0, 4));
    if (chunks.at(-1) === 'IDAT') pixels = inflateSync(typed.subarray(4));
    at += 12 + length;
  }
  assert.deepEqual(chunks, ['IHDR', 'IDAT', 'IEND']);
  assert.equal(bytes.readUInt32BE(16), 512);
  assert.equal(pixels.length, 512 * (512 * 3 + 1));
  assert.ok(
    pixels.every((byte, at) => at % (512 * 3 + 1) !== 0 || byte === 0),
    'each row says that it is not filtered',
  );
});
