import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { registryLogin, registryOf } from '#src/runtime/docker/registry-login.js';

const directory = mkdtempSync(join(tmpdir(), 'registry-login-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const told: string[] = [];
const login = (image: string, environment: NodeJS.ProcessEnv = {}) =>
  registryLogin(image, (line) => told.push(line), { DOCKER_CONFIG: directory, ...environment });

function configure(config: unknown): void {
  writeFileSync(join(directory, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  told.length = 0;
}

/** A credential helper that answers so for the registry ghcr.test, and knows no other. */
function installHelper(name: string, answer: string): NodeJS.ProcessEnv {
  const path = join(directory, `docker-credential-${name}`);
  const script = `#!${process.execPath}
    process.stdin.once('data', (asked) => {
      if (String(asked) !== 'ghcr.test') process.exit(1);
      process.stdout.write(${JSON.stringify(answer)});
    });`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return { PATH: [directory, dirname(process.execPath)].join(delimiter) };
}

test('the registry of an image is its first part when that is a host, else Docker Hub', () => {
  const hub = 'https://index.docker.io/v1/';
  for (const image of ['nginx', 'nginx:1.2', 'maximhq/bifrost:v1', 'docker.io/library/nginx'])
    assert.equal(registryOf(image), hub, image);
  assert.equal(registryOf('ghcr.io/a/b:1'), 'ghcr.io');
  assert.equal(registryOf('localhost/x'), 'localhost');
  assert.equal(registryOf('registry:5000/x'), 'registry:5000');
});

test('log-in data of config.json, by host and in each of its forms', async () => {
  configure({
    auths: {
      'https://index.docker.io/v1/': { auth: Buffer.from('me:pass:word').toString('base64') },
      'https://old.test/v1/': { username: 'you', password: 'secret' },
      'token.test': { identitytoken: 'refresh' },
      'empty.test': {},
    },
  });
  assert.deepEqual(await login('nginx'), {
    serveraddress: 'https://index.docker.io/v1/',
    username: 'me',
    password: 'pass:word',
  });
  assert.deepEqual(await login('old.test/x'), { serveraddress: 'old.test', username: 'you', password: 'secret' });
  assert.deepEqual(await login('token.test/x'), { serveraddress: 'token.test', identitytoken: 'refresh' });
  assert.equal(await login('empty.test/x'), null);
  assert.equal(await login('other.test/x'), null);
  assert.deepEqual(told, []);
});

test('a credential helper is asked: of the registry before the one for all', async () => {
  const environment = installHelper('fake', '{"ServerURL":"ghcr.test","Username":"me","Secret":"s"}');
  configure({ credHelpers: { 'ghcr.test': 'fake' }, credsStore: 'nowhere' });
  assert.deepEqual(await login('ghcr.test/x', environment), {
    serveraddress: 'ghcr.test',
    username: 'me',
    password: 's',
  });
  configure({ credsStore: 'fake' });
  assert.equal(await login('other.test/x', environment), null, 'it knows nothing of that one');
  assert.deepEqual(told, []);
  installHelper('fake', '{"Username":"<token>","Secret":"refresh"}');
  assert.deepEqual(await login('ghcr.test/x', environment), { serveraddress: 'ghcr.test', identitytoken: 'refresh' });
});

test('what cannot be used is said, and the image is pulled without', async () => {
  configure({ credsStore: 'nowhere' });
  assert.equal(await login('ghcr.test/x', { PATH: directory }), null);
  assert.match(told[0] ?? '', /^ghcr\.test\/x is pulled without log-in data: docker-credential-nowhere cannot be used/);
  const environment = installHelper('odd', 'no JSON');
  configure({ credsStore: 'odd' });
  assert.equal(await login('ghcr.test/x', environment), null);
  assert.match(told[0] ?? '', /gave no log-in data that can be read/);
  configure('{');
  assert.equal(await login('ghcr.test/x'), null);
  assert.match(told[0] ?? '', /config\.json: /);
});
