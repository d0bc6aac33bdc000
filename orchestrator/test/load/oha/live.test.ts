import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { OHA_TOOL } from '#src/load/oha/arguments.js';
import { createOhaDriver } from '#src/load/oha/driver.js';
import type { Runtime, ToolResult, ToolRun } from '#src/runtime/runtime.js';
import { trialLoad } from './fixtures.js';

const installed = spawnSync(OHA_TOOL.program, ['--version']).status === 0;

/** Runs the program on PATH in a temporary folder: what the runtimes do, with nothing else around it. */
async function runTool(tool: ToolRun): Promise<ToolResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oha-live-'));
  const inFolder = (file: string): string => path.join(folder, file);
  for (const [file, bytes] of Object.entries(tool.inputFiles)) writeFileSync(inFolder(file), bytes);
  const args = tool.args.map((word) => word.replaceAll('${dir}', folder));
  const from = performance.now();
  const child = spawn(tool.program, args, { env: { ...process.env, ...tool.environment } });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const ranMs = { from, until: performance.now() };
  const files = new Map(
    tool.outputFiles.filter((file) => existsSync(inFolder(file))).map((file) => [file, readFileSync(inFolder(file))]),
  );
  rmSync(folder, { recursive: true });
  return { exitCode, stdout: '', stderr, files, cpuUs: null, version: null, ranMs };
}

test('a real oha sends what was asked, and every request is accounted for', {
  skip: installed ? false : 'no oha on PATH (cargo install oha --locked)',
}, async () => {
  const seen = { requests: 0, sockets: new Set<unknown>(), bodies: new Set<string>(), headers: new Set<string>() };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      seen.requests++;
      seen.sockets.add(request.socket);
      seen.bodies.add(body);
      const { authorization, 'content-type': type, 'accept-encoding': encoding } = request.headers;
      seen.headers.add([request.method, authorization, type, encoding].join());
      response.writeHead(seen.requests % 5 === 0 ? 503 : 200).end('answer');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const driver = createOhaDriver({ runTool } as unknown as Runtime);
  const load = trialLoad({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`,
    headers: { authorization: 'Bearer x' },
    level: { kind: 'rps', value: 40 },
    warmupMs: 250,
    measureMs: 500,
  });
  const { record } = await driver.run(load, new AbortController().signal);
  await driver.close();
  server.close();

  // The one that is due when the time is up may still leave, on a busy machine.
  assert.ok([30, 31].includes(seen.requests), `${seen.requests} requests`);
  assert.ok(seen.sockets.size <= record.connections);
  assert.deepEqual([...seen.bodies], [load.body]);
  assert.deepEqual([...seen.headers], ['POST,Bearer x,application/json,']);
  assert.equal(record.scheduled, seen.requests - 10);
  assert.deepEqual(record.errors, { status: 4 });
  assert.equal(record.ok, record.scheduled - 4);
  assert.equal(record.bytes, record.scheduled * 'answer'.length);
});
