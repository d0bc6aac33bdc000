#!/usr/bin/env node
// What the protocol of agents and the merge of their rows carry: agents that send no load and deliver rows of known truth, all that
// is behind the load done as in a run.
//
//   node scripts/simulate-agents.mjs                 64 agents, 500 000 rows a second in sum, for 2 s
//   node scripts/simulate-agents.mjs --bytes 10GB    as many seconds of it as make so many columns; needs 1.5 times that of disk in --directory
//   node scripts/simulate-agents.mjs --fault lost    lost, late (a minute) or spoilt: one agent; is the trial void by the right reason
//
// --agents, --rate (of all together), --seconds; --skew: clocks of agents lie up to so many milliseconds apart; --start-skew: and they start
// up to so many from the common moment, which has to be found out; --record: up to so many rows the record is counted as well, which holds
// all rows in memory. What is merged is read back and held against the truth, row by row.
// Agents speak the protocol by this script's own client, so that it is tried by a second one. Figures tell of a machine that does
// nothing else.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { mergedRecord } from '../orchestrator/build/agent/merged-record.js';
import { AgentRoom } from '../orchestrator/build/agent/room.js';
import { PROTOCOL } from '../orchestrator/build/agent/wire.js';
import { monotonicUs } from '../orchestrator/build/clock/clock.js';
import { clockOffset, onAskersClock, seenFromOtherSide } from '../orchestrator/build/clock/clock-offset.js';
import { columnFileHead, columnOffsets, COLUMNS } from '../orchestrator/build/load/native/column-layout.js';
import { ABSENT, OUTCOMES } from '../orchestrator/build/load/native/columns.js';
import { mergeColumnFiles } from '../orchestrator/build/load/native/merge-columns.js';
import { VERSION } from '../orchestrator/build/version.js';
import { refuse, scriptOptions } from './support/script-options.mjs';

const CHUNK_ROWS = 64 * 1024;
const TYPES = { f64: Float64Array, u32: Uint32Array, u16: Uint16Array, u8: Uint8Array };
const ID_PREFIX = 'simulate';
/** What is done wrong, and how the trial has to be void by it. */
const FAULTS = { none: null, lost: 'agent-lost', late: 'agent-late', spoilt: 'rows-corrupt' };

const options = scriptOptions({
  agents: 64,
  rate: 500_000,
  seconds: 2,
  bytes: undefined,
  skew: 5000,
  'start-skew': 5,
  record: 3_000_000,
  fault: 'none',
  directory: tmpdir(),
});
if (!(options.agents >= 1 && options.agents <= 256)) refuse(`--agents ${options.agents}: 1 to 256`);
if (!(options.rate >= options.agents)) refuse(`--rate ${options.rate}: one row a second for each agent, or more`);
if (!(options.fault in FAULTS)) refuse(`--fault ${options.fault}: one of ${Object.keys(FAULTS).join(', ')}`);
const rowBytes = sum(COLUMNS.map(({ type: kind }) => TYPES[kind].BYTES_PER_ELEMENT));
if (options.bytes !== undefined) options.seconds = Math.ceil(bytesIn(options.bytes) / rowBytes / options.rate);
const total = options.rate * options.seconds;
const rowsOf = (nth) => Math.floor((total + options.agents - 1 - nth) / options.agents);

/** How far an agent really starts from the common moment, microseconds. */
const startsLateUs = (nth) => Math.round(Math.cos(nth) * options['start-skew'] * 1000);

/** What is known of each request by its number. */
const TRUTH = {
  intendedUs: (k) => (k * 1e6) / options.rate,
  sentUs: (k) => Math.imul(k, 0x85ebca6b) >>> 25,
  waitingUs: () => ABSENT,
  connectUs: () => ABSENT,
  firstByteUs: (k) => latencyUs(k) - 100,
  firstFrameUs: () => ABSENT,
  firstTokenUs: () => ABSENT,
  lastByteUs: latencyUs,
  endUs: latencyUs,
  maxGapUs: () => ABSENT,
  bytes: (k) => k % 1009,
  frames: () => 0,
  chunks: () => 1,
  reads: () => 1,
  status: () => 200,
  kind: () => 0,
  outcome: () => OUTCOMES.indexOf('ok'),
  resent: () => 0,
  counter: (k) => k,
};

/** `10GB`, `500 MB`, `1e10`. */
function bytesIn(text) {
  const [, number, unit = ''] = /^([\d.]+(?:e\d+)?) *([kMGT]?)B?$/.exec(text) ?? [];
  const bytes = Number(number) * 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit);
  return bytes > 0 ? bytes : refuse(`--bytes ${text}: for example 10GB`);
}

