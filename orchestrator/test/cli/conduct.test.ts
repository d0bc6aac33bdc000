import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { summarySchema } from '#src/record/summary.js';
import { conductRunSchema } from '#src/record/conduct.js';
import { freePort } from '../support/free-port.js';

const PROGRAM = fileURLToPath(new URL('../../dist/run.js', import.meta.url));

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('--group conduct', () => {
  test('says its cases and its time beforehand', () => {
    const { status, stdout } = run('--group', 'conduct', '--gateways', 'direct', '--runtime', 'process', '--dry-run');
    assert.equal(status, 0);
    assert.match(stdout, /^conduct: 23 cases × direct × 3 blocks at 50 requests a second, about \d+ min/);
    assert.match(stdout, /\n {2}cut-streams: streams of every provider are cut behind four frames\n/);
  });

  for (const [words, message] of [
    [['--driver', 'oha'], /--driver oha knows no single requests\.\n {2}Leave it out/],
    [['--duration', '100'], /--duration says nothing of --group conduct\.\n {2}It takes --group, --scenarios/],
    [['--scenarios', 'outage'], /"outage" is no case of --group conduct\.\n {2}Its cases: outage-refused/],
    [['--require', 'amplification<2'], /--require "amplification<2" cannot be used\.\n {2}Give conduct\.ROW<=LIMIT/],
    [['--blocks', '0'], /--blocks "0" cannot be used/],
  ] as const) {
    test(`${words.join(' ')} is refused`, () => {
      const { status, stderr } = run('--group', 'conduct', ...words);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }

  test('the control is measured, told and verified; a figure that was changed is refused', async (context) => {
    const output = mkdtempSync(join(tmpdir(), 'conduct-'));
    const port = String(await freePort());
    const where = ['--runtime', 'process', '--mock-port', port, '--output', output];
    const { status, stdout, stderr } = run(
      '--group',
      'conduct',
      '--quick',
      '--gateways',
      'direct',
      '--scenarios',
      'bad-request',
      '--serve',
      ...where,
    );
    // A machine on which driver or mock do not keep up measures nothing, and says so.
    if (status === 3 && / is void: /.test(stdout)) return context.skip('driver and mock did not keep up here');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /## bad-request\n\n\| target \| attempts \| status kept \| error kept \|/);
    assert.match(stdout, /\n- direct: nothing\n/);
    assert.match(stderr, /^watch it at http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/m);
    assert.match(stderr, /^nobody looked on; serving took \d+\.\d ms of 1\d s of trials$/m);
    const file = join(output, 'conduct.json');
    const written = conductRunSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const [only] = written.conduct;
    assert.deepEqual([only?.target, only?.case, only?.requests.unknown], ['direct', 'bad-request', 0]);
    const attempts = only?.rows['mustNotRetry'];
    assert.ok(attempts !== undefined && !('state' in attempts));
    assert.deepEqual([attempts.value, attempts.low, attempts.high], [1, 1, 1]);
    const verified = run('verify', output);
    assert.equal(verified.status, 0, verified.stdout);
    assert.match(verified.stdout, /: 1 cases, \d+ values computed anew/);
    const shown = run('chart', output);
    assert.equal(shown.status, 0, shown.stderr);
    assert.equal(shown.stdout, stdout);
    const summary = join(output, 'summary.json');
    const { schemaVersion, cells, conduct } = summarySchema.parse(JSON.parse(readFileSync(summary, 'utf8')));
    assert.deepEqual([schemaVersion, cells.length, conduct?.length], [3, 0, 1]);
    const behind = run('export', output, '--behind', 'direct/bad-request/mustNotRetry');
    assert.match(behind.stdout, /^direct, bad-request: 0 requests behind mustNotRetry/);
    const unkept = run('export', output, '--behind', 'direct/bad-request/nothing');
    assert.equal(unkept.status, 2);
    assert.match(unkept.stderr, /There is no row nothing\./);
    assert.equal(run('export', output, '--csv').status, 0);
    const csv = readFileSync(join(output, 'csv', 'conduct-direct-bad-request.b1.requests.csv'), 'utf8').split('\n');
    assert.equal(csv[0], 'id,phase,outcome,status,dueUs,lastByteUs,endUs,attempts,providers');
    const id = csv[1]?.split(',')[0] ?? '';
    assert.match(
      run('export', output, '--story', `direct/bad-request/${id}`).stdout,
      /^request .*, in the phase: before/,
    );
    const told = run('compare', output);
    assert.equal(told.status, 2, 'a run without a gateway has nothing to compare');
    const damage = readFileSync(summary, 'utf8').replace('"schemaVersion": 3', '"schemaVersion": 2');
    writeFileSync(summary, damage);
    assert.match(run('verify', output).stdout, /summary\.json: schemaVersion: 2 is written, 3 follows/);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"strangeAttempts": 0', '"strangeAttempts": 7'));
    const refused = run('verify', output);
    assert.equal(refused.status, 1);
    assert.match(refused.stdout, /strangeAttempts: 7 is written, 0 follows from the records/);
  });
});
