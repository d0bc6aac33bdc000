// What an answer of the mock costs, beside others: server CPU per request of the whole process tree, in interleaved passes.
//
//   npm run bench:mock -- [--passes 3] [--seconds 3] [--rust PATH] [--only chat,stream]
//
// Needs wrk. Peers are measured when they are there: the Rust mock `crabllm-bench` (cargo install crabllm-bench; --rust PATH) and nginx.
// Absolute figures belong to the machine; the ratios, taken side by side in one run, are what can be compared.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    passes: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    rust: { type: 'string', default: 'crabllm-bench' },
    only: { type: 'string' },
  },
});
const MOCK = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
const TICKS_PER_SECOND = 100;
const work = mkdtempSync(join(tmpdir(), 'bench-mock-'));

const CHAT = '{"model":"bench-chat","messages":[{"role":"user","content":"Say hello to the benchmark."}]}';
const STREAM = CHAT.replace('{', '{"stream":true,');
const EMBEDDINGS = '{"model":"bench-embed","input":"The quick brown fox","encoding_format":"float"}';

/** What is measured: path and body, connections, and how often the same is done at other numbers of them. */
const CASES = {
  chat: { path: '/v1/chat/completions', body: CHAT, connections: 64, peers: ['ours', 'rust', 'nginx'] },
  embeddings: { path: '/v1/embeddings', body: EMBEDDINGS, connections: 64, peers: ['ours', 'rust'] },
  stream: { path: '/v1/chat/completions', body: STREAM, connections: 64, peers: ['ours', 'rust'] },
  paced: { path: '/v1/chat/completions', body: STREAM, connections: 100, delayMs: 5, peers: ['ours', 'rust'] },
  'chat-10': { path: '/v1/chat/completions', body: CHAT, connections: 10, peers: ['ours'] },
  'chat-1000': { path: '/v1/chat/completions', body: CHAT, connections: 1000, peers: ['ours'] },
};
/** Ratios that the project holds itself to. */
const TARGETS = [
  ['chat', 'ours', 'chat', 'rust', 0.9],
  ['embeddings', 'ours', 'embeddings', 'rust', 0.9],
  ['stream', 'ours', 'stream', 'rust', 0.33],
  ['chat', 'ours', 'chat', 'nginx', 2],
  ['paced', 'ours', 'paced', 'rust', 0.8],
  ['chat-1000', 'ours', 'chat-10', 'ours', 1.3],
];

const servers = {
  ours: (port, delayMs) => [
    process.execPath,
    [MOCK, '--port', String(port), '--workers', '1', '--delay', String(delayMs)],
  ],
  rust: (port, delayMs) => [values.rust, ['--port', String(port), '--delay', String(delayMs)]],
  nginx: (port) => ['nginx', ['-p', work, '-c', nginxConfig(port)]],
};

await main();

async function main() {
  if (!isThere('wrk', ['-v'])) throw new Error('wrk is needed: apt-get install wrk, or brew install wrk');
  const present = Object.keys(servers).filter((name) => versionOf(name) !== null);
  for (const name of Object.keys(servers)) console.log(`${name}: ${versionOf(name) ?? 'not there, left out'}`);
  const cases = Object.entries(CASES).filter(
    ([name]) => values.only === undefined || values.only.split(',').includes(name),
  );
  const results = new Map();
  for (let pass = 1; pass <= Number(values.passes); pass++) {
    for (const [name, spec] of cases) {
      for (const peer of spec.peers.filter((candidate) => present.includes(candidate))) {
        const us = await measure(peer, spec);
        const key = `${name} ${peer}`;
        results.set(key, [...(results.get(key) ?? []), us]);
        console.error(`pass ${pass}: ${key} ${us.toFixed(1)} µs`);
      }
    }
  }
  print(results);
}

async function measure(peer, { path, body, connections, delayMs = 0 }) {
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const [command, args] = servers[peer](port, delayMs);
  const server = spawn(command, args, { stdio: 'ignore' });
  try {
    await answers(port, path, body);
    load(port, path, body, connections, 1);
    const before = cpuUs(server.pid);
    const requests = load(port, path, body, connections, Number(values.seconds));
    return (cpuUs(server.pid) - before) / requests;
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
}

function load(port, path, body, connections, seconds) {
  const script = join(work, 'post.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[${body}]==]\n`,
  );
  const output = execFileSync(
    'wrk',
    ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}${path}`],
    { encoding: 'utf8' },
  );
  const [, requests] = /(\d+) requests in/.exec(output) ?? [];
  if (/Non-2xx|read [1-9]|write [1-9]|connect [1-9]/.test(output)) throw new Error(output);
  return Number(requests);
}

/** CPU time of a process and everything it started, in microseconds. */
function cpuUs(root) {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
      } catch {
        return []; // It ended while we looked.
      }
    });
  const tree = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of stats) {
      if (tree.has(parent) && !tree.has(pid)) grown = tree.add(pid) !== undefined;
    }
  }
  return stats.filter(({ pid }) => tree.has(pid)).reduce((sum, { ticks }) => sum + (ticks * 1e6) / TICKS_PER_SECOND, 0);
}

async function answers(port, path, body) {
  for (let i = 0; i < 100; i++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
      await response.text();
      if (response.ok) return;
    } catch {
      // Not up yet.
    }
    await sleep(50);
  }
  throw new Error(`nothing answers on port ${port}`);
}

function print(results) {
  const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  console.log('\ncase          server      CPU µs a request, median [range]');
  for (const [key, numbers] of results) {
    const [name, peer] = key.split(' ');
    console.log(
      `${name.padEnd(14)}${peer.padEnd(12)}${median(numbers).toFixed(1)} [${Math.min(...numbers).toFixed(1)}–${Math.max(...numbers).toFixed(1)}]`,
    );
  }
  console.log('\nratio                                   median [range over passes]   target');
  for (const [name, peer, otherName, otherPeer, target] of TARGETS) {
    const [a, b] = [results.get(`${name} ${peer}`), results.get(`${otherName} ${otherPeer}`)];
    if (a === undefined || b === undefined) continue;
    const ratios = a.map((value, i) => value / b[i]);
    const verdict = median(ratios) <= target ? 'met' : 'missed';
    const label = `${name} ${peer} / ${otherName} ${otherPeer}`;
    console.log(
      `${label.padEnd(40)}${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`.padEnd(
        69,
      ) + `≤ ${target}  ${verdict}`,
    );
  }
}

function versionOf(name) {
  if (name === 'ours') return `node ${process.versions.node}`;
  return name === 'nginx' ? isThere('nginx', ['-v']) : isThere(values.rust, ['--version']);
}

function isThere(command, args) {
  try {
    return execFileSync('sh', ['-c', `exec "$@" 2>&1`, 'sh', command, ...args], { encoding: 'utf8' })
      .trim()
      .split('\n')[0];
  } catch (error) {
    return /not found/.test(String(error.stdout)) || error.status === 127
      ? null
      : String(error.stdout).trim().split('\n')[0];
  }
}

function nginxConfig(port) {
  const path = join(work, `nginx-${port}.conf`);
  const body = JSON.stringify({
    id: 'chatcmpl-x',
    object: 'chat.completion',
    content: 'This is a benchmark response.'.repeat(10),
  });
  writeFileSync(
    path,
    `daemon off; worker_processes 1; pid ${join(work, `nginx-${port}.pid`)}; error_log /dev/null;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000;
  server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${body}'; } } }
`,
  );
  return path;
}
