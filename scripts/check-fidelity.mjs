#!/usr/bin/env node
// Whether what the tables of docs/fidelity.md call lost or refused is so in other eyes: each such row is asked for again with curl, in front of
// a provider of this script's own, and judged by looking for the value in the text that arrived. Questions and answers are those of the
// tables; client, provider and judge are not.
//
//   npm run check:fidelity                              every gateway that is built in, runs without a container engine and is there
//   npm run check:fidelity -- --gateways crabllm,smg    these
//   npm run check:fidelity -- --mock-port 9000
//
// Ends with 1 where a row is not seen so. What is changed or at another place is not looked at: it takes a judge to say so. Nor would a
// text be found that a stream has in pieces; no table calls one lost.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { modelNameOf, questionUrl } from '../orchestrator/build/catalogue/addressing.js';
import { readCatalogue } from '../orchestrator/build/catalogue/catalogue.js';
import { withMockPort } from '../orchestrator/build/catalogue/mock-port.js';
import { SCENARIOS } from '../orchestrator/build/catalogue/scenarios.js';
import { startUntilReady } from '../orchestrator/build/execute/started.js';
import { scriptOf } from '../orchestrator/build/fidelity/answers.js';
import { HEADER, STATUS } from '../orchestrator/build/fidelity/case.js';
import { FIDELITY_CASES } from '../orchestrator/build/fidelity/cases.js';
import { filledIn } from '../orchestrator/build/fidelity/filled-in.js';
import { DONE } from '../orchestrator/build/fidelity/folded-stream.js';
import { valueAt } from '../orchestrator/build/fidelity/json-place.js';
import { streamOf } from '../orchestrator/build/fidelity/stream-of.js';
import { ProcessRuntime } from '../orchestrator/build/runtime/process/process-runtime.js';
import { askedFidelity } from './support/asked-fidelity.mjs';
import { scriptOptions } from './support/script-options.mjs';

const READY_MS = 300_000;
const MODELS = JSON.stringify({
  object: 'list',
  data: [
    { id: 'bench-chat', object: 'model' },
    { id: 'bench-embed', object: 'model' },
  ],
});
const curl = promisify(execFile);

const options = scriptOptions({ gateways: undefined, 'mock-port': 9999 });
const fidelity = askedFidelity({ gateways: options.gateways, mockPort: options['mock-port'] });
const copies = mkdtempSync(join(tmpdir(), 'check-fidelity-'));
const composeFile = fileURLToPath(new URL('../compose/docker-compose.yml', import.meta.url));
const { gateways } = withMockPort(readCatalogue([composeFile]), options['mock-port'], copies);
const { signal } = new AbortController();
const processes = new ProcessRuntime();
/** What the provider says to a body in a format, and what it was asked since that was last emptied. */
const provider = { say: null, asked: [] };
const server = http.createServer((request, response) => void answer(request, response));
// Gateways use an idle connection again much later.
server.keepAliveTimeout = 0;
server.listen(options['mock-port'], '127.0.0.1');
await once(server, 'listening');
let wrong = 0;
try {
  for (const seen of fidelity.gateways) {
    if (seen.absent === undefined) await checkGateway(seen);
    else console.log(`${seen.gateway}: absent: ${seen.absent.message}`);
  }
} finally {
  await processes.close();
  server.closeAllConnections();
  server.close();
  rmSync(copies, { recursive: true, force: true });
}
process.exitCode = wrong > 0 ? 1 : 0;

async function answer(request, response) {
  const body = await text(request);
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(request.url.endsWith('/models') ? MODELS : '{}');
    return;
  }
  const [, named = 'chat'] = /(messages|responses|embeddings)$/.exec(request.url) ?? [];
  const format = /** @type {import('../orchestrator/build/catalogue/format-of.js').AskedFormat} */ (named);
  provider.asked.push({ format, body, headers: request.rawHeaders.join('\n').toLowerCase() });
  const asked = JSON.parse(body);
  const said = provider.say(format, asked);
  const streams = asked.stream === true && said.status === 200;
  response.writeHead(said.status, {
    'content-type': streams ? 'text/event-stream' : 'application/json',
    ...said.headers,
  });
  response.end(streams ? streamOf(format, said.body, asked) : JSON.stringify(said.body));
}

async function checkGateway({ gateway: name, version, cases }) {
  const gateway = gateways.find((one) => one.name === name);
  provider.say = (format, asked) => scriptOf('text', format, asked).base;
  const running = await startUntilReady({ ...gateway, readyTimeoutMs: READY_MS }, processes, SCENARIOS[0], signal);
  if ('code' in running) throw new Error(`${name}: ${running.message}`);
  try {
    let right = 0;
    for (const one of cases.filter(({ state }) => state === 'seen'))
      for await (const { row, isSo, because } of rowsOf(one, { ...gateway, url: running.url })) {
        if (isSo) right++;
        else console.log(`  ${name}, ${one.case}, ${row}: NOT SEEN SO: ${because.replaceAll(/\s+/g, ' ')}`);
        if (!isSo) wrong++;
      }
    console.log(`${name} ${version}: ${right} rows seen so with curl`);
  } finally {
    await running.stop();
  }
}

