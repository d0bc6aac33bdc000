// Throws random and damaged bytes at the mock for a given time: no worker may die, whatever comes back must be whole HTTP
// responses, and a sound request before, beside and behind them must get its right answer.
//
//   npm run fuzz:mock -- [--seconds 60] [--seed N] [--connections 16]
//
// Prints what was thrown and answered. Ends with 1 at the first wrong answer, showing the bytes that led to it; the same
// seed throws the same bytes.
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnMine } from './support/child-of-mine.mjs';
import { scriptOptions } from './support/script-options.mjs';

const options = scriptOptions({ seconds: 60, seed: 1 + (Date.now() % 1_000_000), connections: 16 });
const MOCK = fileURLToPath(new URL('../mock/dist/main.js', import.meta.url));
/** A server that has said nothing for so long waits for more. */
const SILENCE_MS = 100;
/** Unless it owes an answer. */
const PATIENCE_MS = 10_000;
const SOUND_EVERY = 25;

const BODIES = [
  '{"model":"bench-chat","messages":[{"role":"user","content":"hi [[bench id=f-1]]"}]}',
  '{"model":"bench-chat","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}',
  '{"model":"bench-chat","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}',
  '{"model":"bench-chat","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"\\u00fc\\ud83e\\udd80"}]}]}',
  '{"model":"bench-embed","input":["a",[1,2]],"encoding_format":"base64"}',
  '{"model":"bench-chat","input":"hi","stream":true}',
];
const PATHS = ['chat/completions', 'embeddings', 'completions', 'responses', 'messages', 'messages/count_tokens'];
const SOUND_BODY = '{"model":"bench-chat","messages":[{"role":"user","content":"sound"}],"max_tokens":3}';
const SOUND = requestOf('chat/completions', SOUND_BODY);
const PIECES = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  ': ',
  ' ',
  '\t',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  '0\r\n\r\n',
  '{',
  '}',
  '"',
  '\\',
  '[[bench ',
  ']]',
  'HTTP/1.0',
  'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\nConnection: upgrade\r\n',
  '\u00ff',
  '9'.repeat(30),
];

const tally = { thrown: 0, bytes: 0, sound: 0, statuses: {} };

const mock = spawnMine(process.execPath, [MOCK, '--port', '0', '--workers', '2'], {
  stdio: ['ignore', 'pipe', 'pipe'],
});
let complaints = '';
mock.stderr.on('data', (text) => (complaints += text));
const [line] = await once(createInterface(mock.stdout), 'line');
const url = /http:\S+/.exec(line)[0];
const port = Number(new URL(url).port);
const expected = bodyOf(parse(await talk(SOUND, diceOf(0), true))[0]);
const deadline = performance.now() + options.seconds * 1000;
try {
  await Promise.all(Array.from({ length: options.connections }, throwing));
  const { restarts, verdict, evidence } = await (await fetch(`${url}/__bench/health`)).json();
  if (restarts > 0 || complaints !== '') throw new Error(`a worker died or complained: ${complaints}`);
  console.log(
    `seed ${options.seed}: ${tally.thrown} connections, ${tally.bytes} bytes, ${tally.sound} sound requests between them`,
  );
  console.log(`answers by status: ${JSON.stringify(tally.statuses)}`);
  console.log(`no worker died, every sound request was answered right; verdict: ${verdict} ${evidence.join('; ')}`);
} catch (error) {
  console.error(`seed ${options.seed}: ${error.message}`);
  process.exitCode = 1;
} finally {
  mock.kill('SIGTERM');
}

async function throwing() {
  while (performance.now() < deadline) {
    const number = ++tally.thrown;
    const dice = diceOf(number);
    // Some behind a sound request, whose answer must come first and right.
    const led = dice.share() < 0.3;
    const bytes = Buffer.concat([led ? SOUND : Buffer.alloc(0), hostile(dice)]);
    tally.bytes += bytes.length;
    const heard = await talk(bytes, dice, led);
    try {
      const responses = parse(heard);
      for (const { status } of responses) tally.statuses[status] = (tally.statuses[status] ?? 0) + 1;
      if (led && bodyOf(responses[0]) !== expected) throw new Error('the sound request before it was answered wrong');
      if (responses.some(({ status }) => status === 500)) throw new Error('answered 500');
      if (number % SOUND_EVERY === 0) await checkSound(dice);
    } catch (error) {
      throw new Error(
        `${error.message}\nsent: ${JSON.stringify(bytes.toString('latin1')).slice(0, 4000)}\nheard: ${heard.slice(0, 1000)}`,
        { cause: error },
      );
    }
  }
}

