import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadRecord } from '#src/record/trial.js';
import { chatBody } from './scripted-server.js';

// Made for these tests, valid for a hundred years, trusted by nobody else.
const FIXTURES = new URL('../../../test/fixtures/tls/', import.meta.url);
const certificate = fileURLToPath(new URL('localhost.crt', FIXTURES));

/** Runs a trial in a process of its own, because Node reads the certificates that it trusts at its start. */
async function trialOn(url: string, level: object): Promise<LoadRecord> {
  const driver = new URL('../../../build/load/native/driver.js', import.meta.url).href;
  const load = {
    url,
    headers: {},
    body: '{}',
    streaming: false,
    level,
    warmupMs: 100,
    measureMs: 400,
    timeoutMs: 2000,
    expectedLatencyMs: 1,
    seed: 1,
  };
  const script = `
    import { createNativeDriver } from '${driver}';
    const driver = createNativeDriver();
    const { record } = await driver.run(${JSON.stringify(load)}, new AbortController().signal);
    console.log(JSON.stringify(record));
    await driver.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    timeout: 60_000,
  });
  return JSON.parse(stdout) as LoadRecord;
}

describe('a target behind TLS', () => {
  it('is loaded in open and closed loop, and nothing goes past the encryption', async (t) => {
    const body = chatBody('hello');
    const options = { key: readFileSync(new URL('localhost.key', FIXTURES)), cert: readFileSync(certificate) };
    const server = createServer(options, (request, response) => {
      request.resume().on('end', () => response.end(body));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `https://localhost:${(server.address() as AddressInfo).port}/v1/chat/completions`;
    // Also behind a trial that fails: an open server would keep this process from ending.
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const open = await trialOn(url, { kind: 'rps', value: 100 });
    const closed = await trialOn(url, { kind: 'streams', value: 2 });
    assert.deepEqual([open.ok, open.errors], [40, {}]);
    assert.ok(closed.ok > 0);
    assert.deepEqual(closed.errors, {});
  });
});
