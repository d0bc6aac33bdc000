import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pack, extract } from 'tar-stream';
import { Readable } from 'node:stream';

/** What a test may look at of a container's specification. */
export interface FakeSpec {
  readonly Image: string;
  readonly Cmd?: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** A container of the fake engine. */
export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly spec: FakeSpec;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  oomKilled: boolean;
  readonly files: Map<string, Buffer>;
  readonly modes: Map<string, number>;
  log: Buffer;
  readonly created: number;
  readonly waiting: ServerResponse[];
  readonly attached: ServerResponse[];
}

/** One request as the engine saw it. */
export interface Call {
  readonly method: string;
  /** Path without API version and query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

type Handler = (call: Call, response: ServerResponse) => void | Promise<void>;

/** A dockerd made of node:http on a unix socket: enough of the API, and every way in which it can go wrong. */
export class FakeEngine {
  readonly socketPath: string;
  readonly containers = new Map<string, FakeContainer>();
  /** Images by name; with the labels and digests of an answer of /images/NAME/json. */
  readonly images = new Map<string, Record<string, unknown>>();
  /** `METHOD path` of every request, ids replaced by container names, in order. */
  readonly diary: string[] = [];
  readonly calls: Call[] = [];
  /** Asked first; the one whose key is how `METHOD path` begins and ends (`*` between) answers in place of the engine. */
  readonly overrides = new Map<string, Handler>();
  /** Called when a container starts: what its program does. */
  program: (container: FakeContainer) => void = () => undefined;
  info: Record<string, unknown> = {};
  version: Record<string, unknown> = {};
  readonly #server: Server;
  readonly #directory: string;
  readonly #sockets = new Set<Socket>();
  #lastId = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.socketPath = join(directory, 'docker.sock');
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<FakeEngine> {
    const engine = new FakeEngine(await mkdtemp(join(tmpdir(), 'fake-engine-')));
    await new Promise<void>((resolve) => {
      engine.#server.listen(engine.socketPath, resolve);
    });
    return engine;
  }

  /** As a killed dockerd: every connection breaks, no new one is taken. */
  die(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.die();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Adds a container as an earlier run would have left it. */
  addContainer(
    name: string,
    spec: Partial<FakeSpec>,
    state: FakeContainer['state'],
    created = Date.now(),
  ): FakeContainer {
    const container: FakeContainer = {
      id: (this.#lastId += 1).toString(16).padStart(64, '0'),
      name,
      spec: { Image: 'image', Labels: {}, HostConfig: {}, ...spec },
      state,
      exitCode: 0,
      oomKilled: false,
      files: new Map(),
      modes: new Map(),
      log: Buffer.alloc(0),
      created,
      waiting: [],
      attached: [],
    };
    this.containers.set(container.id, container);
    return container;
  }

  /** Ends a container's program. */
  exit(container: FakeContainer, exitCode: number, oomKilled = false): void {
    if (container.state !== 'running') return;
    container.state = 'exited';
    container.exitCode = exitCode;
    container.oomKilled = oomKilled;
    for (const response of container.attached) response.end();
    for (const response of container.waiting) response.end(JSON.stringify({ StatusCode: exitCode }));
  }

  /** Lets a container write, to its log and to who is attached. */
  write(container: FakeContainer, stream: 1 | 2, text: string): void {
    const frame = frameOf(stream, Buffer.from(text));
    container.log = Buffer.concat([container.log, frame]);
    for (const response of container.attached) response.write(frame);
  }

  named(name: string): FakeContainer | undefined {
    return [...this.containers.values()].find((container) => container.name === name);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://engine');
    const path = url.pathname.replace(/^\/v\d+\.\d+/, '');
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    const call: Call = { method: request.method ?? '', path, query: url.searchParams, body };
    this.calls.push(call);
    const line = `${call.method} ${this.#withNames(path)}`;
    this.diary.push(line);
    const override = [...this.overrides].find(([pattern]) => matches(pattern, line))?.[1];
    await (override ?? ((seen, reply) => this.#route(seen, reply)))(call, response);
  }

  #withNames(path: string): string {
    return path.replace(/[0-9a-f]{64}/, (id) => this.containers.get(id)?.name ?? 'gone');
  }

  async #route(call: Call, response: ServerResponse): Promise<void> {
    const [, kind = '', ...rest] = call.path.split('/');
    if (kind === 'version') return send(response, 200, { ...VERSION, ...this.version });
    if (kind === 'info') return send(response, 200, { ...INFO, ...this.info });
    if (kind === 'images') return this.#routeImage(call, response);
    if (call.path === '/containers/json') return this.#list(call, response);
    if (call.path === '/containers/create') return this.#create(call, response);
    const [id = '', action = ''] = rest;
    const container = this.containers.get(id) ?? this.named(id);
    if (kind !== 'containers' || container === undefined) return refuse(response, 404, `No such container: ${id}`);
    return this.#routeContainer(`${call.method} ${action}`, container, call, response);
  }

  #routeImage(call: Call, response: ServerResponse): void {
    const name = /^\/images\/(.+)\/json$/.exec(call.path)?.[1];
    const image = name === undefined ? undefined : this.images.get(decodeURIComponent(name));
    if (image === undefined) return refuse(response, 404, `No such image: ${name}`);
    send(response, 200, image);
  }

  #list(call: Call, response: ServerResponse): void {
    const filters = JSON.parse(call.query.get('filters') ?? '{}') as { label?: string[]; name?: string[] };
    const found = [...this.containers.values()].filter(
      ({ name, spec }) =>
        (filters.name ?? []).every((part) => name.includes(part)) &&
        (filters.label ?? []).every((label) => {
          const [key = '', value] = label.split('=');
          return value === undefined ? key in spec.Labels : spec.Labels[key] === value;
        }),
    );
    send(
      response,
      200,
      found.map(({ id, name, spec, state, created }) => ({
        Id: id,
        Names: [`/${name}`],
        Labels: spec.Labels,
        State: state,
        Created: Math.floor(created / 1e3),
      })),
    );
  }

