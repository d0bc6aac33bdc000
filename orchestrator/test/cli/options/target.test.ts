import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BenchError } from '#src/errors.js';
import { lacksHeader, parseTarget, recordableOptions } from '#src/cli/options/target.js';

const environment = { KEY: 'sk-very-secret' };

describe('parseTarget', () => {
  it('takes a URL alone, and names it after where it leads', () => {
    assert.deepEqual(parseTarget('http://127.0.0.1:8080/'), { name: '127.0.0.1-8080', url: 'http://127.0.0.1:8080' });
  });

  it('takes what an entry says of itself, in the same words', () => {
    const text =
      'gw=https://gw.example/base base-path=/openai health=/up model=bench model-prefix=openai/ serves=chat,embeddings ' +
      'accept=no-done header="Authorization: Bearer ${KEY}" header="x-route: a b"';
    assert.deepEqual(parseTarget(text, environment), {
      name: 'gw',
      url: 'https://gw.example/base',
      basePath: '/openai',
      healthPath: '/up',
      model: 'bench',
      modelPrefix: 'openai/',
      serves: ['chat', 'embeddings'],
      accept: ['no-done'],
      headers: { authorization: 'Bearer sk-very-secret', 'x-route': 'a b' },
    });
  });

  const refused = [
    ['gw=http://x heath=/up', /"heath" is none of .*\. Did you mean "health"\?/],
    ['gw=http://x /up', /"\/up" is none of/],
    ['gw=http://x base-path=/openai/', /base-path "\/openai\/" is none/],
    ['gw=http://x health=up', /health "up" is no path/],
    ['gw=http://x model=a model=b', /model is given twice/],
    ['gw=http://x model=', /model is empty/],
    ['gw=http://x serves=chta', /serves "chta" is none of/],
    ['gw=http://x header=authorization', /a header is NAME: VALUE/],
    ['gw=http://x header="a: ${NOBODY}"', /header: .*NOBODY/],
    ['gw=http://x header="a: b', /its quotes do not match/],
    ['gw=http://u:p@x', /a user and a password cannot be part of it/],
  ] as const;
  for (const [text, message] of refused)
    it(`refuses ${text}`, () => {
      assert.throws(
        () => parseTarget(text, environment),
        (thrown: unknown) => thrown instanceof BenchError && message.test(thrown.message) && thrown.exitCode === 2,
      );
    });

  it('tells no value of a header in what it refuses', () => {
    for (const text of [
      'gw=http://x header="a: sk-secret" nothing',
      'gw=http://x header="a: sk-secret',
      'gw=http://x header=sk-secret',
    ])
      assert.throws(
        () => parseTarget(text),
        (thrown: unknown) => thrown instanceof BenchError && !thrown.message.includes('sk-secret'),
      );
  });
});

describe('recordableOptions', () => {
  it('keeps of a header its name, and its value only where that is a variable', () => {
    const target = [
      'a=http://x header="authorization: Bearer sk-secret"',
      'b=http://y base-path=/openai header="authorization: Bearer ${KEY}"',
      'c=http://z',
    ];
    const kept = recordableOptions({ rps: '100', target });
    assert.deepEqual(kept, {
      rps: '100',
      target: [
        'a=http://x "header=authorization: (set)"',
        'b=http://y base-path=/openai "header=authorization: Bearer ${KEY}"',
        'c=http://z',
      ],
    });
    assert.equal(lacksHeader(kept), true);
    assert.deepEqual(recordableOptions(kept), kept);
  });

  it('can be done again from what is kept, where the header is a variable', () => {
    const target = 'b=http://y header="authorization: Bearer $KEY"';
    const kept = recordableOptions({ target });
    assert.equal(lacksHeader(kept), false);
    assert.deepEqual(parseTarget(String(kept['target']), environment), parseTarget(target, environment));
  });

  it('leaves options without a target as they are', () => {
    const options = { rps: '100' };
    assert.equal(recordableOptions(options), options);
  });
});
