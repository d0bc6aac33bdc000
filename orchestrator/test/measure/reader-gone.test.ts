import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '#src/record/run-directory.js';
import { isPortInUse } from '#src/runtime/port.js';
import { freePort } from '../support/free-port.js';

const RUN = fileURLToPath(import.meta.resolve('#src/run.js'));

/** A bench of the mock against itself, whose progress is read up to a text and then no more. */
async function benchReadUpTo(text: string, output: string, mockPort: number) {
  const target = `self=http://127.0.0.1:${mockPort}`;
  const options = ['--runtime', 'process', '--driver', 'native', '--target', target, '--scenarios', 'chat-minimal'];
  const pace = ['--rps', '20', '--duration', '30', '--blocks', '60', '--warmup', '0'];
  const child = spawn(
    process.execPath,
    [RUN, 'bench', ...options, ...pace, '--mock-port', String(mockPort), '--output', output],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let seen = '';
  child.stderr.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.includes(text)) child.stderr.destroy();
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal, seen };
}

test('a reader of standard error that goes away ends the run as Ctrl-C does: services stopped, records whole', async () => {
  const output = join(mkdtempSync(join(tmpdir(), 'reader-gone-')), 'run');
  const mockPort = await freePort();
  const { code, signal, seen } = await benchReadUpTo('[1/', output, mockPort);
  assert.deepEqual({ code, signal }, { code: 130, signal: null }, seen);
  assert.equal(await isPortInUse(mockPort), false, 'the mock outlived the run');
  const { manifest, trials } = readRun(output);
  assert.equal(manifest.complete, false);
  assert.ok(trials.length > 0);
  assert.ok(existsSync(join(output, 'summary.json')), 'what was measured is analysed');
});

test('a reader of standard output that goes away is no fault', async () => {
  const child = spawn(process.execPath, [RUN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  assert.deepEqual({ code, said }, { code: 0, said: '' });
});
