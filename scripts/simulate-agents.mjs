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
// Figures tell of a machine that does nothing else.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release, tmpdir, type } from 'node:os';
import { join } from 'node:path';
import { mergedRecord } from '../orchestrator/build/agent/merged-record.js';
import { AgentRoom } from '../orchestrator/build/agent/room.js';
import { clockOffset, onAskersClock, seenFromOtherSide } from '../orchestrator/build/clock/clock-offset.js';
import { mergeColumnFiles } from '../orchestrator/build/load/native/merge-columns.js';
import { VERSION } from '../orchestrator/build/version.js';
import { KnownRows, ROW_BYTES } from './support/known-rows.mjs';
import { refuse, scriptOptions } from './support/script-options.mjs';
import { simulatedAgent } from './support/simulated-agent.mjs';

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
if (options.bytes !== undefined) options.seconds = Math.ceil(bytesIn(options.bytes) / ROW_BYTES / options.rate);
const known = new KnownRows({
  agents: options.agents,
  rate: options.rate,
  seconds: options.seconds,
  idPrefix: ID_PREFIX,
});
const { total } = known;

/** How far an agent really starts from the common moment, microseconds. */
const startsLateUs = (nth) => Math.round(Math.cos(nth) * options['start-skew'] * 1000);

/** `10GB`, `500 MB`, `1e10`. */
function bytesIn(text) {
  const [, number, unit = ''] = /^([\d.]+(?:e\d+)?) *([kMGT]?)B?$/.exec(text) ?? [];
  const bytes = Number(number) * 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit);
  return bytes > 0 ? bytes : refuse(`--bytes ${text}: for example 10GB`);
}

console.log(
  `crabllm-bench ${VERSION}, Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, ${type()} ${release()}; ` +
    `${options.agents} agents, ${options.rate} rows a second in sum for ${options.seconds} s: ${total} rows, ${mb(total * ROW_BYTES)} MB of columns`,
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
    await timed(`merged, ${mb(total * ROW_BYTES)} MB`, () => mergeColumnFiles(rows, merged));
    console.log(
      `the merged file has ${mb(statSync(merged).size)} MB, the parts ${mb(sum(rows.map((path) => statSync(path).size)))} MB`,
    );
    await timed('held against the truth, row by row', () => known.check(merged));
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
    await known.write(path, nth, 1e6 + skewUs);
    parts.push(path);
  }
  return parts;
}

/** All agents of a trial; null where it is void, which is said. */
async function deliverAll(parts, skewsUs) {
  const room = await AgentRoom.open();
  const agents = parts.map((path, nth) => {
    const fault = nth === options.agents - 1 ? options.fault : 'none';
    const about = { nth, skewUs: skewsUs[nth], startsLateUs: startsLateUs(nth), path, record: recordOf(nth), fault };
    return simulatedAgent(room, about).catch((error) => error);
  });
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
    level: { kind: /** @type {const} */ ('rps'), value: options.rate },
    warmupMs: 0,
    measureMs: options.seconds * 1000,
    timeoutMs: 1000,
    expectedLatencyMs: 1,
    seed: 1,
  };
}

/** What every record needs that is made of rows elsewhere. */
function recordOf(nth) {
  const none = { count: 0, quantiles: { p50: null, p90: null, p99: null, p999: null, max: null }, seconds: null };
  return {
    driver: { name: 'native', version: VERSION },
    windowMs: options.seconds * 1000,
    scheduled: known.countOf(nth),
    ok: known.countOf(nth),
    errors: {},
    dropped: 0,
    statuses: { 200: known.countOf(nth) },
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
