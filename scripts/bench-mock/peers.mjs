// Starts and stops the servers that are compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PEERS } from './rows.mjs';

const MOCK = fileURLToPath(new URL('../../mock/dist/main.js', import.meta.url));
const NGINX_ANSWER = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 0,
  model: 'bench-chat',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'This is a benchmark response.' }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
});

/** Starts the peers that the rows need and whose program is there. */
export async function startPeers(programs, rows) {
  const peers = new Map();
  const needed = new Set(rows.flatMap((row) => row.contenders.map((contender) => contender.peer)));
  for (const name of needed) {
    const { program, flags } = PEERS[name];
    const path = program === 'mock' ? process.execPath : programs[program];
    if (path === undefined) {
      process.stderr.write(`${name}: not installed, left out\n`);
      continue;
    }
    const port = await freePort();
    const child = spawn(path, argumentsOf(program, port, flags), { stdio: ['ignore', 'ignore', 'inherit'] });
    peers.set(name, { name, port, child, pid: child.pid });
    await answers(port, name);
  }
  return peers;
}

/** Ends them and waits until they are gone. */
export async function stopPeers(peers) {
  for (const { child } of peers.values()) {
    if (child.exitCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

function argumentsOf(program, port, flags) {
  if (program === 'mock') return [MOCK, '--port', String(port), '--workers', '1', '--drain', '100', ...flags];
  if (program === 'rust') return ['--port', String(port), ...flags];
  const folder = mkdtempSync(join(tmpdir(), 'bench-mock-nginx-'));
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(port, folder));
  return ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', '/dev/null'];
}

function nginxConfig(port, folder) {
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  server { listen 127.0.0.1:${port}; location / { default_type application/json; return 200 '${NGINX_ANSWER}'; } }
}
`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port, name) {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const connected = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (connected) return;
    await sleep(50);
  }
  throw new Error(`${name} did not start`);
}
