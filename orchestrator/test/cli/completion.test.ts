import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

function scriptFor(shell: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'completion', shell], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const path = join(mkdtempSync(join(tmpdir(), 'completion-')), `script.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

/** What bash offers behind these words, the last of which is being typed. */
function offered(script: string, ...words: string[]): string[] {
  const line = ['crabllm-bench', ...words].map((word) => `'${word}'`).join(' ');
  const program = `source ${script}; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _crabllm_bench; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-uc', program], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  const script = scriptFor('bash');

  test('the first word is a command, or an option of bench', () => {
    assert.deepEqual(offered(script, 'ca'), ['calibrate']);
    assert.deepEqual(offered(script, 'co'), ['compare', 'completion']);
    assert.deepEqual(offered(script, '--find'), ['--find-capacity']);
  });

  test('behind a command come its own options', () => {
    assert.deepEqual(offered(script, 'compare', '--fa'), ['--fail-on']);
    assert.deepEqual(offered(script, 'compare', 'a', '--find'), []);
    assert.deepEqual(offered(script, '--quick', '--find'), ['--find-capacity']);
  });

  test('values that are known are offered, and files for the others are the shell’s business', () => {
    assert.deepEqual(offered(script, '--runtime', 'p'), ['process']);
    assert.deepEqual(offered(script, '--group', 'con'), ['concurrent', 'conduct']);
    const gateways = offered(script, '--gateways', 'litellm');
    assert.ok(gateways.includes('litellm') && gateways.includes('litellm+auth'));
    assert.ok(gateways.every((name) => name.startsWith('litellm')));
    assert.deepEqual(offered(script, '--compose', ''), []);
  });
});

for (const shell of ['zsh', 'fish']) {
  const has = spawnSync(shell, ['--version']).status === 0;
  test(`completion in ${shell} is a script that it understands`, {
    skip: has ? false : `${shell} is not installed`,
  }, () => {
    const { status, stderr } = spawnSync(shell, ['-n', scriptFor(shell)], { encoding: 'utf8' });
    assert.equal(stderr, '');
    assert.equal(status, 0);
  });
}

test('fish knows of each option for which command it is', () => {
  const { stdout } = spawnSync(process.execPath, [PROGRAM, 'completion', 'fish'], { encoding: 'utf8' });
  assert.match(stdout, /^complete -c crabllm-bench -n '__fish_seen_subcommand_from compare' -l fail-on -r -d '/m);
  assert.match(stdout, /-l runtime -x -a 'auto docker process external kubernetes' -d 'What starts the services'$/m);
});

test('another shell is refused with those that are known', () => {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'completion', 'csh'], { encoding: 'utf8' });
  assert.match(stderr, /Choose one of: bash, zsh, fish/);
  assert.equal(status, 2);
});
