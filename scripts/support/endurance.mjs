// What the mock bears: many open connections, many paced streams at once, load that goes on and on.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './wrk.mjs';

const OPEN_CONNECTIONS = 10_000;
const DIAL_AT_ONCE = 200;
const STREAMS = 2000;
const STREAM_SECONDS = 10;
const MIB = 1024 * 1024;

/** Opens 10 000 connections and asks once on each while all are open. */
export async function openConnections(server, port, body) {
  const before = server.rssBytes;
  const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
  const sockets = [];
  try {
    while (sockets.length < OPEN_CONNECTIONS) {
      sockets.push(...(await Promise.all(Array.from({ length: DIAL_AT_ONCE }, () => dial(port)))));
    }
    const answers = await Promise.all(sockets.map((socket) => askOn(socket, head + body)));
    const right = answers.filter((answer) => answer.startsWith('HTTP/1.1 200 OK\r\n')).length;
    const kib = (server.rssBytes - before) / 1024 / OPEN_CONNECTIONS;
    return {
      met: right === OPEN_CONNECTIONS,
      figure: `${right} of ${OPEN_CONNECTIONS} answered, ${kib.toFixed(1)} KiB each`,
    };
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** Lets 2000 streams run at once and asks the mock how late their frames were. */
export async function pacedStreams(folder, url, body, maxP99Us) {
  const running = load(folder, `${url}/v1/chat/completions`, body, STREAMS, STREAM_SECONDS);
  await sleep((STREAM_SECONDS * 1000) / 3);
  await fetch(`${url}/__bench/mark`, { method: 'POST' });
  await sleep((STREAM_SECONDS * 1000) / 2);
  const { window } = await (await fetch(`${url}/__bench/health`)).json();
  await running;
  const { count, p50, p99, max } = window.latenessUs;
  const figure = `${count} frames, ${window.framesPerSecond} a second, late by p50 ${p50} p99 ${p99} max ${max} µs`;
  return { met: p99 < maxP99Us, figure };
}

/** Memory of the mock under load, in the first and the last quarter of it. */
export async function memoryUnderLoad(folder, server, url, loads, seconds) {
  const samples = [];
  const timer = setInterval(() => samples.push(server.rssBytes), 500);
  let requests = 0;
  const turns = Math.max(1, Math.round(seconds / (3 * loads.length)));
  for (let turn = 0; turn < turns; turn++) {
    for (const { path, body } of loads) requests += await load(folder, url + path, body, 64, 3);
  }
  clearInterval(timer);
  const quarter = Math.ceil(samples.length / 4);
  const [first, last] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)].map(median);
  const figure = `${(first / MIB).toFixed(0)} MiB in the second quarter, ${(last / MIB).toFixed(0)} MiB in the last, after ${requests} requests`;
  return { met: last <= 1.1 * first, figure };
}

/** The middle one. */
export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function dial(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The first bytes of the answer; empty when the connection ends. */
function askOn(socket, request) {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('close', () => resolve(''));
    socket.write(request);
  });
}
