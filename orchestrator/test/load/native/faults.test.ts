import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import type { ExpectedAnswer } from '#src/answers/expected-answer.js';
import type { Driver, LoadResult } from '#src/load/driver.js';
import { readColumnFile } from '#src/load/native/column-file.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { expectedOf } from '#src/answers/expected-of.js';
import { clientRows } from '#src/load/native/ledger-join.js';
import type { LedgerRecord, LoadRecord } from '#src/record/trial.js';
import { freePort } from '../../support/free-port.js';
import { type RunningMock, startMock } from './mock-process.js';

const RATE = 100;
const WINDOW_MS = 500;
const SHARE = 0.3;
/** What is never answered is waited for so long. */
const TIMEOUT_MS = 1500;
/** What is answered slowly on purpose comes in the end, also on a machine that is busy. */
const PATIENT_MS = 10_000;

/** A fault of the mock, whether it is played on streams, and as what the requests are counted that it was played on. */
type Row = readonly [fault: string, streaming: boolean, direct: string, throughCrabllm: string];

const ROWS: readonly Row[] = [
  ['error:500', false, 'status', 'status'],
  ['error:404', true, 'status', 'status'],
  ['rate-limit:1', false, 'status', 'status'],
  ['refuse', false, 'reset', 'status'],
  ['reset', false, 'reset', 'status'],
  ['reset-after-head', false, 'reset', 'status'],
  ['reset-after-head', true, 'reset', 'stream-error'],
  ['stall', false, 'timeout', 'timeout'],
  ['stall:3', true, 'timeout', 'timeout'],
  ['cut:3', true, 'truncated', 'stream-error'],
  ['cut:3', false, 'truncated', 'status'],
  ['cut-reset:3', true, 'reset', 'stream-error'],
  ['cut-bytes:60', false, 'truncated', 'status'],
  ['cut-bytes-reset:60', false, 'reset', 'status'],
  ['bad-json', false, 'malformed', 'malformed'],
  ['bad-json', true, 'malformed', 'malformed'],
  // crabllm ends each stream itself, once and in order.
  ['no-done', true, 'truncated', 'ok'],
  ['duplicate', true, 'content', 'content'],
  // Behind the end: the mock's words are alike, so that two of them may change places unseen.
  ['reorder:22', true, 'content', 'ok'],
  // Behind such an answer the mock closes without having said so: whoever uses the connection again may meet a reset.
  ['slow-head:20', false, 'ok', 'ok'],
  ['trickle:1', false, 'ok', 'ok'],
];

let mock: RunningMock;
let driver: Driver;
let fresh: Driver;
before(async () => {
  mock = await startMock();
  driver = createNativeDriver();
  fresh = createNativeDriver({ connections: 'new' });
});
after(async () => {
  await Promise.all([driver.close(), fresh.close()]);
  mock.child.kill();
});

/** How often a fault was played on the requests of the window, and what became of just those; what became of the others. */
interface Played {
  readonly played: number;
  readonly counted: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, number>>;
  readonly record: LoadRecord;
  readonly ledger: LedgerRecord;
}