function latencyUs(k) {
  return 500 + (Math.imul(k, 0x9e3779b1) >>> 20);
}

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}; ` +
    `${options.agents} agents, ${options.rate} rows a second in sum for ${options.seconds} s: ${total} rows, ${mb(total * rowBytes)} MB of columns`,
);
const directory = mkdtempSync(join(options.directory, 'simulated-agents-'));
try {
  const skewsUs = Array.from({ length: options.agents }, (_, nth) =>
    nth === 0 ? 0 : Math.round((Math.sin(nth) * options.skew * 1000) / 2),
  );
  const parts = await timed('rows made', () => makeAll(skewsUs));
  const brought = await timed('held and delivered', () => deliverAll(parts, skewsUs));
  if (brought !== null) {
    const merged = join(directory, 'merged.gz');
    const rows = brought.map(({ rows: path }) => path);
    for (const part of parts) rmSync(part);
    await timed(`merged, ${mb(total * rowBytes)} MB`, () => mergeColumnFiles(rows, merged));
    console.log(
      `the merged file has ${mb(statSync(merged).size)} MB, the parts ${mb(sum(rows.map((path) => statSync(path).size)))} MB`,
    );
    await timed('held against the truth, row by row', () => checkMerged(merged));
    if (total <= options.record)
      await timed('record counted', async () => {
        const record = mergedRecord(await readFile(merged), [brought[0].report.record]);
        if (record.ok !== total || record.scheduled !== total) throw new Error(`${record.ok} of ${total} are counted`);
      });
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function makeAll(skewsUs) {
  const parts = [];
  for (const [nth, skewUs] of skewsUs.entries()) {
    const path = join(directory, `made-${nth}`);
    const header = headerOf(rowsOf(nth), 1e6 + skewUs);
    await pipeline(
      Readable.from(bytesOf(header, nth), { objectMode: false }),
      createGzip({ level: 1 }),
      createWriteStream(path),
    );
    parts.push(path);
  }
  return parts;
}

function headerOf(rows, startedAtUs) {
  return {
    rows,
    startedAtUs,
    clockDomain: null,
    warmupUs: 0,
    measureUs: options.seconds * 1e6,
    uneven: false,
    idPrefix: ID_PREFIX,
    kinds: [{ name: '', part: '' }],
    outcomes: [...OUTCOMES],
    columns: [...COLUMNS],
  };
}

function* bytesOf(header, nth) {
  const head = columnFileHead(header);
  yield head;
  const { ofColumn } = columnOffsets(header, head.length);
  let at = head.length;
  for (const { name, type: kind } of COLUMNS) {
    if (ofColumn.get(name) > at) yield new Uint8Array(ofColumn.get(name) - at);
    for (let row = 0; row < header.rows; row += CHUNK_ROWS) {
      const chunk = new TYPES[kind](Math.min(CHUNK_ROWS, header.rows - row));
      for (let i = 0; i < chunk.length; i++) chunk[i] = TRUTH[name]((row + i) * options.agents + nth);
      yield new Uint8Array(chunk.buffer);
    }
    at = ofColumn.get(name) + header.rows * TYPES[kind].BYTES_PER_ELEMENT;
  }
}

/** All agents of a trial; null where it is void, which is said. */
async function deliverAll(parts, skewsUs) {
  const room = await AgentRoom.open();
  const agents = parts.map((path, nth) => simulatedAgent(room, nth, path, skewsUs[nth]).catch((error) => error));
  try {
    await room.gather('load', options.agents, 60_000, AbortSignal.timeout(120_000));
    const order = { of: options.agents, idPrefix: ID_PREFIX, options: {}, load: emptyLoad(), watchHost: false };
    let commonUs = 0;
    const onStart = (atUs) => (commonUs = atUs);
    const brought = await room.runTrial(
      { ...order, lengthMs: 0, directory: join(directory, 'delivered'), onStart },
      AbortSignal.timeout(3_600_000),
    );
    tellErrors(
      `clocks up to ${options.skew} ms apart`,
      brought.map(({ before }, nth) => {
        const { offsetUs, boundUs } = clockOffset(before);
        // The agent is ahead by its skew, so the orchestrator behind.
        return { errorUs: Math.abs(offsetUs + skewsUs[nth]), boundUs };
      }),
    );
    tellErrors(
      `starts up to ${options['start-skew']} ms from the common one`,
      brought.map(({ before, report }, nth) => {
        const [first, last] = [before, report.trips].map((trips) => seenFromOtherSide(clockOffset(trips)));
        const { us, boundUs } = onAskersClock(first, last, report.raw.startedAtUs);
        return { errorUs: Math.abs(us - commonUs - startsLateUs(nth)), boundUs };
      }),
    );
    if (options.fault !== 'none') throw new Error(`an agent was ${options.fault}, and the trial is not void`);
    return brought;
  } catch (thrown) {
    if (thrown.code !== FAULTS[options.fault]) throw thrown;
    console.log(`void, as it has to be: ${thrown.code}: ${thrown.message}`);
    return null;
  } finally {
    await room.close();
    await Promise.all(agents);
  }
}

/** How wrong at worst something was told of the agents. @throws where one is beyond its bound */
function tellErrors(what, errors) {
  for (const [nth, { errorUs, boundUs }] of errors.entries())
    if (errorUs > boundUs + 1)
      throw new Error(`agent ${nth}: ${what}: told ${errorUs} µs wrong, and ${boundUs} are its bound`);
  const [error, bound] = ['errorUs', 'boundUs'].map((which) =>
    Math.max(...errors.map((each) => each[which])).toFixed(0),
  );
  console.log(`${what}: told to ${error} µs at worst, within a bound of ${bound} µs at most`);
}

function emptyLoad() {
  return {
    url: 'http://127.0.0.1:1/v1/chat/completions',
    headers: {},
    body: '{}',
    streaming: false,
    level: { kind: 'rps', value: options.rate },
    warmupMs: 0,
    measureMs: options.seconds * 1000,
    timeoutMs: 1000,
    expectedLatencyMs: 1,
    seed: 1,
  };
}

/** An agent by the protocol alone, with a clock of its own; the last one has the fault that is asked for. */
async function simulatedAgent(room, nth, path, skewUs) {
  const fault = nth === options.agents - 1 ? options.fault : 'none';
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const held = new Agent({ keepAlive: true, maxSockets: 1 });
  const nowUs = () => monotonicUs() + skewUs;
  const headers = {
    authorization: `Bearer ${room.token}`,
    'x-bench-agent': `load/${nth}`,
    'x-bench-session': randomBytes(8).toString('hex'),
  };
  const ask = async (method, where, body, more = {}) => {
    for (;;) {
      const said = await once(
        {
          port: room.port,
          method,
          path: where,
          agent: method === 'GET' ? held : agent,
          headers: { ...headers, ...more },
        },
        body,
      );
      if (said.status === 202) continue;
      if (said.status >= 400) throw new Error(`${where}: ${said.status} ${said.text}`);
      return said.text === '' ? null : JSON.parse(said.text);
    }
  };
  const trips = async () => {
    const all = [];
    while (all.length < 32) {
      const askedUs = nowUs();
      const { text, returnedUs } = await once(
        { port: room.port, method: 'GET', path: '/v1/time', agent, headers },
        undefined,
        nowUs,
      );
      all.push({ askedUs, returnedUs, ...JSON.parse(text) });
    }
    return all;
  };
  const session = headers['x-bench-session'];
  const who = { duty: 'load', index: nth, session, clockDomain: { bootId: `${nth}`, timeNamespace: 'none' } };
  await ask(
    'POST',
    '/v1/hello',
    JSON.stringify({ protocol: PROTOCOL, version: VERSION, ...who, host: { name: `n${nth}`, cpus: 1 } }),
  );
  try {
    for (let after = 0; ; ) {
      const order = await ask('GET', `/v1/orders?after=${after}`);
      if (order === null) continue;
      after = order.number;
      if (order.kind === 'end') return;
      if (order.kind === 'load') void makeTrial(order.trial).catch(() => {});
    }
  } finally {
    for (const each of [agent, held]) each.destroy();
  }

  async function makeTrial(trial) {
    const at = (what) => `/v1/trials/${trial}/${what}`;
    if (fault === 'late') return;
    const { startAtUs } = await ask('POST', at('ready'), JSON.stringify({ trips: await trips() }));
    if (fault === 'lost') for (const each of [agent, held]) each.destroy();
    if (fault === 'lost') throw new Error('lost');
    await ask('POST', at('finished'), '{}');
    // By its own clock, which is ahead of the orchestrator's by its skew.
    const startedAtUs = startAtUs + skewUs + startsLateUs(nth);
    const report = { trips: await trips(), record: recordOf(nth), raw: { startedAtUs }, host: null };
    await ask('POST', at('report'), JSON.stringify(report));
    const sha256 = await digestOf(path);
    const promised = fault === 'spoilt' ? sha256.replace(/./g, '0') : sha256;
    const deliver = () =>
      ask('PUT', at('rows'), () => createReadStream(path, { highWaterMark: 1 << 18 }), { 'x-bench-sha256': promised });
    if (fault === 'spoilt') for (let times = 1; times < 3; times++) await deliver().catch(() => {});
    await deliver();
  }
}

/** What every record needs that is made of rows elsewhere. */
function recordOf(nth) {
  const none = { count: 0, quantiles: { p50: null, p90: null, p99: null, p999: null, max: null }, seconds: null };
  return {
    driver: { name: 'native', version: VERSION },
    windowMs: options.seconds * 1000,
    scheduled: rowsOf(nth),
    ok: rowsOf(nth),
    errors: {},
    dropped: 0,
    statuses: { 200: rowsOf(nth) },
    errorExamples: {},
    achievedRps: options.rate / options.agents,
    connections: 1,
    driverCpuUs: 0,
    bytes: 0,
    latencyUs: none,
    ttftUs: null,
    gapUs: null,
    latenessUs: none,
  };
}

function once(about, body, clock) {
  return new Promise((resolve, reject) => {
    const asked = request(about, (answer) => {
      const returnedUs = clock?.() ?? 0;
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (piece) => (text += piece));
      answer.on('end', () => resolve({ status: answer.statusCode, text, returnedUs }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    if (typeof body === 'function') pipeline(body(), asked).catch(reject);
    else asked.end(body);
  });
}

async function digestOf(path) {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 })) hash.update(piece);
  return hash.digest('hex');
}

/** Reads the merged file from its first byte to its last, and holds each value against what its number says. */
async function checkMerged(path) {
  const header = headerOf(total, 1e6);
  const header0 = {
    ...header,
    agents: Array.from({ length: options.agents }, () => ({ startedAtUs: 0, clockDomain: null })),
  };
  let carry = Buffer.alloc(0);
  let at = 0;
  let layout = null;
  let column = 0;
  let row = 0;
  for await (const piece of createReadStream(path).pipe(createGunzip({ chunkSize: 1 << 18 }))) {
    carry = carry.length === 0 ? piece : Buffer.concat([carry, piece]);
    if (layout === null) {
      const headBytes = 12 + carry.readUInt32LE(8);
      if (carry.length < headBytes) continue;
      const read = JSON.parse(carry.toString('utf8', 12, headBytes));
      if (read.rows !== total || read.agents.length !== header0.agents.length)
        throw new Error(`the head says ${read.rows} rows`);
      layout = columnOffsets(read, headBytes);
      carry = carry.subarray(headBytes);
      at = headBytes;
    }
    for (; column < COLUMNS.length; column++, row = 0) {
      const { name, type: kind } = COLUMNS[column];
      const skip = row === 0 ? layout.ofColumn.get(name) - at : 0;
      if (skip > 0) [carry, at] = [carry.subarray(skip), at + skip];
      const width = TYPES[kind].BYTES_PER_ELEMENT;
      const rows = Math.min(total - row, Math.floor(carry.length / width));
      // A copy, which is aligned.
      const values = new TYPES[kind](new Uint8Array(carry.subarray(0, rows * width)).buffer);
      const truth = TRUTH[name];
      for (let i = 0; i < rows; i++)
        if (values[i] !== truth(row + i))
          throw new Error(`row ${row + i}: ${name} is ${values[i]}, and ${truth(row + i)} is true`);
      carry = carry.subarray(rows * width);
      at += rows * width;
      row += rows;
      if (row < total) break;
    }
  }
  if (column !== COLUMNS.length || at !== layout.end) throw new Error(`${at} bytes were read of ${layout?.end}`);
}

/** Does it, and says how long it took, on how much CPU, and how much memory this program has had at most so far. */
async function timed(what, work) {
  const fromMs = performance.now();
  const before = process.cpuUsage();
  try {
    return await work();
  } finally {
    const seconds = (performance.now() - fromMs) / 1000;
    const { user, system } = process.cpuUsage(before);
    const peakBytes = process.resourceUsage().maxRSS * 1024;
    console.log(
      `${what}: ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of CPU, ${(total / seconds / 1e6).toFixed(2)} million ` +
        `rows a second; at most ${mb(peakBytes)} MB resident so far`,
    );
  }
}

function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}

function mb(bytes) {
  return (bytes / 1e6).toFixed(0);
}
