import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readRun } from '#src/record/run-directory.js';
import { ask } from '../serve/ask.js';
import { look } from '../serve/look.js';
import { freePort } from '../support/free-port.js';

const RUN = fileURLToPath(import.meta.resolve('#src/run.js'));

function modelOf(page: string): unknown {
  return JSON.parse(/id="model">(.*?)<\/script>/s.exec(page)?.[1] ?? '');
}

test('a run that is watched, paused and resumed ends as the report that lies in its directory', async () => {
  const output = join(mkdtempSync(join(tmpdir(), 'watched-')), 'run');
  const load = ['--gateways', 'direct', '--scenarios', 'chat-minimal', '--rps', '20'];
  const pace = ['--duration', '3', '--blocks', '3', '--warmup', '0', '--second-chances', '0'];
  const means = ['--runtime', 'process', '--driver', 'native', '--mock-port', String(await freePort())];
  const child = spawn(
    process.execPath,
    [RUN, 'bench', ...load, ...pace, ...means, '--output', output, '--html', '--serve'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let told = '';
  const address = await new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      told += part;
      const [, found] = /^watch it at (\S+)$/m.exec(told) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const viewer = await look(address);
  await viewer.until(/event: state/);
  await ask(address, { method: 'POST', path: 'pause' });
  await viewer.until(/"state":"paused"/);
  assert.equal(readRun(output).trials.filter(({ block }) => block > 1).length, 0, 'it rests behind the first block');
  await ask(address, { method: 'POST', path: 'resume' });
  const text = await viewer.until(/event: end/);
  assert.match(text, /event: model/);
  assert.match(text, /"kind":"trial"/);
  const report = await ask(address);
  await exited;
  assert.match(told, /^1 looked on at most; serving took \d+\.\d ms of \d+ s of trials/m);
  const { manifest } = readRun(output);
  assert.equal(manifest.complete, true, told);
  assert.deepEqual(modelOf(report.text), modelOf(readFileSync(join(output, 'report.html'), 'utf8')));
});
