import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resumedOptions } from '#src/cli/options/resumed.js';
import { MANIFEST } from '../../support/stored-run.js';

test('an interrupted run goes on with its own options, and only what is shown may be asked anew', () => {
  const run = { manifest: MANIFEST, trials: [] };
  assert.deepEqual(resumedOptions({ resume: true, png: true }, run), {
    rps: '100',
    seed: '1',
    resume: true,
    png: true,
  });
  assert.deepEqual(resumedOptions({ resume: true, rps: '100' }, run), { rps: '100', seed: '1', resume: true });
  assert.throws(() => resumedOptions({ rps: '200', blocks: '3' }, run), {
    code: 'resume-differs',
    exitCode: 2,
    message: /--rps was "100" and is "200" now; --blocks was not given and is "3" now/,
  });
});
