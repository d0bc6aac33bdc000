import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { installPackages } from '#src/runtime/process/npm-packages.js';
import { fixture, NEVER, temporaryDirectory } from './support.js';

test('installs once for each lock file and tells about it', async (t) => {
  const npmDirectory = temporaryDirectory(t);
  const lines: string[] = [];
  const install = () =>
    installPackages(fixture('no-packages'), 'some', npmDirectory, (line) => lines.push(line), NEVER);
  const first = await install();
  assert.match(first.digest, /^sha256:[0-9a-f]{64}$/);
  assert.equal(first.version, null);
  assert.ok(existsSync(`${first.directory}/package-lock.json`));
  assert.deepEqual(await install(), first);
  assert.deepEqual(lines, [`some: installing its npm packages into ${first.directory}`]);
});

test("a failure carries npm's last words and leaves nothing half installed", async (t) => {
  const npmDirectory = temporaryDirectory(t);
  await assert.rejects(
    installPackages(fixture('broken-packages'), 'some', npmDirectory, () => {}, NEVER),
    (error) => {
      assert.equal((error as { code?: string }).code, 'install-failed');
      assert.match(String(error), /npm ci ended with \d+: [^]*gone\.tgz/);
      return true;
    },
  );
  assert.deepEqual(readdirSync(npmDirectory), []);
});

test('an interrupt ends npm and leaves nothing', async (t) => {
  const npmDirectory = temporaryDirectory(t);
  const controller = new AbortController();
  const install = installPackages(
    fixture('no-packages'),
    'some',
    npmDirectory,
    () => controller.abort(),
    controller.signal,
  );
  await assert.rejects(install, { code: 'interrupted', exitCode: 130 });
  assert.deepEqual(readdirSync(npmDirectory), []);
});

test('a folder without a lock file is refused', async (t) => {
  const install = installPackages(temporaryDirectory(t), 'some', temporaryDirectory(t), () => {}, NEVER);
  await assert.rejects(install, { code: 'install-failed', message: /has no readable package-lock\.json/ });
});
