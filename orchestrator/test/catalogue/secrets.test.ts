import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { secretsOf, shownValue, shownWords, withoutSecrets } from '#src/catalogue/secrets.js';
import { fakeService } from '../support/fake-runtime.js';

const SECRET = 'hunter2-hunter2';

test('what is named like a secret is hidden, in every way that a configuration says it', () => {
  for (const text of [
    `api_key: ${SECRET}`,
    `  - token: "${SECRET}"`,
    `export OPENAI_API_KEY=${SECRET}`,
    `password = '${SECRET}'`,
    `{"model": "m", "api_key": "${SECRET}", "port": 1}`,
    `headers: { authorization: "Bearer ${SECRET}" }`,
    `Authorization: Bearer ${SECRET}`,
    `run --master-key=${SECRET} --port 1`,
    `run --master-key ${SECRET} --port 1`,
    `client_secret: |\n  first line\n  ${SECRET}\n`,
    `keys:\n  - ${SECRET}\n  - other`,
    `keys:\n- ${SECRET}\n- other`,
    `http://user:${SECRET}@127.0.0.1:1/v1`,
    `http://127.0.0.1:1/v1?api_key=${SECRET}&a=b`,
    `-----BEGIN RSA PRIVATE KEY-----\n${SECRET}\n-----END RSA PRIVATE KEY-----`,
  ])
    assert.ok(!withoutSecrets(text).includes(SECRET), text);
});

test('what looks like a secret is hidden whatever it is called', () => {
  for (const secret of [
    'sk-proj-abcdefgh12345',
    'ghp_abcdefghijklmnop1234',
    'AKIAABCDEFGHIJKLMNOP',
    'eyJhbGciOiJI.eyJzdWIiOiIx.abc',
  ])
    assert.equal(withoutSecrets(`note: ${secret}, and so on`), 'note: (set), and so on');
});

test('everything else stays as it is, to the letter', () => {
  const text = 'model_list:\n  - model_name: gpt-4o\n    port: 4000\nlog: info # as it was\nmax: 10\n';
  assert.equal(withoutSecrets(text), text);
  assert.equal(withoutSecrets('require_master_key: false'), 'require_master_key: false');
  assert.deepEqual(shownWords(['serve', '--port', '80']), ['serve', '--port', '80']);
});

test('the word behind an option is hidden, and no other', () => {
  assert.deepEqual(shownWords(['serve', '--api-key', SECRET, '--port', '80']), [
    'serve',
    '--api-key',
    '(set)',
    '--port',
    '80',
  ]);
});

test('a variable’s value is shown unless its name forbids it', () => {
  assert.equal(shownValue('OPENAI_API_KEY', SECRET), '(set)');
  assert.equal(shownValue('LOG_LEVEL', 'debug'), 'debug');
  assert.equal(shownValue('DATABASE_URL', `postgres://me:${SECRET}@db/x`), 'postgres://…@db/x');
  assert.equal(shownValue('X_KEY', null), null);
});

test('a known secret is found wherever it stands', () => {
  const service = {
    ...fakeService('gw'),
    environment: { GW_TOKEN: SECRET },
    headers: { authorization: 'Bearer other-secret' },
  };
  const known = secretsOf(service);
  assert.deepEqual(known, [SECRET, 'other-secret']);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.constantFrom(...known), (before, after, secret) => {
      const left = withoutSecrets(`${before}${secret}${after}`, known);
      assert.ok(!left.includes(secret));
    }),
  );
});
