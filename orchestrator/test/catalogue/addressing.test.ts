import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { addressingOf, modelNameOf, PLAIN_ADDRESSING, questionUrl } from '#src/catalogue/addressing.js';
import { readCompose } from '#src/catalogue/compose.js';
import type { Service } from '#src/catalogue/service.js';
import { BenchError } from '#src/errors.js';

const CHAT = { path: '/v1/chat/completions', answer: 'chat' } as const;
const EMBEDDINGS = { path: '/v1/embeddings', answer: 'embeddings' } as const;
const MESSAGES = { path: '/v1/messages', answer: 'chat' } as const;

function read(bench: string): Service {
  const directory = mkdtempSync(join(tmpdir(), 'addressing-'));
  const file = join(directory, 'mine.yml');
  writeFileSync(
    file,
    `services:\n  mine:\n    x-bench:\n      port: 7000\n      process: { command: [mine] }\n${bench.replaceAll(/^/gm, '      ')}\n`,
  );
  try {
    return readCompose(file)[0] as Service;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe('addressing', () => {
  it('asks as the API says where nothing is said', () => {
    const target = { ...PLAIN_ADDRESSING, url: 'http://h' };
    assert.equal(questionUrl(target, CHAT), 'http://h/v1/chat/completions');
    assert.deepEqual([modelNameOf(target, CHAT), modelNameOf(target, EMBEDDINGS)], ['bench-chat', 'bench-embed']);
  });

  it('has two prefixes, a whole path and other models by kind of request', () => {
    const service = read(
      [
        'base-path: /openai',
        'model-prefix: openai/',
        'by-kind:',
        '  messages: { base-path: /anthropic, model-prefix: anthropic/ }',
        '  embeddings: { path: /ai/embeddings, model: e1 }',
        '  responses: { base-path: "" }',
      ].join('\n'),
    );
    const target = { ...addressingOf(service), url: 'http://h' };
    assert.equal(questionUrl(target, CHAT), 'http://h/openai/v1/chat/completions');
    assert.equal(questionUrl(target, MESSAGES), 'http://h/anthropic/v1/messages');
    assert.equal(questionUrl(target, EMBEDDINGS), 'http://h/ai/embeddings');
    assert.equal(questionUrl(target, { path: '/v1/responses' }), 'http://h/v1/responses');
    assert.deepEqual(
      [modelNameOf(target, CHAT), modelNameOf(target, MESSAGES), modelNameOf(target, EMBEDDINGS)],
      ['openai/bench-chat', 'anthropic/bench-chat', 'openai/e1'],
    );
  });

  const refused = [
    ['by-kind: { chat: { path: /ai/chat } }', /a path that ends with \/chat\/completions/],
    ['by-kind: { chat: { base-path: /a, path: /a/chat/completions } }', /not with both/],
    ['by-kind: { chats: { model: a } }', /unknown key "chats".*Did you mean "chat"/],
    ['base-path: openai', /a path that stands before \/v1/],
  ] as const;
  for (const [bench, message] of refused)
    it(`refuses ${bench}`, () => {
      assert.throws(
        () => read(bench),
        (thrown: unknown) => thrown instanceof BenchError && message.test(thrown.message),
      );
    });
});