async function checkSound(dice) {
  tally.sound++;
  const [first] = parse(await talk(SOUND, dice, true));
  if (bodyOf(first) !== expected) throw new Error('a sound request on a connection of its own was answered wrong');
}

/** Bytes that no client should send, or one that any client might. */
function hostile(dice) {
  const kind = dice.share();
  if (kind < 0.15) return Buffer.from(Array.from({ length: dice.below(2000) }, () => dice.below(256)));
  const path = dice.pick(PATHS);
  if (kind < 0.5) return requestOf(path, mangled(dice, Buffer.from(dice.pick(BODIES))).toString('latin1'));
  const chunked = dice.share() < 0.2;
  const sound = Buffer.concat(
    Array.from({ length: 1 + dice.below(3) }, () => requestOf(path, dice.pick(BODIES), chunked)),
  );
  return mangled(dice, sound);
}

/** With a few places changed, cut out, repeated or filled with something that means something. */
function mangled(dice, bytes) {
  let changed = bytes;
  for (let times = dice.below(4); times >= 0; times--) {
    const at = dice.below(changed.length + 1);
    const until = Math.min(changed.length, at + dice.below(20));
    const parts = [changed.subarray(0, at), changed.subarray(at, until), changed.subarray(until)];
    const how = dice.below(5);
    if (how === 0) parts[1] = Buffer.from([dice.below(256)]);
    else if (how === 1) parts[1] = Buffer.alloc(0);
    else if (how === 2) parts.splice(1, 0, parts[1], parts[1]);
    else if (how === 3) parts.splice(1, 0, Buffer.from(dice.pick(PIECES), 'latin1'));
    else parts.length = 1 + dice.below(3);
    changed = Buffer.concat(parts);
  }
  return changed;
}

function requestOf(path, body, chunked = false) {
  const bytes = Buffer.from(body, 'latin1');
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bytes.length}`;
  const head = `POST /v1/${path} HTTP/1.1\r\nHost: a\r\nanthropic-version: 2023-06-01\r\nContent-Type: application/json\r\n${framing}\r\n\r\n`;
  if (!chunked) return Buffer.concat([Buffer.from(head), bytes]);
  return Buffer.concat([Buffer.from(`${head}${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')]);
}

/** Sends the bytes in one to four pieces and hears until the server closes or waits for more. */
async function talk(bytes, dice, owed) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const heard = [];
  socket.on('data', (piece) => {
    heard.push(piece);
    socket.setTimeout(SILENCE_MS);
  });
  socket.on('error', () => {}); // A reset is one way to be refused.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const cuts = Array.from({ length: dice.below(4) }, () => dice.below(bytes.length + 1)).sort((a, b) => a - b);
  for (const [i, end] of [...cuts, bytes.length].entries()) {
    socket.write(bytes.subarray(cuts[i - 1] ?? 0, end));
    await new Promise(setImmediate);
  }
  socket.setTimeout(owed && heard.length === 0 ? PATIENCE_MS : SILENCE_MS, () => socket.destroy());
  await closed;
  return Buffer.concat(heard).toString('latin1');
}

/** Takes responses apart. @throws {Error} when there is anything but whole responses */
function parse(heard) {
  const responses = [];
  for (let rest = heard; rest !== ''; ) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end + 4);
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
    if (end === -1 || Number.isNaN(status)) throw new Error('what came back is not an HTTP response');
    rest = rest.slice(end + 4);
    let length = Number(/\r\nContent-Length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
    if (/\r\nTransfer-Encoding: chunked\r\n/i.test(head)) length = chunkedLength(rest);
    if (rest.length < length) throw new Error('a response is not whole');
    responses.push({ status, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
  return responses;
}

function chunkedLength(text) {
  for (let at = 0; ; ) {
    const size = /^([0-9a-f]+)\r\n/i.exec(text.slice(at, at + 20));
    if (size === null) throw new Error('a chunked response is broken');
    at += size[0].length + Number.parseInt(size[1], 16) + 2;
    if (Number.parseInt(size[1], 16) === 0) return at;
  }
}

function bodyOf(response) {
  return response?.body.replace(/"created":\d+/, '');
}

/** What is drawn for one connection; it depends on the seed and the connection's number only, whatever runs beside it. */
function diceOf(number) {
  // mulberry32: small, seeded, good enough to throw with.
  let state = Math.imul(options.seed + 1, 0x9e3779b1) + number;
  const share = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit) => Math.floor(share() * limit);
  return { share, below, pick: (list) => list[below(list.length)] };
}
