// What an answer of the mock costs, beside others: server CPU per request of the whole process tree, in interleaved passes;
// and what it bears: open connections, paced streams at once, load that goes on.
//
//   npm run bench:mock -- [--passes 3] [--seconds 3] [--rust PATH] [--only chat,stream] [--memory-seconds 60]
//
// Needs wrk and Linux. Peers are measured when they are there: the Rust mock `crabllm-bench` (cargo install crabllm-bench;
// --rust PATH) and nginx. Absolute figures belong to the machine; ratios taken side by side in one run can be compared.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, memoryUnderLoad, openConnections, pacedStreams } from './support/endurance.mjs';
import { MeasuredServer } from './support/measured-server.mjs';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';
import { load } from './support/wrk.mjs';

const asked = scriptOptions({ passes: 3, seconds: 3, rust: 'crabllm-bench', only: undefined, 'memory-seconds': 60 });
const MOCK = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'bench-mock-'));

/** Until V8 has optimised what runs all the time: after one second some of it still runs unoptimised. */
const WARM_UP_SECONDS = 3;

const CHAT = '{"model":"bench-chat","messages":[{"role":"user","content":"Say hello to the benchmark."}]}';
const STREAM = CHAT.replace('{', '{"stream":true,');
const WITH_ID = CHAT.replace('the benchmark', '[[bench id=a-000001]]');
const EMBEDDINGS = '{"model":"bench-embed","input":"The quick brown fox","encoding_format":"float"}';

/** As many bytes of answer as the Rust mock gives, whose vectors are zeros of three bytes each. */
const FEWER_EMBEDDINGS = EMBEDDINGS.replace('}', ',"dimensions":490}');

const CHAT_PATH = '/v1/chat/completions';
/** What is measured: path and body, connections, further options of our mock, and beside which peers. */
const CASES = {
  chat: { path: CHAT_PATH, body: CHAT, connections: 64, peers: ['ours', 'rust', 'nginx'] },
  embeddings: { path: '/v1/embeddings', body: EMBEDDINGS, connections: 64, peers: ['ours', 'rust'] },
  'embeddings-490': { path: '/v1/embeddings', body: FEWER_EMBEDDINGS, connections: 64, peers: ['ours'] },
  stream: { path: CHAT_PATH, body: STREAM, connections: 64, peers: ['ours', 'rust'] },
  paced: { path: CHAT_PATH, body: STREAM, connections: 100, delayMs: 5, peers: ['ours', 'rust'] },
  'chat-10': { path: CHAT_PATH, body: CHAT, connections: 10, peers: ['ours', 'rust', 'nginx'] },
  'chat-1000': { path: CHAT_PATH, body: CHAT, connections: 1000, peers: ['ours', 'rust', 'nginx'] },
  ledger: { path: CHAT_PATH, body: WITH_ID, connections: 64, peers: ['ours'] },
  'ledger-off': { path: CHAT_PATH, body: WITH_ID, connections: 64, options: ['--ledger', '0'], peers: ['ours'] },
};
/** Ratios that the project holds itself to, and some without a bound that explain them. */
const TARGETS = [
  ['chat', 'ours', 'chat', 'rust', 0.9],
  ['embeddings', 'ours', 'embeddings', 'rust', 0.9],
  ['embeddings-490', 'ours', 'embeddings', 'rust', undefined],
  ['stream', 'ours', 'stream', 'rust', 0.33],
  ['chat', 'ours', 'chat', 'nginx', 2],
  ['paced', 'ours', 'paced', 'rust', 0.8],
  ['chat-1000', 'ours', 'chat-10', 'ours', 1.3],
  ['chat-1000', 'rust', 'chat-10', 'rust', undefined],
  ['chat-1000', 'nginx', 'chat-10', 'nginx', undefined],
  ['ledger', 'ours', 'ledger-off', 'ours', 1.05],
];

const servers = {
  ours: (port, { delayMs = 0, options = [] }) => [
    process.execPath,
    [MOCK, '--port', String(port), '--workers', '1', '--delay', String(delayMs), ...options],
  ],
  rust: (port, { delayMs = 0 }) => [asked.rust, ['--port', String(port), '--delay', String(delayMs)]],
  nginx: (port) => ['nginx', ['-p', work, '-c', nginxConfig(port)]],
};

const PACED = {
  options: ['--gap', '50', '--workers', '2'],
  run: ({ url }) => pacedStreams(work, url, STREAM, 2000),
};

