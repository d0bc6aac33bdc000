// One trial of the native driver in front of a mock that runs, in a program of its own so that V8 can trace it: writes each request's moments,
// and what driver and mock waited for. Words: port, rate, seconds, the mock's pid, the file.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readColumnFile } from '../../orchestrator/build/load/native/column-file.js';
import { createNativeDriver } from '../../orchestrator/build/load/native/driver.js';
import { readLedger } from '../../orchestrator/build/load/native/ledger-file.js';
import { clientRows } from '../../orchestrator/build/load/native/ledger-join.js';
import { clearLedger, fetchLedger } from '../../orchestrator/build/resources/mock-ledger.js';

const [port, rate, seconds, mockPid] = process.argv.slice(2, 6).map(Number);
const file = process.argv[6];
const WARMUP_MS = 3000;
const url = `http://127.0.0.1:${port}`;
const messages = [{ role: 'user', content: 'Say hello. [[bench id=0000000000000000]]' }];
let before;
const driver = createNativeDriver();
try {
  await clearLedger({ url });
  const running = driver.run(
    {
      url: `${url}/v1/chat/completions`,
      headers: {},
      body: JSON.stringify({ model: 'bench-chat', messages }),
      streaming: false,
      level: { kind: 'rps', value: rate },
      warmupMs: WARMUP_MS,
      measureMs: seconds * 1000,
      timeoutMs: 10_000,
      expectedLatencyMs: 1,
      seed: 1,
      onStart: () => void sleep(WARMUP_MS).then(() => (before = used())),
    },
    new AbortController().signal,
  );
  const { columns, record } = await running;
  const after = used();
  if (record.ok !== record.scheduled) throw new Error(`not all answered: ${JSON.stringify(record.errorExamples)}`);
  const answer = await fetchLedger(url);
  if ('problem' in answer) throw new Error(answer.problem);
  const seen = new Map(readLedger(Buffer.from(answer.bytes)).rows.map((row) => [row.id, row]));
  const rows = [...clientRows(readColumnFile(columns))].flatMap(({ id, measured, intendedUs, sentUs, lastByteUs }) => {
    const there = seen.get(id);
    return measured && there !== undefined && there.lastByteUs !== null && sentUs !== null && lastByteUs !== null
      ? [[intendedUs, sentUs, there.arrivedWholeUs, there.lastByteUs, lastByteUs]]
      : [];
  });
  if (rows.length === 0) throw new Error('no request is in the ledger of the mock: does it keep one?');
  const grown = (of) => ({ driver: of(after.driver) - of(before.driver), mock: of(after.mock) - of(before.mock) });
  writeFileSync(
    file,
    JSON.stringify({
      rows,
      waits: grown(({ waitMs }) => waitMs),
      faults: grown(({ faults }) => faults),
      windowMs: seconds * 1000,
    }),
  );
} finally {
  await driver.close();
}

function used() {
  // The mock answers in workers, which its first process has started.
  const children = readFileSync(`/proc/${mockPid}/task/${mockPid}/children`, 'latin1')
    .trim()
    .split(' ')
    .filter(Boolean);
  const each = [mockPid, ...children].map(usedBy);
  const sum = (of) => each.reduce((total, one) => total + of(one), 0);
  return {
    driver: usedBy(process.pid),
    mock: { waitMs: sum(({ waitMs }) => waitMs), faults: sum(({ faults }) => faults) },
  };
}

/** Of all threads: how long they were ready and waited for a CPU; and the pages that the program touched for the first time. */
function usedBy(pid) {
  const threads = readdirSync(`/proc/${pid}/task`);
  const waitMs = threads.reduce((sum, thread) => sum + waitOf(`/proc/${pid}/task/${thread}/schedstat`), 0);
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return { waitMs, faults: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[7]) };
}

function waitOf(path) {
  try {
    return Number(readFileSync(path, 'latin1').split(' ')[1]) / 1e6;
  } catch {
    return 0; // It ended while we looked.
  }
}