  #create(call: Call, response: ServerResponse): void {
    const name = call.query.get('name') ?? '';
    if (this.named(name) !== undefined)
      return refuse(response, 409, `Conflict. The container name "/${name}" is in use`);
    const container = this.addContainer(name, JSON.parse(call.body.toString()) as FakeSpec, 'created');
    send(response, 201, { Id: container.id, Warnings: [] });
  }

  async #routeContainer(line: string, container: FakeContainer, call: Call, response: ServerResponse): Promise<void> {
    switch (line) {
      case 'GET json':
        return send(response, 200, {
          Id: container.id,
          Config: { Labels: container.spec.Labels },
          HostConfig: container.spec.HostConfig,
          State: {
            Running: container.state === 'running',
            ExitCode: container.exitCode,
            OOMKilled: container.oomKilled,
            Pid: container.state === 'running' ? 4_194_304 : 0,
          },
        });
      case 'POST wait':
        response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
        container.waiting.push(response);
        return;
      case 'POST attach':
        response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).flushHeaders();
        container.attached.push(response);
        return;
      case 'POST start':
        if (container.state === 'running') return refuse(response, 304);
        container.state = 'running';
        response.writeHead(204).end();
        this.program(container);
        return;
      case 'POST stop':
        if (container.state !== 'running') return refuse(response, 304);
        this.exit(container, 143);
        response.writeHead(204).end();
        return;
      case 'POST kill':
        if (container.state !== 'running') return refuse(response, 409, 'Container is not running');
        this.exit(container, 137);
        response.writeHead(204).end();
        return;
      case 'GET logs':
        response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).end(container.log);
        return;
      case 'GET stats':
        return this.#stats(call, response);
      case 'PUT archive':
        await unpack(call.body, container);
        response.writeHead(200).end();
        return;
      case 'GET archive':
        return this.#archive(call, container, response);
      case 'DELETE ':
        this.exit(container, 137);
        this.containers.delete(container.id);
        response.writeHead(204).end();
        return;
      default:
        return refuse(response, 501, `the fake engine has no ${line}`);
    }
  }

  /** Answers of /stats, one a line when streamed. */
  stats: readonly unknown[] = [];

  #stats(call: Call, response: ServerResponse): void {
    if (call.query.get('stream') === 'false') return send(response, 200, this.stats[0]);
    response.writeHead(200);
    for (const answer of this.stats) response.write(`${JSON.stringify(answer)}\n`);
  }

  #archive(call: Call, container: FakeContainer, response: ServerResponse): void {
    const content = container.files.get(call.query.get('path') ?? '');
    if (content === undefined) return refuse(response, 404, 'Could not find the file');
    const archive = pack();
    archive.entry({ name: 'file' }, content);
    archive.finalize();
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    archive.pipe(response);
  }
}

/** The engine's way to say no. */
export function refuse(response: ServerResponse, status: number, message?: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(message === undefined ? undefined : JSON.stringify({ message }));
}

/** Lines of a progress stream; the response is left open without `end`. */
export function progress(response: ServerResponse, events: readonly unknown[], end = true): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (const event of events) response.write(`${JSON.stringify(event)}\r\n`);
  if (end) response.end();
}

/** A frame of multiplexed output. */
export function frameOf(stream: 1 | 2, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** Names and contents of a tar archive, unzipped already. */
export async function namesInTar(archive: Buffer): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

async function unpack(archive: Buffer, container: FakeContainer): Promise<void> {
  for await (const entry of Readable.from([archive]).pipe(extract())) {
    const path = `/${entry.header.name.replace(/\/$/, '')}`;
    container.modes.set(path, entry.header.mode ?? 0);
    const content = await buffer(entry);
    if (entry.header.type === 'file') container.files.set(path, content);
  }
}

function matches(pattern: string, line: string): boolean {
  const [start = '', end = ''] = pattern.split('*');
  return pattern.includes('*') ? line.startsWith(start) && line.endsWith(end) : line === pattern;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers of Docker Engine 28.3 on cgroup v2, the parts that are read. */
const VERSION = {
  Version: '28.3.3',
  ApiVersion: '1.51',
  MinAPIVersion: '1.24',
  KernelVersion: '6.8.0-71-generic',
  Arch: 'amd64',
  Os: 'linux',
};
const INFO = {
  OperatingSystem: 'Ubuntu 24.04.3 LTS',
  Name: 'some-other-host',
  CgroupDriver: 'systemd',
  CgroupVersion: '2',
  CpuCfsQuota: true,
  MemoryLimit: true,
  SwapLimit: true,
  CPUSet: true,
};