/** What the mock bears, each against a mock of its own. */
const ENDURANCE = {
  'open-connections': { options: [], run: ({ server, port }) => openConnections(server, port, CHAT) },
  'paced-streams': PACED,
  // The same where a core that both want is the mock's: what is left is its own lateness, without the load's part. Not by a real-time
  // class: there a worker that waits for a helper thread of its own can keep it from ever running, and with it the machine.
  'paced-streams-first': { ...PACED, before: ['nice', '-n', '-20'] },
  memory: {
    options: [],
    run: ({ server, url }) =>
      memoryUnderLoad(work, server, url, [CASES.chat, CASES.embeddings, CASES.stream], asked['memory-seconds']),
  },
};

await main();

async function main() {
  if (!isThere('wrk', ['-v'])) refuse('wrk is needed: apt-get install wrk, or brew install wrk');
  const only = someOf('only', asked.only, [...Object.keys(CASES), ...Object.keys(ENDURANCE)]);
  const present = Object.keys(servers).filter((name) => versionOf(name) !== null);
  for (const name of Object.keys(servers)) console.log(`${name}: ${versionOf(name) ?? 'not there, left out'}`);
  const results = new Map();
  for (let pass = 1; pass <= asked.passes; pass++) {
    for (const [name, spec] of Object.entries(CASES).filter(([each]) => only.includes(each))) {
      for (const peer of spec.peers.filter((candidate) => present.includes(candidate))) {
        const us = await measure(peer, spec);
        const key = `${name} ${peer}`;
        results.set(key, [...(results.get(key) ?? []), us]);
        console.error(`pass ${pass}: ${key} ${us.toFixed(1)} µs`);
      }
    }
  }
  if (results.size > 0) print(results);
  for (const [name, { options, before, run }] of Object.entries(/** @type {Record<string, any>} */ (ENDURANCE)).filter(
    ([each]) => only.includes(each),
  )) {
    if (before !== undefined && !succeeds([...before, 'true'])) {
      console.log(`${name}: left out, because ${before.join(' ')} is not allowed here`);
      continue;
    }
    const { met, figure } = await withServer('ours', { path: CHAT_PATH, body: CHAT, options, before }, run);
    console.log(`${name}: ${figure}: ${met ? 'met' : 'missed'}`);
  }
}

async function measure(peer, spec) {
  const { path, body, connections } = spec;
  return withServer(peer, spec, async ({ server, url }) => {
    await load(work, url + path, body, connections, WARM_UP_SECONDS);
    const before = server.cpuUs;
    const requests = await load(work, url + path, body, connections, asked.seconds);
    return (server.cpuUs - before) / requests;
  });
}

async function withServer(peer, spec, use) {
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const url = `http://127.0.0.1:${port}`;
  const [command, args] = servers[peer](port, spec);
  const [first, ...rest] = [...(spec.before ?? []), command, ...args];
  const server = await MeasuredServer.start(first, rest, url + spec.path, spec.body);
  try {
    return await use({ server, port, url });
  } finally {
    await server.stop();
  }
}

function print(results) {
  console.log('\ncase            server      CPU µs a request, median [range]');
  for (const [key, numbers] of results) {
    const [name, peer] = key.split(' ');
    console.log(
      `${name.padEnd(16)}${peer.padEnd(12)}${median(numbers).toFixed(1)} [${Math.min(...numbers).toFixed(1)}–${Math.max(...numbers).toFixed(1)}]`,
    );
  }
  console.log('\nratio                                   median [range over passes]   target');
  for (const [name, peer, otherName, otherPeer, target] of TARGETS) {
    const [a, b] = [results.get(`${name} ${peer}`), results.get(`${otherName} ${otherPeer}`)];
    if (a === undefined || b === undefined) continue;
    const ratios = a.map((value, i) => value / b[i]);
    const verdict = target === undefined ? '' : `≤ ${target}  ${median(ratios) <= target ? 'met' : 'missed'}`;
    const label = `${name} ${peer} / ${otherName} ${otherPeer}`;
    console.log(
      `${label.padEnd(40)}${median(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}]`.padEnd(
        69,
      ) + verdict,
    );
  }
}

function versionOf(name) {
  if (name === 'ours') return `node ${process.versions.node}`;
  return name === 'nginx' ? isThere('nginx', ['-v']) : isThere(asked.rust, ['--version']);
}

function isThere(command, args) {
  try {
    return execFileSync('sh', ['-c', `exec "$@" 2>&1`, 'sh', command, ...args], { encoding: 'utf8' })
      .trim()
      .split('\n')[0];
  } catch (error) {
    return /not found/.test(String(error.stdout)) || error.status === 127 ? null : `${command}, which tells no version`;
  }
}

/** @param {readonly string[]} line */
function succeeds(line) {
  const [command, ...args] = line;
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
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
