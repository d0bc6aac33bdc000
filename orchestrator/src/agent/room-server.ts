import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClockDomain } from '../clock/clock-domain.js';
import { messageOf } from '../errors.js';
import { VERSION } from '../version.js';
import { receiveRows } from './receive-rows.js';
import type { RemoteWatch } from './remote-watch.js';
import { reportSchema } from './report.js';
import type { Roster } from './roster.js';
import type { TrialMeeting } from './trial-meeting.js';
import { watchSeriesSchema } from './watch-series.js';
import { AGENT_HEADER, helloSchema, HOLD_MS, PROTOCOL, readySchema, SESSION_HEADER, SHA256_HEADER } from './wire.js';

/** What the server speaks for. */
export interface RoomParts {
  readonly token: string;
  readonly nowUs: () => number;
  readonly clockDomain: ClockDomain | null;
  readonly roster: Roster;
  /** The trial of that id, if it is the one that is held. */
  readonly meeting: (id: string) => { readonly trial: TrialMeeting; readonly directory: string } | null;
  readonly watch: (id: string) => RemoteWatch | null;
}

/** Of everything but rows, which are never held in memory. */
const MOST_BYTES = 64 * 1024 * 1024;

/** What is said to one question. */
interface Said {
  readonly status: number;
  readonly body?: unknown;
}

const OK: Said = { status: 200, body: {} };
const NOT_YET: Said = { status: 202, body: {} };

/** A question that is no question, and who may not ask. */
class Refusal extends Error {
  readonly said: Said;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.said = { status, body: { code, message } };
  }
}

/** Serves the protocol of wire.ts; what it means is decided in the roster and in the trial's meeting. */
export function createRoomServer(parts: RoomParts): Server {
  const wanted = digestOf(`Bearer ${parts.token}`);
  const server = createServer((request, response) => {
    const heardUs = parts.nowUs();
    // Compared by digests, so that the time it takes says nothing of the token.
    if (!timingSafeEqual(digestOf(request.headers.authorization ?? ''), wanted)) {
      request.resume();
      return send(response, new Refusal(401, 'token-refused', 'that is not the token of this run').said);
    }
    if (request.url === '/v1/time') {
      // Not by way of `answer`: what is done between the two moments is nobody's way, and what is done behind them is.
      parts.roster.heard(header(request, AGENT_HEADER), header(request, SESSION_HEADER));
      response.setHeader('content-type', 'application/json');
      return void response.end(`{"heardUs":${heardUs},"answeredUs":${parts.nowUs()}}`);
    }
    answer(parts, request, response).then(
      (said) => send(response, said),
      (thrown: unknown) => send(response, saidOf(thrown)),
    );
  });
  // Held questions and rows take their time; an agent that is silent is missed by the roster.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 4 * HOLD_MS;
  return server;
}

async function answer(parts: RoomParts, request: IncomingMessage, response: ServerResponse): Promise<Said> {
  const { roster } = parts;
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://room');
  const [, , what = '', id = '', step = ''] = pathname.split('/');
  if (what === 'hello') return hello(roster, await jsonOf(request));
  const name = header(request, AGENT_HEADER);
  if (roster.heard(name, header(request, SESSION_HEADER)) === null) {
    const why = roster.whyLost(name);
    throw new Refusal(409, 'agent-unknown', why === null ? `another process is agent ${name}` : why.message);
  }
  if (what === 'orders') {
    const gone = new Promise<void>((resolve) => response.on('close', () => resolve()));
    const order = await roster.nextOrder(name, Number(searchParams.get('after') ?? 0), gone);
    return order === null ? { status: 204 } : { status: 200, body: order };
  }
  if (what === 'watches') return answerWatch(parts.watch(id), step, request);
  if (what === 'trials') return answerTrial(parts, id, { name, step }, request);
  throw new Refusal(404, 'not-found', `there is no ${request.method} ${pathname}`);
}

function hello(roster: Roster, body: unknown): Said {
  const said = helloSchema.safeParse(body);
  const version = z.object({ protocol: z.number(), version: z.string() }).safeParse(body).data;
  if (version === undefined || version.protocol !== PROTOCOL || version.version !== VERSION)
    throw new Refusal(
      409,
      'agent-version',
      `an agent of version ${version?.version ?? 'unknown'} (protocol ${version?.protocol ?? 'unknown'}) came, and this is ${VERSION} (protocol ${PROTOCOL})`,
    );
  if (!said.success) throw new Refusal(400, 'bad-request', z.prettifyError(said.error));
  const why = roster.join(said.data);
  if (why !== null) throw new Refusal(409, why.code, why.message);
  return OK;
}

async function answerWatch(watch: RemoteWatch | null, step: string, request: IncomingMessage): Promise<Said> {
  const body = await jsonOf(request);
  if (watch === null) throw new Refusal(410, 'watch-void', 'nobody waits for that watch any more');
  if (step === 'begun') watch.hasBegun();
  else watch.deliver(checked(watchSeriesSchema, body));
  return OK;
}

async function answerTrial(
  parts: RoomParts,
  id: string,
  { name, step }: { readonly name: string; readonly step: string },
  request: IncomingMessage,
): Promise<Said> {
  const meeting = parts.meeting(id);
  const nth = meeting?.trial.shareOf(name) ?? -1;
  if (meeting === null || nth < 0) {
    request.resume();
    throw new Refusal(410, 'trial-void', `trial ${id} is over, or agent ${name} has no part in it`);
  }
  const { trial, directory } = meeting;
  if (step === 'rows') {
    const path = join(directory, `agent-${nth}.requests.gz`);
    const fault = await receiveRows(request, path, header(request, SHA256_HEADER), () => {
      trial.progress();
      parts.roster.heard(name, header(request, SESSION_HEADER));
    });
    if (fault !== null) {
      trial.corrupt(nth, fault);
      throw trial.void ?? new Refusal(422, 'rows-corrupt', fault);
    }
    trial.rows(nth, path);
    return OK;
  }
  const body = await jsonOf(request);
  if (trial.void !== null) throw trial.void;
  if (step === 'failed') {
    const { code, message } = checked(z.object({ code: z.string(), message: z.string() }), body);
    trial.callOff({ code, message: `agent ${name}: ${message}` });
    return OK;
  }
  if (step === 'ready') {
    trial.ready(nth, checked(readySchema, body).trips);
    if (!(await trial.until(() => trial.startAtUs !== null, HOLD_MS))) return NOT_YET;
    return { status: 200, body: { startAtUs: trial.startAtUs, clockDomain: parts.clockDomain } };
  }
  if (step === 'finished') {
    trial.finished(nth);
    return (await trial.until(() => trial.allFinished, HOLD_MS)) ? OK : NOT_YET;
  }
  if (step !== 'report') throw new Refusal(404, 'not-found', `a trial has no ${step}`);
  trial.report(nth, checked(reportSchema, body));
  return OK;
}

function saidOf(thrown: unknown): Said {
  if (thrown instanceof Refusal) return thrown.said;
  const { code = 'fault' } = thrown as { readonly code?: string };
  // Why a trial is void is told to each of its agents.
  const status = code === 'fault' ? 500 : 410;
  return { status, body: { code, message: messageOf(thrown) } };
}

function send(response: ServerResponse, { status, body }: Said): void {
  if (response.destroyed) return;
  response.writeHead(status, body === undefined ? {} : { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MOST_BYTES) throw new Refusal(413, 'too-large', `a body of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new Refusal(400, 'bad-request', 'the body is no JSON');
  }
}

function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(400, 'bad-request', z.prettifyError(parsed.error));
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
