#!/usr/bin/env node
// Does the instrument survive the storms that it plays? Each case of `--group conduct` below is played at a rate far above its own, and the memory of
// driver and mock is looked at meanwhile. Nothing is said of any gateway.
//
//   npm run check:storm -- [PORT]     three storms, about two minutes; four ports from PORT (default 27000) are used
//
// Printed is a table: the peak of resident memory beside its bound, how many requests and attempts are known, and whether the case is void by the
// instrument's own gates, which say so of themselves. Exit code 1: one of them was not survived, or memory went beyond its bound.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SCENARIOS } from '../orchestrator/build/catalogue/scenarios.js';
import { playCase } from '../orchestrator/build/execute/conduct.js';
import { seenOf } from '../orchestrator/build/execute/conduct-raw.js';
import { MOCK_PROGRAM } from '../orchestrator/build/installation.js';
import { createNativeDriver } from '../orchestrator/build/load/native/driver.js';
import { CONDUCT_CASES } from '../orchestrator/build/plan/conduct-cases.js';
import { markdownTable } from '../orchestrator/build/report/markdown-table.js';
import { spawnMine } from './support/child-of-mine.mjs';

const port = Number(process.argv[2] ?? 27_000);
const [a, b, control, relay] = [port, port + 1, port + 2, port + 3];
const RELAY = fileURLToPath(new URL('../orchestrator/dist/relay/main.js', import.meta.url));

/** Resident memory, MiB, that driver (this process) and mock (all its processes) may have at most. */
const BOUND_MIB = { driver: 900, mock: 900 };

const STORMS = [
  {
    name: 'fifty attempts a request, 100 requests a second',
    case: 'everything-down',
    url: `http://127.0.0.1:${relay}`,
    pace: { beforeMs: 2000, faultMs: 10_000, afterMs: 5000, rps: 100 },
  },
  {
    name: '10 000 refused connections a second',
    case: 'outage-refused',
    url: `http://127.0.0.1:${a}`,
    pace: { beforeMs: 1000, faultMs: 10_000, afterMs: 1000, rps: 10_000 },
  },
  {
    name: 'a mock that answers nothing, 1000 requests a second',
    case: 'outage-silence',
    url: `http://127.0.0.1:${a}`,
    pace: { beforeMs: 1000, faultMs: 10_000, afterMs: 5000, rps: 1000 },
  },
];

const up = [];
const driver = createNativeDriver();
const rows = [];
const notes = [];
let failed = false;
try {
  const mock = await start(MOCK_PROGRAM, [
    '--providers',
    `a:${a},b:${b}`,
    '--control-port',
    String(control),
    '--lenient',
  ]);
  const providers = `http://127.0.0.1:${a},http://127.0.0.1:${b}`;
  await start(RELAY, ['--port', String(relay), '--providers', providers, '--attempts', '50', '--gap', '5ms']);
  for (const storm of STORMS) await weather(storm, mock.pid);
} finally {
  for (const child of up.reverse()) {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  }
  await driver.close();
}
const heads = ['storm', 'outcome', 'requests', 'not told', 'attempts', 'driver, MiB', 'mock, MiB', 'void'];
console.log(
  markdownTable(
    heads.map((head) => ({ head, words: true })),
    rows,
  ),
);
for (const note of notes) console.log(`\n- ${note}`);
process.exitCode = failed ? 1 : 0;

async function weather({ name, case: of, url, pace }, mockPid) {
  const played = CONDUCT_CASES.find((each) => each.name === of);
  const scenario = SCENARIOS.find((each) => each.name === 'chat-minimal');
  const peak = { driver: 0, mock: 0 };
  const look = setInterval(() => {
    peak.driver = Math.max(peak.driver, process.memoryUsage().rss / 1024 ** 2);
    peak.mock = Math.max(peak.mock, treeMib(mockPid));
  }, 250);
  try {
    const target = { url, modelPrefix: '', headers: {} };
    const stage = {
      driver,
      target,
      controlUrl: `http://127.0.0.1:${control}`,
      pace,
      seed: 1,
      signal: new AbortController().signal,
    };
    const { result, raw, verdict } = await playCase(played, scenario, stage);
    const { known, unknown, strangeAttempts } = result.requests;
    const beyond = Object.keys(BOUND_MIB).filter((who) => peak[who] > BOUND_MIB[who]);
    failed ||= beyond.length > 0;
    const { attempts } = seenOf(played, raw);
    rows.push([
      name,
      beyond.length === 0 ? 'survived' : `MEMORY of ${beyond.join(' and ')}`,
      String(known),
      String(unknown + strangeAttempts),
      String(attempts.length),
      ...['driver', 'mock'].map((who) => `${peak[who].toFixed(0)} of ${BOUND_MIB[who]}`),
      verdict.void === null ? 'no' : verdict.void.code,
    ]);
    if (verdict.void !== null) notes.push(`${name}, void: ${verdict.void.message}`);
  } catch (thrown) {
    failed = true;
    rows.push([name, 'NOT SURVIVED', ...Array(6).fill('–')]);
    notes.push(`${name}: ${thrown.message}`);
  } finally {
    clearInterval(look);
  }
}

async function start(program, words) {
  const child = spawnMine(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  up.push(child);
  await once(child.stdout, 'data');
  return child;
}

/** Resident memory of a process and its children, by /proc; 0 where there is none. */
function treeMib(root) {
  try {
    const parents = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => statusOf(pid));
    const mine = parents.filter(({ pid, parent }) => pid === root || parent === root);
    return mine.reduce((sum, { rssKib }) => sum + rssKib, 0) / 1024;
  } catch {
    return 0;
  }
}

function statusOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name) => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return [{ pid: Number(pid), parent: field('PPid'), rssKib: field('VmRSS') }];
  } catch {
    return [];
  }
}
