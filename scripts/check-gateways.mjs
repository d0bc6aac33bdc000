// Whether the mock keeps its meaning behind real gateways: what is asked through one must be answered as when the mock is
// asked directly, and the ledger must have every id exactly once.
//
//   npm run check:gateways                   every gateway of compose/docker-compose.yml that is there
//   npm run check:gateways -- litellm        this one
//   npm run check:gateways -- --mock-port 9000
//   npm run check:gateways -- --ready-timeout 300     seconds that a gateway may take to start, where its entry allows it less
//
// A gateway is started as a program when it is installed (crabllm-bench gateways), else as a container when an engine answers and its
// image is there or can be had. Uses the ports of the compose file. Behind those questions each scenario that it serves is attested as a run
// attests it, so that every format is looked at; what a busy machine did not let be told is asked for again. Ends with 1 when something
// differs, or when a gateway that was named is not there, and with 4 when nothing differs and something could not be told.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual, inspect, parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { attest } from '../orchestrator/build/attest/attest.js';
import { waitReady } from '../orchestrator/build/attest/readiness.js';
import { modelNameOf, questionUrl } from '../orchestrator/build/catalogue/addressing.js';
import { readCatalogue } from '../orchestrator/build/catalogue/catalogue.js';
import { withMockPort } from '../orchestrator/build/catalogue/mock-port.js';
import { notServed } from '../orchestrator/build/catalogue/served.js';
import { SCENARIOS } from '../orchestrator/build/catalogue/scenarios.js';
import { connectDocker, dockerAnswers } from '../orchestrator/build/runtime/docker/connect.js';
import { ProcessRuntime } from '../orchestrator/build/runtime/process/process-runtime.js';
import { meaningOfChat, meaningOfEmbeddings, meaningOfStream } from './support/meaning.mjs';

const ROUNDS = 200;
const AT_ONCE = 20;
const TIMEOUT_MS = 20_000;
const MOST_TRIES = 4;
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
};

const chat = (id, more = {}) => ({
  model: 'bench-chat',
  messages: [{ role: 'user', content: `What is the weather in Bern? [[bench id=${id}]]` }],
  ...more,
});
const streamed = { stream: true, stream_options: { include_usage: true } };
const embeddings = (id, more = {}) => ({
  model: 'bench-embed',
  input: ['one text', `another [[bench id=${id}]]`],
  ...more,
});

/**
 * What is asked both ways: path, body by id, and how to read the answer.
 * @type {Record<string, [string, any, any]>}
 */
const QUESTIONS = {
  chat: ['/v1/chat/completions', chat, meaningOfChat],
  'chat, long': ['/v1/chat/completions', (id) => chat(id, { max_tokens: 500 }), meaningOfChat],
  stream: ['/v1/chat/completions', (id) => chat(id, streamed), meaningOfStream],
  'stream, long': ['/v1/chat/completions', (id) => chat(id, { ...streamed, max_tokens: 500 }), meaningOfStream],
  tools: ['/v1/chat/completions', (id) => chat(id, { tools: [weather] }), meaningOfChat],
  'tools, streamed': ['/v1/chat/completions', (id) => chat(id, { ...streamed, tools: [weather] }), meaningOfStream],
  embeddings: ['/v1/embeddings', (id) => embeddings(id, { encoding_format: 'float' }), meaningOfEmbeddings],
  'embeddings, base64': ['/v1/embeddings', (id) => embeddings(id, { encoding_format: 'base64' }), meaningOfEmbeddings],
};

