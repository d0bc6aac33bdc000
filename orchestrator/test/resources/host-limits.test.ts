import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { descriptorLimit, portCount } from '#src/resources/host-limits.js';

it('reads the soft limit of open files', () => {
  assert.equal(
    descriptorLimit('Max open files            256                  1048576              files     \n'),
    256,
  );
  assert.equal(
    descriptorLimit('Max open files            unlimited            unlimited            files     \n'),
    null,
  );
  assert.equal(descriptorLimit(''), null);
});

it('counts the ports of a range, both ends included', () => {
  assert.equal(portCount('32768\t60999\n'), 28_232);
  assert.equal(portCount(''), null);
  assert.equal(portCount('nonsense'), null);
});

for (const [program, least] of [
  ['run', 256],
  ['relay/main', 128],
] as const) {
  it(`ends ${program} in one line where there are fewer`, { skip: process.platform !== 'linux' }, () => {
    const path = fileURLToPath(import.meta.resolve(`#src/${program}.js`));
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'ulimit -n 100; exec "$0" "$@"', process.execPath, path],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual([status, stdout], [4, '']);
    assert.match(
      stderr,
      new RegExp(
        `^crabllm-bench.*: 100 file descriptors are too few \\(ulimit -n\\): it takes at least ${least}.*\\.\n$`,
      ),
    );
  });
}