/** Each row of a case that is lost or refused, and whether it is so. */
async function* rowsOf({ case: name, request, answer: answered }, gateway) {
  const one = FIDELITY_CASES.find((known) => known.name === name);
  const rows = (passage, state) => passage.fields.filter((field) => field.state === state).map(({ field }) => field);
  const without = (all, left) => Object.keys(all).filter((place) => !left.includes(place));
  const refused = rows(request, 'refused');
  const places = without(one.optional, refused);
  const saysAll = (format, asked) => {
    const { base, optional } = scriptOf(one.kind, format, asked);
    return { ...base, ...filledIn(base, optional, without(optional, rows(answered, 'refused'))) };
  };
  provider.say = saysAll;
  const whole = await put(one, gateway, places);
  if (whole.asked === undefined) {
    yield { row: 'all of it', isSo: false, because: `the provider was not asked: ${whole.got.slice(0, 200)}` };
    return;
  }
  for (const place of rows(request, 'lost')) {
    const header = place.startsWith(HEADER) ? whole.headers[place.slice(HEADER.length)] : null;
    const value = header ?? valueAt(whole.body, place);
    const there =
      header === null ? isIn(whole.asked.body, place, value) : whole.asked.headers.includes(header.toLowerCase());
    yield { row: `request ${place}`, isSo: !there, because: `${JSON.stringify(value)} reached the provider` };
  }
  for (const place of refused) {
    const { got, asked } = await put(one, gateway, [place]);
    const isSo = asked === undefined && !/^HTTP\/1\.1 200/m.test(got);
    yield { row: `refused ${place}`, isSo, because: got.slice(0, 200) };
  }
  const asked = JSON.parse(whole.asked.body);
  const { variants } = scriptOf(one.kind, whole.asked.format, asked);
  const outcomes = new Map([['', { said: saysAll(whole.asked.format, asked), got: whole.got }]]);
  for (const field of rows(answered, 'lost')) {
    const [, place = field, outcome = ''] = /^(.*) \(([^)]+)\)$/.exec(field) ?? [];
    if (!outcomes.has(outcome)) {
      const { answer: said } = variants.find((variant) => variant.name === outcome);
      provider.say = () => said;
      outcomes.set(outcome, { said, got: (await put(one, gateway, places)).got });
    }
    const { said, got } = outcomes.get(outcome);
    yield { row: `answer ${field}`, isSo: !wasGot(place, said, got), because: got.slice(-200) };
  }
}

/** A question with so many of its optional places, put by curl; what the provider was asked, undefined: nothing. */
async function put({ path, required, optional }, gateway, places) {
  provider.asked = [];
  const question = filledIn({ headers: {}, body: required }, optional, places);
  const kind = path.endsWith('embeddings') ? 'embeddings' : 'chat';
  const body = { model: modelNameOf(gateway, { path, answer: kind }), ...question.body };
  const headers = { 'content-type': 'application/json', ...gateway.headers, ...question.headers };
  const words = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const url = questionUrl(gateway, { path });
  // A connection that is cut in the middle is an end with 18, and what came until then is what was got.
  const { stdout } = await curl(
    'curl',
    ['-sS', '-i', '-N', '--max-time', '30', url, ...words, '-d', JSON.stringify(body)],
    { maxBuffer: 2 ** 26 },
  ).catch((error) => error);
  return { got: String(stdout), asked: provider.asked.at(-1), headers: question.headers, body };
}

/** Whether what was said at a place is in the text that a client got. */
function wasGot(place, said, got) {
  const [head = ''] = got.split('\r\n\r\n');
  if (place === DONE) return got.includes('[DONE]');
  if (place === 'usage null until the end') return /"usage":\s*null/.test(got);
  if (place === STATUS) return head.startsWith(`HTTP/1.1 ${said.status}`);
  if (!place.startsWith(HEADER)) {
    const value = valueAt(said.body, place);
    // What only a stream has, such as its events: where to look for it is not known here, and so it is not called lost.
    return value === undefined || isIn(got, place, value);
  }
  const name = place.slice(HEADER.length);
  return head.toLowerCase().includes(`\n${name}: ${said.headers[name].toLowerCase()}`);
}

/** Whether everything of a value that nobody else would say is in a text; of one that others say too, whether its member's name is. */
function isIn(whole, place, value) {
  const key = place
    .split('.')
    .at(-1)
    .replace(/\[\d+\]$/, '');
  const telling = key === 'service_tier' || key === 'tool_choice' ? [] : leavesOf(value).filter(isTelling);
  if (telling.length === 0) return new RegExp(`"${key}"\\s*:`).test(whole);
  return telling.every((leaf) =>
    typeof leaf === 'string'
      ? whole.includes(JSON.stringify(leaf).slice(1, -1))
      : new RegExp(`(?<![\\d.])${String(leaf).replace('.', '\\.')}(?!\\d)`).test(whole),
  );
}

function leavesOf(value) {
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(leavesOf) : [value];
}

function isTelling(leaf) {
  return typeof leaf === 'string'
    ? leaf.length >= 6
    : typeof leaf === 'number' && (Math.abs(leaf) > 9 || !Number.isInteger(leaf));
}
