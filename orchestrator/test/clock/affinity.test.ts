import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pinThread } from '#src/clock/affinity.js';

const skip = process.platform === 'linux' ? false : 'this system does not say where a thread may run';

test('a thread that is in its place already needs no program to be put there', { skip }, (t) => {
  const { PATH } = process.env;
  const empty = mkdtempSync(join(tmpdir(), 'no-taskset-'));
  process.env['PATH'] = empty;
  t.after(() => {
    if (PATH === undefined) delete process.env['PATH'];
    else process.env['PATH'] = PATH;
    rmSync(empty, { recursive: true });
  });
  const [, here = ''] =
    /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/thread-self/status', 'latin1')) ?? assert.fail();
  pinThread(here);
  assert.throws(() => pinThread(`${here},4000`), /the thread cannot be kept on CPU \S+,4000: /);
});
