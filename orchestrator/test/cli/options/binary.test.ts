import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseBinary } from '#src/cli/options/binary.js';

const folder = mkdtempSync(join(tmpdir(), 'binary-'));
const program = join(folder, 'crabllm');
writeFileSync(program, '#!/bin/sh\n');
chmodSync(program, 0o755);

test('a build is given in a gateway’s place or with a name of its own', () => {
  assert.deepEqual(parseBinary(`crabllm=${program}`), { gateway: 'crabllm', label: null, path: program });
  assert.deepEqual(parseBinary(`crabllm:mine=${program}`), { gateway: 'crabllm', label: 'mine', path: program });
});

test('what cannot be a build is refused with its value', () => {
  const plain = join(folder, 'plain');
  writeFileSync(plain, '');
  for (const [text, what] of [
    [program, /a gateway, "=" and the path/],
    ['crabllm=', /a gateway, "=" and the path/],
    [`crabllm:Mine!=${program}`, /"Mine!" cannot be a name/],
    [`crabllm=${folder}`, /is not a file/],
    [`crabllm=${folder}/none`, /none does not exist/],
    [`crabllm=${plain}`, /plain may not be executed \(chmod \+x\)/],
  ] as const)
    assert.throws(() => parseBinary(text), { code: 'bad-value', exitCode: 2, message: what }, text);
});
