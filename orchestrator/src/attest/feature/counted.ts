import { request } from 'undici';
import { z } from 'zod';
import type { FeatureProof } from '../../catalogue/feature.js';
import type { Scenario } from '../../catalogue/scenario.js';
import { messageOf } from '../../errors.js';
import { ownRequests } from '../../own-requests.js';
import { pause } from '../../pause.js';
import { Asker } from '../asker.js';
import { type Proof, proved, type Subject, unproved } from './proof.js';

/** Requests that are sent to be counted. */
const REQUESTS = 5;
/** Who counts may do it behind the answer. */
const SETTLE_MS = 5000;
const LOOK_AGAIN_MS = 100;
/** So long a count has to stand still to be one. */
const QUIET_LOOKS = 3;
const ANSWER_TIMEOUT_MS = 5000;

/** Somebody counted what we sent, or why that cannot be known. */
type Count = () => Promise<number | { readonly problem: string }>;

/** Lines of what it prints. */
export async function proveByLines(
  subject: Subject,
  { match, delayMs }: Extract<FeatureProof, { by: 'log-lines' }>,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof> {
  const pattern = new RegExp(match);
  const count = async (): Promise<number> =>
    (await subject.logs()).split('\n').filter((line) => pattern.test(withoutColour(line))).length;
  return proveByCount(subject, `lines that match ${match}`, count, scenario, signal, delayMs);
}

/** A metric of its own, of which a scrape tells. */
export async function proveByScrape(
  subject: Subject,
  { path, match }: Extract<FeatureProof, { by: 'scrape' }>,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof> {
  return proveByCount(
    subject,
    `metrics at ${path} that match ${match}`,
    async () => scraped(subject.origin + path, new RegExp(match), signal),
    scenario,
    signal,
  );
}

/** What a sink beside it has counted. */
export async function proveByCalls(
  subject: Subject,
  { url, field, delayMs }: Extract<FeatureProof, { by: 'calls' }>,
  scenario: Scenario,
  signal: AbortSignal,
): Promise<Proof> {
  const count: Count = async () => {
    const answer = await fetched(url, signal);
    if (typeof answer !== 'string') return answer;
    const counts = countsSchema.safeParse(jsonOf(answer));
    const value = counts.data?.[field];
    return typeof value === 'number' ? value : { problem: `GET ${url} has no count ${field}` };
  };
  return proveByCount(subject, `${field} at ${url}`, count, scenario, signal, delayMs);
}

const countsSchema = z.record(z.string(), z.unknown());

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param delayMs so long it may keep what it has counted to itself: what was asked before is waited for, and so is what would be too much */
async function proveByCount(
  { target, mock }: Subject,
  what: string,
  count: Count,
  scenario: Scenario,
  signal: AbortSignal,
  delayMs = 0,
): Promise<Proof> {
  const before = await standing(count, delayMs, signal);
  if (typeof before !== 'number') return unproved(before.problem);
  const asker = new Asker(target, mock, signal);
  for (let i = 0; i < REQUESTS; i += 1) await asker.target(scenario, '');
  const after = await standing(count, delayMs, signal, before + REQUESTS);
  if (typeof after !== 'number') return unproved(after.problem);
  const more = after - before;
  if (more === REQUESTS) return proved(`${what}: ${more} more for ${REQUESTS} requests`, { requests: REQUESTS, more });
  return unproved(`${what}: ${more} more for ${REQUESTS} requests`);
}

/** A count when it no longer changes. @param wanted it is waited for, as long as it may take */
async function standing(count: Count, delayMs: number, signal: AbortSignal, wanted?: number): ReturnType<Count> {
  const until = performance.now() + SETTLE_MS + 3 * delayMs;
  const quietLooks = QUIET_LOOKS + Math.ceil(delayMs / LOOK_AGAIN_MS);
  let [last, quiet] = [await count(), 0];
  while (quiet < quietLooks && performance.now() < until) {
    await pause(LOOK_AGAIN_MS, signal);
    const next = await count();
    const isHere = wanted === undefined || (typeof next === 'number' && next >= wanted);
    quiet = next === last && isHere ? quiet + 1 : 0;
    last = next;
    if (typeof next !== 'number') return next;
  }
  return last;
}

/** The sum of the samples whose lines match, of the Prometheus text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
async function scraped(url: string, pattern: RegExp, signal: AbortSignal): ReturnType<Count> {
  const text = await fetched(url, signal);
  if (typeof text !== 'string') return text;
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#') && pattern.test(line))
    .reduce((sum, line) => sum + Number(/\s(\S+)(?:\s+\d+)?$/.exec(line)?.[1] ?? 0), 0);
}

async function fetched(url: string, signal: AbortSignal): Promise<string | { readonly problem: string }> {
  try {
    const times = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS };
    const { statusCode, body } = await request(url, { ...times, signal, dispatcher: ownRequests });
    const text = await body.text();
    return statusCode === 200 ? text : { problem: `GET ${url}: status ${statusCode}` };
  } catch (thrown) {
    signal.throwIfAborted();
    return { problem: `GET ${url}: ${messageOf(thrown)}` };
  }
}

/** Programs that take a pipe for a terminal paint their logs. */
function withoutColour(line: string): string {
  // eslint-disable-next-line no-control-regex -- the escape that begins a colour is one
  return line.replaceAll(/\u001b\[[0-9;]*m/g, '');
}