async function play(
  by: Driver,
  targetUrl: string,
  fault: string,
  streaming: boolean,
  timeoutMs: number,
): Promise<Played> {
  const body = JSON.stringify({
    model: 'bench-chat',
    stream: streaming,
    messages: [{ role: 'user', content: `Say something. [[bench id=${ID_PLACEHOLDER}]]` }],
  });
  await setFaults([]);
  const expected = await expectedFrom(body, streaming);
  await setFaults([{ fault, share: SHARE }]);
  await fetch(`${mock.url}/__bench/ledger`, { method: 'DELETE' });
  const load = {
    url: `${targetUrl}/v1/chat/completions`,
    headers: {},
    body,
    streaming,
    level: { kind: 'rps', value: RATE },
    warmupMs: 100,
    measureMs: WINDOW_MS,
    timeoutMs,
    expectedLatencyMs: 5,
    seed: 1,
    expected,
  } as const;
  const driven = await by.run(load, new AbortController().signal);
  const [binary, json] = await Promise.all([
    fetch(`${mock.url}/__bench/ledger?format=binary`).then((response) => response.arrayBuffer()),
    fetch(`${mock.url}/__bench/ledger`).then((response) => response.json()),
  ]);
  const { records } = json as { records: { id: string; fault: string | null }[] };
  // What the mock resets without a byte is sent again, and is an error all the same: the mock has seen it.
  const { record, columns } = await settled(by, driven, new Uint8Array(binary));
  const ledger = await by.joinLedger?.(columns, new Uint8Array(binary), null);
  assert.ok(ledger !== undefined && 'joined' in ledger);
  const faulty = new Set(records.flatMap(({ id, fault: name }) => (name === null ? [] : [id])));
  const counted: Record<string, number> = {};
  const others: Record<string, number> = {};
  for (const { id, measured, outcome } of clientRows(readColumnFile(columns))) {
    if (!measured) continue;
    const counts = faulty.delete(id) ? counted : others;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  const played = Object.values(counted).reduce((sum, count) => sum + count, 0);
  return { played, counted, others, record, ledger };
}

async function settled(by: Driver, { record, columns }: LoadResult, ledger: Uint8Array) {
  assert.ok(columns !== undefined && by.settleStale !== undefined);
  return by.settleStale({ record, columns }, ledger);
}

/**
 * A reset that comes before the driver has read what was sent ahead of it looks like an end to Node; then the answer counts as
 * truncated. That happens on a machine that stood still for as long as the mock waits between the two.
 */
function withLateReads({ truncated = 0, reset = 0, ...counted }: Played['counted']): Played['counted'] {
  return { ...counted, reset: reset + truncated };
}

function assertAddsUp({ record, ledger }: Played): void {
  const failed = Object.values(record.errors).reduce((sum, count) => sum + count, 0);
  assert.equal(record.ok + failed + record.dropped, record.scheduled);
  assert.equal(record.scheduled, (RATE * WINDOW_MS) / 1000);
  assert.equal(ledger.strange, 0);
}

describe('every fault of the mock, direct: played and counted are equal', () => {
  for (const [fault, streaming, kind] of ROWS) {
    it(`${fault}${streaming ? ' on streams' : ''}: ${kind}`, async (t) => {
      const result = await (kind === 'ok'
        ? play(fresh, mock.url, fault, streaming, PATIENT_MS)
        : play(driver, mock.url, fault, streaming, TIMEOUT_MS));
      t.diagnostic(`played ${result.played}, counted ${JSON.stringify(result.counted)}`);
      assertAddsUp(result);
      assert.ok(result.played > 0);
      const counted = kind === 'reset' ? withLateReads(result.counted) : result.counted;
      assert.deepEqual(counted, { [kind]: result.played }, JSON.stringify(result.record.errorExamples));
      assert.deepEqual(result.others, { ok: result.record.scheduled - result.played });
      assert.deepEqual([result.ledger.missing, result.ledger.repeated.requests], [0, 0]);
    });
  }
});

const crabllm = whereIs('crabllm');
describe('through crabllm', { skip: crabllm === null ? 'crabllm is not on PATH' : false }, () => {
  let gateway: { readonly url: string; readonly child: ChildProcess };
  before(async () => {
    gateway = await startCrabllm(crabllm ?? '', mock.url);
  });
  after(() => gateway.child.kill());
  for (const [fault, streaming, , kind] of ROWS) {
    it(`${fault}${streaming ? ' on streams' : ''}: ${kind}`, async (t) => {
      const result = await play(driver, gateway.url, fault, streaming, TIMEOUT_MS);
      t.diagnostic(`played ${result.played}, counted ${JSON.stringify(result.counted)}`);
      assertAddsUp(result);
      assert.ok(result.played > 0);
      assert.deepEqual(result.counted, { [kind]: result.played }, JSON.stringify(result.record.errorExamples));
      assert.deepEqual(result.others, { ok: result.record.scheduled - result.played });
    });
  }
});

async function setFaults(faults: readonly { fault: string; share: number }[]): Promise<void> {
  const response = await fetch(`${mock.url}/__bench/settings`, {
    method: 'PUT',
    body: JSON.stringify({ seed: 7, faults }),
  });
  assert.equal(response.status, 200, await response.text());
}

async function expectedFrom(body: string, streaming: boolean): Promise<ExpectedAnswer> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${mock.url}/v1/chat/completions`, { method: 'POST', headers, body });
  return expectedOf('chat', streaming, new Uint8Array(await response.arrayBuffer()));
}

async function startCrabllm(program: string, mockUrl: string) {
  const port = await freePort();
  const config = join(mkdtempSync(join(tmpdir(), 'crabllm-')), 'crabllm.toml');
  writeFileSync(
    config,
    `listen = "127.0.0.1:${port}"\n[providers.mock]\nkind = "openai"\nbase_url = "${mockUrl}/v1"\napi_key = "k"\nmodels = ["bench-chat"]\nmax_retries = 0\n`,
  );
  const child = spawn(program, ['serve', '--config', config], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(`${url}/health`).then(
        () => true,
        () => false,
      )
    )
      return { url, child };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error('crabllm does not answer');
}

function whereIs(program: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}
