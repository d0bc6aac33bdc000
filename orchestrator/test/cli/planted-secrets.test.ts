import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { freePort } from '../support/free-port.js';

const PROGRAM = resolve(import.meta.dirname, '../../dist/run.js');
const PLANTED = 'planted-7d1f-never-to-be-kept';

test('no secret that a gateway is given gets into a run directory, not even where the gateway prints it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  writeFileSync(join(folder, 'leaky.yaml'), `listen: 1\napi_key: "${PLANTED}"\nnested:\n  tokens:\n    - ${PLANTED}\n`);
  writeFileSync(
    join(folder, 'compose.yml'),
    `services:
  leaky:
    image: leaky:1
    network_mode: host
    environment: { LEAKY_KEY: ${PLANTED} }
    volumes: ["./leaky.yaml:/leaky.yaml:ro"]
    x-bench:
      role: gateway
      port: ${await freePort()}
      headers: { authorization: "Bearer ${PLANTED}" }
      process:
        command: ["{node}", "-e", "console.error('key', process.env.LEAKY_KEY); process.exit(3)", "--", "--token", "${PLANTED}"]
        environment: { LEAKY_KEY: "${PLANTED}" }
`,
  );
  const output = join(folder, 'run');
  const fixed =
    '--runtime process --driver native --gateways leaky --scenarios chat-minimal --rps 50 --duration 1 --blocks 1 --warmup 0.2 --html';
  const words = [
    ...fixed.split(' '),
    '--compose',
    join(folder, 'compose.yml'),
    '--mock-port',
    String(await freePort()),
    '--output',
    output,
  ];
  const child = spawn(process.execPath, [PROGRAM, ...words], { stdio: 'ignore', cwd: folder });
  const code = await new Promise((done) => child.on('close', done));
  assert.equal(code, 3, 'a gateway that was named could not be measured');
  const files = readdirSync(output, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ name }) => name);
  assert.ok(names.includes('run.json') && names.includes('report.html') && names.some((name) => name.endsWith('.log')));
  for (const { parentPath, name } of files) assert.ok(!readFileSync(join(parentPath, name)).includes(PLANTED), name);
  const { targets } = JSON.parse(readFileSync(join(output, 'run.json'), 'utf8'));
  const leaky = targets.find((target: { name: string }) => target.name === 'leaky');
  assert.deepEqual(leaky.resolvedConfiguration.environment, { LEAKY_KEY: '(set)' });
  assert.match(leaky.resolvedConfiguration.files[0].text, /^listen: 1\napi_key: \(set\)\n/);
});