const composeFile = fileURLToPath(new URL('../compose/docker-compose.yml', import.meta.url));
const { values: options, positionals: asked } = parseArgs({
  options: { 'mock-port': { type: 'string' }, 'ready-timeout': { type: 'string' } },
  allowPositionals: true,
});
if (!(Number(options['ready-timeout'] ?? 0) >= 0)) {
  console.error(`--ready-timeout ${options['ready-timeout']} is no number of seconds`);
  process.exit(2);
}
const copies = mkdtempSync(join(tmpdir(), 'check-gateways-'));
process.once('exit', () => rmSync(copies, { recursive: true, force: true }));
const { mock: mockService, gateways: all } = withMockPort(
  readCatalogue([composeFile]),
  Number(options['mock-port'] ?? 9999),
  copies,
);
// Variants mean what their gateways mean, and are looked at when they are named.
const gateways = all.filter(({ name, variant }) => variant === undefined || asked.includes(name));
const unknown = asked.filter((name) => !gateways.some((gateway) => gateway.name === name));
if (unknown.length > 0) {
  console.error(`${unknown.join(', ')}: not a gateway; there are ${all.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
const { signal } = interruption;
const runId = `check-${Date.now().toString(36)}`;
const processes = new ProcessRuntime();
const engine = await dockerAnswers();
const docker = engine.answers ? await connectDocker({ runId, composeFiles: [composeFile] }) : null;
let failures = 0;
let unclear = 0;
let nextId = 0;
try {
  const mock = await processes.start(mockService, signal);
  await ready(mock, mockService);
  for (const gateway of gateways.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
    try {
      await checkGateway(gateway, mock.url);
    } catch (thrown) {
      // One that cannot be looked at does not keep the others from it.
      signal.throwIfAborted();
      report(gateway.name, thrown.message);
    }
  }
} finally {
  await Promise.all([processes.close(), docker?.close()]);
}
if (failures + unclear > 0) console.log(`${failures} differ, ${unclear} could not be told`);
process.exitCode = failures > 0 ? 1 : unclear > 0 ? 4 : 0;

async function checkGateway(gateway, mockUrl) {
  const found = await findRuntime(gateway);
  if (found.runtime === undefined) {
    console.log(`${gateway.name}: absent: ${found.reasons.join('; ')}`);
    if (asked.includes(gateway.name)) failures++;
    return;
  }
  const { runtime } = found;
  const service = await runtime.start(gateway, signal);
  try {
    await ready(service, gateway);
    console.log(`${gateway.name} ${gateway.version} (${runtime.kind})`);
    const prefix = `${gateway.name.slice(0, 8)}-`;
    await fetch(`${mockUrl}/__bench/ledger`, { method: 'DELETE' });
    for (const [name, question] of Object.entries(QUESTIONS)) {
      if (gateway.serves?.includes(servedAs(name)) === false) continue;
      report(name, await differenceOf(question, gateway, service.url, mockUrl, prefix).catch((error) => error.message));
    }
    if (gateway.serves?.includes('chat') !== false)
      report(`${ROUNDS} chats, ${AT_ONCE} at a time`, await load(gateway, service.url, prefix));
    if (nextId > 0) report('every id exactly once in the ledger', await ledgerProblem(mockUrl, prefix));
    for (const scenario of SCENARIOS.filter((one) => notServed(one, gateway.serves) === null)) {
      const provider = { url: mockUrl, modelPrefix: '', headers: {} };
      const attested = await attestPatiently({ ...gateway, url: service.url }, provider, scenario);
      if (attested.state === 'void') {
        unclear++;
        console.log(`  unclear attested: ${scenario.name}: ${attested.reason.message}`);
      } else if (attested.state === 'absent')
        console.log(`  absent attested: ${scenario.name}: ${attested.reason.message}`);
      else report(`attested: ${scenario.name}`, attested.state === 'passed' ? null : attested.reason.message);
      for (const { message } of 'notes' in attested ? (attested.notes ?? []) : []) console.log(`         ${message}`);
    }
  } finally {
    await service.stop();
  }
}

/** On a busy machine frames lie about and come in a lump: what is not well is asked again, and what never is stays so. */
async function attestPatiently(target, provider, scenario) {
  for (let tries = 1; ; tries++) {
    const attested = await attest(target, provider, scenario, signal);
    if (attested.state === 'passed' || attested.state === 'absent' || tries === MOST_TRIES) return attested;
  }
}

/** What a question is in the words of x-bench.serves. */
function servedAs(name) {
  const [kind] = name.split(',');
  return kind === 'stream' ? 'chat-stream' : kind;
}

async function findRuntime(gateway) {
  const reasons = [];
  for (const runtime of [processes, docker]) {
    if (runtime === null) {
      reasons.push(engine.detail);
      continue;
    }
    const availability = await runtime.prepare(gateway, () => {}, signal);
    if (availability.state === 'available') return { runtime };
    reasons.push(`${runtime.kind}: ${availability.reason.message}`);
  }
  return { reasons };
}

async function ready(running, service) {
  const readyTimeoutMs = Math.max(service.readyTimeoutMs, Number(options['ready-timeout'] ?? 0) * 1000);
  const reason = await waitReady(
    running,
    { ...service, url: running.url, readyTimeoutMs, alreadyRuns: false, mock: null },
    SCENARIOS[0],
    signal,
  );
  if (reason !== null) throw new Error(`${service.name}: ${reason.message}`);
}

/** Null when both ways mean the same. */
async function differenceOf([path, bodyOf, meaningOf], gateway, gatewayUrl, mockUrl, prefix) {
  // As long as each other, so that the same prompt is counted.
  const [direct, through] = await Promise.all([
    ask(mockUrl + path, bodyOf(idOf(prefix)), {}, meaningOf),
    ask(
      questionUrl({ ...gateway, url: gatewayUrl }, { path }),
      named(bodyOf(idOf(prefix)), path, gateway),
      gateway.headers,
      (answer) => meaningOf(answer, gateway.accept.includes('no-done')),
    ),
  ]);
  if (isDeepStrictEqual(withoutCallIds(direct), withoutCallIds(through))) return null;
  return `directly ${inspect(direct, { depth: 9, maxArrayLength: 3 })}\nthrough it ${inspect(through, { depth: 9, maxArrayLength: 3 })}`;
}

/** The id of a call is made from the conversation, whose JSON a gateway may write in another way. */
function withoutCallIds(meaning) {
  return JSON.parse(JSON.stringify(meaning, (key, value) => (key === 'id' ? typeof value : value)));
}

function named(body, path, gateway) {
  const answer = path === '/v1/embeddings' ? 'embeddings' : 'chat';
  return { ...body, model: modelNameOf(gateway, { path, answer }) };
}

function idOf(prefix) {
  return prefix + String(nextId++).padStart(5, '0');
}

async function load(gateway, gatewayUrl, prefix) {
  let left = ROUNDS;
  const problems = [];
  const worker = async () => {
    while (left-- > 0) {
      const path = '/v1/chat/completions';
      const body = named(chat(idOf(prefix), left % 2 === 0 ? streamed : {}), path, gateway);
      await ask(
        questionUrl({ ...gateway, url: gatewayUrl }, { path }),
        body,
        gateway.headers,
        (answer) => answer,
      ).catch((error) => problems.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return problems.length === 0 ? null : `${problems.length} failed, the first: ${problems[0]}`;
}

async function ledgerProblem(mockUrl, prefix) {
  const response = await fetch(`${mockUrl}/__bench/ledger?prefix=${prefix}`);
  const { records } = await response.json();
  const seen = new Map();
  for (const { id } of records) seen.set(id, (seen.get(id) ?? 0) + 1);
  const sent = Array.from({ length: nextId }, (_, i) => prefix + String(i).padStart(5, '0'));
  const wrong = sent.filter((id) => seen.get(id) !== 1);
  const unfinished = records.filter(({ outcome }) => outcome !== 'complete');
  nextId = 0;
  if (wrong.length > 0)
    return `${wrong.length} of ${sent.length} not once: ${wrong
      .slice(0, 5)
      .map((id) => `${id} ${seen.get(id) ?? 0} times`)
      .join(', ')}`;
  if (unfinished.length > 0) return `${unfinished.length} not complete: ${JSON.stringify(unfinished[0])}`;
  return records.length === sent.length ? null : `${records.length - sent.length} records too many`;
}

/** Not fetch, which refuses some ports, 6666 among them. */
async function ask(url, body, headers, meaningOf) {
  const request = http.request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
  });
  request.end(JSON.stringify(body));
  const [response] = await once(request, 'response');
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}: ${answer.slice(0, 300)}`);
  return meaningOf(answer);
}

function report(what, problem) {
  if (problem !== null) failures++;
  console.log(problem === null ? `  same   ${what}` : `  DIFFERS ${what}: ${problem}`);
}
