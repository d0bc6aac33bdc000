import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type EngineEndpoint, findEngine } from '#src/runtime/docker/find-engine.js';
import { withCode } from './support.js';

const home = mkdtempSync(join(tmpdir(), 'find-engine-'));
after(() => rmSync(home, { recursive: true, force: true }));

function find(environment: NodeJS.ProcessEnv, at = home): EngineEndpoint {
  return findEngine({ environment, home: at, platform: 'linux' });
}

function write(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
}

function addContext(name: string, host: string, skipTlsVerify = false): string {
  const folder = createHash('sha256').update(name).digest('hex');
  const meta = { Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: skipTlsVerify } } };
  write(join(home, '.docker', 'contexts', 'meta', folder, 'meta.json'), JSON.stringify(meta));
  return join(home, '.docker', 'contexts', 'tls', folder, 'docker');
}

test('DOCKER_HOST comes first, in every form the docker command takes', () => {
  assert.deepEqual(find({ DOCKER_HOST: 'unix:///run/user/1000/docker.sock' }).place, {
    kind: 'socket',
    path: '/run/user/1000/docker.sock',
  });
  assert.deepEqual(find({ DOCKER_HOST: 'unix://' }).place, { kind: 'socket', path: '/var/run/docker.sock' });
  const near = { kind: 'tcp', host: '127.0.0.1', port: 2375, tls: null };
  assert.deepEqual(find({ DOCKER_HOST: 'tcp://127.0.0.1' }).place, near, 'the command’s own port');
  assert.deepEqual(find({ DOCKER_HOST: '127.0.0.1:2375' }).place, near);
  assert.deepEqual(find({ DOCKER_HOST: 'tcp://[::1]:1234' }).place, { ...near, host: '::1', port: 1234 });
  assert.equal(find({ DOCKER_HOST: 'tcp://127.0.0.1', DOCKER_CONTEXT: 'other' }).origin, 'DOCKER_HOST');
});

test('what names no engine is refused with the forms that do', () => {
  for (const host of ['ftp://x', 'tcp://', 'tcp://a:b:c'])
    assert.throws(() => find({ DOCKER_HOST: host }), withCode('engine-address'), host);
});

test('an engine behind ssh is another machine’s, and the message says how to measure there', () => {
  assert.throws(
    () => find({ DOCKER_HOST: 'ssh://me@builder:2222' }),
    (thrown: Error & { code?: string; hint?: string }) =>
      thrown.code === 'engine-remote' && /ssh -p 2222 me@builder, then the same command/.test(thrown.hint ?? ''),
  );
});

test('TLS reads all three files, and names the one that is missing', () => {
  const directory = join(home, 'certs');
  write(join(directory, 'ca.pem'), 'ca');
  write(join(directory, 'cert.pem'), 'cert');
  const environment = { DOCKER_HOST: 'tcp://127.0.0.1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: directory };
  assert.throws(
    () => find(environment),
    (thrown: Error & { code?: string }) =>
      thrown.code === 'engine-tls-incomplete' && thrown.message.includes(join(directory, 'key.pem')),
  );
  write(join(directory, 'key.pem'), 'key');
  assert.deepEqual(find(environment).place, {
    kind: 'tcp',
    host: '127.0.0.1',
    port: 2376,
    tls: { ca: 'ca', cert: 'cert', key: 'key', verify: true },
  });
});

test('without DOCKER_HOST the context says it: of the environment, else the current one', () => {
  addContext('rootless', 'unix:///run/user/7/docker.sock');
  const tls = addContext('far', 'tcp://10.0.0.7:2376', true);
  for (const name of ['ca', 'cert', 'key']) write(join(tls, `${name}.pem`), name);
  const chosen = find({ DOCKER_CONTEXT: 'far' });
  assert.equal(chosen.origin, 'DOCKER_CONTEXT "far"');
  assert.deepEqual(chosen.place, {
    kind: 'tcp',
    host: '10.0.0.7',
    port: 2376,
    tls: { ca: 'ca', cert: 'cert', key: 'key', verify: false },
  });
  write(join(home, '.docker', 'config.json'), JSON.stringify({ auths: {}, currentContext: 'rootless' }));
  assert.equal(find({}).origin, 'the current context "rootless"');
  assert.equal(find({}).address, 'unix:///run/user/7/docker.sock');
  assert.equal(find({ DOCKER_CONTEXT: 'default' }).origin, 'the default socket');
  assert.throws(() => find({ DOCKER_CONTEXT: 'gone' }), withCode('engine-address'));
});

test('a configuration that cannot be read says which file', () => {
  const directory = join(home, 'broken');
  write(join(directory, 'config.json'), '{"currentContext": 5}');
  assert.throws(
    () => find({ DOCKER_CONFIG: directory }),
    (thrown: Error) => thrown.message.startsWith(join(directory, 'config.json')),
  );
});

test('the first default socket that this user may open is taken: system, rootless, Docker Desktop', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'find-engine-home-'));
  try {
    const desktop = join(elsewhere, '.docker', 'desktop', 'docker.sock');
    write(desktop, '');
    // Where the system's own socket is there, it is the first.
    const found = find({}, elsewhere).place;
    assert.ok(found.kind === 'socket' && [desktop, '/var/run/docker.sock'].includes(found.path));
    const rootless = join(elsewhere, 'run', 'docker.sock');
    write(rootless, '');
    const rootlessFound = find({ XDG_RUNTIME_DIR: join(elsewhere, 'run') }, elsewhere).place;
    assert.ok(rootlessFound.kind === 'socket' && [rootless, '/var/run/docker.sock'].includes(rootlessFound.path));
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});
