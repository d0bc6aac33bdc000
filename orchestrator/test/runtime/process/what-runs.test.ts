import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { packageVersion, programDigest } from '#src/runtime/process/what-runs.js';
import { temporaryDirectory } from './support.js';

function write(path: string, content: string | Buffer): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}

test('the digest of a binary is that of its file; a script and a launcher have none', async (t) => {
  const home = temporaryDirectory(t);
  const elf = write(join(home, 'gateway'), Buffer.from('\u007fELF and more', 'latin1'));
  assert.equal(await programDigest(elf), `sha256:${createHash('sha256').update(readFileSync(elf)).digest('hex')}`);
  assert.equal(await programDigest(write(join(home, 'wrapper'), '#!/bin/sh\nexec gateway\n')), null);
  assert.equal(await programDigest(write(join(home, 'python3.11'), readFileSync(elf))), null);
  assert.equal(await programDigest(process.execPath), null, 'this Node.js only runs a script');
  assert.equal(await programDigest(join(home, 'gone')), null);
});

test('the version of a program that pip installed is that of its package, whatever else is there', (t) => {
  const home = temporaryDirectory(t);
  const packages = join(home, 'lib/python3.11/site-packages');
  write(
    join(packages, 'litellm-1.108.7.dist-info/RECORD'),
    '../../../bin/litellm,sha256=x,215\nlitellm/__init__.py,,\n',
  );
  write(join(packages, 'openai-2.0.0.dist-info/RECORD'), '../../../bin/openai,sha256=x,200\n');
  const litellm = write(join(home, 'bin/litellm'), '#!/usr/bin/python3\n');
  assert.equal(packageVersion(litellm), '1.108.7');
  mkdirSync(join(home, 'path'));
  symlinkSync(litellm, join(home, 'path/litellm'));
  assert.equal(packageVersion(join(home, 'path/litellm')), '1.108.7', 'through a link, as pipx makes it');
  assert.equal(packageVersion(write(join(home, 'bin/other'), '')), null);
});

test('the version of a program that npm installed is that of its package', (t) => {
  const home = temporaryDirectory(t);
  const root = join(home, 'node_modules/@scope/gateway');
  write(join(root, 'package.json'), '{"name":"@scope/gateway","version":"1.15.2"}');
  write(join(root, 'build/package.json'), '{"type":"module"}');
  const script = write(join(root, 'build/start.js'), '#!/usr/bin/env node\n');
  mkdirSync(join(home, 'node_modules/.bin'));
  symlinkSync(script, join(home, 'node_modules/.bin/gateway'));
  assert.equal(packageVersion(join(home, 'node_modules/.bin/gateway')), '1.15.2');
});
