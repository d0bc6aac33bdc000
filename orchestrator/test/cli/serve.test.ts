import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RunWriter } from '#src/record/run-directory.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { ask } from '../serve/ask.js';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

describe('serve', () => {
  test('prints its address alone on standard output, serves, and ends by Ctrl-C with 0', async () => {
    const home = mkdtempSync(join(tmpdir(), 'serve-'));
    const writer = new RunWriter(join(home, 'results'));
    const { manifest, trials } = syntheticRun();
    writer.writeManifest(manifest);
    for (const trial of trials) writer.appendTrial(trial);
    const program = spawn(process.execPath, [PROGRAM, 'serve', 'results'], { cwd: home });
    const exited = once(program, 'exit');
    program.stdout.setEncoding('utf8');
    const [address] = (await once(program.stdout, 'data')) as [string];
    assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/\n$/);
    assert.equal((await ask(address.trim())).status, 200);
    program.kill('SIGINT');
    assert.deepEqual(await exited, [0, null]);
  });

  test('what cannot be served is refused with what to do', () => {
    const home = mkdtempSync(join(tmpdir(), 'serve-'));
    for (const [words, message] of [
      [['nowhere'], /nowhere is no directory/],
      [['.'], /\. holds no run, nor a folder that does/],
      [['.', '--port', '0'], /--port/],
      [[], /serve needs DIR/],
    ] as const) {
      const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'serve', ...words], {
        cwd: home,
        encoding: 'utf8',
      });
      assert.equal(status, 2, words.join(' '));
      assert.match(stderr, message);
    }
  });
});
