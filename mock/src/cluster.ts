import cluster, { type Worker } from 'node:cluster';
import { createServer } from 'node:net';
import type { MockConfig } from './config.js';
import {
  WORKER_START,
  type FromPrimary,
  type FromWorker,
  type Listening,
  type Question,
  type WorkerReport,
  type WorkerStart,
} from './control/messages.js';
import { changed, firstSettings, type CurrentSettings } from './control/current.js';
import { SharedCounts } from './control/shared-counts.js';
import { toHostUs } from './timing/clock.js';

/** Why the mock could not start, in one line. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** How long workers have to report before the answer goes out without them, in milliseconds. */
const REPORT_TIMEOUT_MS = 2000;
/** The same for a ledger, which is megabytes and of no use without a part of it. */
const LEDGER_TIMEOUT_MS = 8000;
/** The number of a collection that nobody waits for. */
const NOBODY = 0;
/**
 * V8 takes a lull for a chance to give memory back, and collects the whole heap for it while the next requests come in: at 500 a second two
 * fifths of what the slowest hundredth of them waited for beyond the usual went with it (`npm run bench:tails`). A worker's heap stays small without.
 */
const WORKER_FLAGS = ['--no-memory-reducer'];
/** A worker that dies this soon after its start would only die again. */
const MIN_LIFE_MS = 1000;

/**
 * Starts the workers and keeps them running.
 * @returns the line that says where the mock listens
 * @throws {StartError} when the address cannot be bound
 */
export async function startCluster(config: MockConfig): Promise<string> {
  const primary = new Primary(config, wayToListen(config.workers));
  await primary.start();
  const urls = primary.ports.map((port) => `http://${bracketed(config.host)}:${port}`);
  const named = config.providers.map(({ name }, i) =>
    config.providers.length === 1 ? urls[i] : `${urls[i]} (${name})`,
  );
  const control = config.controlPort === undefined ? '' : `, control on ${urls.at(-1)}`;
  return `listening on ${named.join(', ')}${control} (${config.workers} workers, ${primary.listening})`;
}

/** As a host stands in a URL. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function wayToListen(workers: number): Listening {
  if (supportsReusePort()) return 'reusePort';
  return workers === 1 ? 'alone' : 'shared';
}

/** `reusePort` came to net.listen in 22.12 and 23.1; an older Node ignores it in silence, so the version decides. */
function supportsReusePort(): boolean {
  if (process.platform !== 'linux') return false;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

/** An answer that is being collected from the workers. */
interface Collection {
  readonly asker: Worker;
  readonly ask: number;
  readonly missing: Set<number>;
  readonly reports: WorkerReport[];
  readonly timer: NodeJS.Timeout;
}

class Primary {
  /** Those of the providers, and behind them that of the control endpoint when there is one. */
  ports: readonly number[];
  readonly listening: Listening;
  readonly #config: MockConfig;
  readonly #startedSeconds = Math.floor(Date.now() / 1000);
  readonly #collections = new Map<number, Collection>();
  readonly #counts = new SharedCounts();
  /** By their place. */
  readonly #workers = new Map<number, Worker>();
  #current: CurrentSettings;
  #nextCollection = 1;
  #restarts = 0;
  #restartsAtMark = 0;
  #stopping = false;
  #crowded = false;

  constructor(config: MockConfig, listening: Listening) {
    this.#config = config;
    this.ports = askedPorts(config);
    this.listening = listening;
    this.#current = firstSettings(config.story, config.timeline, toHostUs(performance.now()));
  }

  async start(): Promise<void> {
    cluster.setupPrimary({ serialization: 'advanced', execArgv: [...process.execArgv, ...WORKER_FLAGS] });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop());
    for (const port of this.ports) if (port !== 0) await probe(this.#config.host, port);
    // The first worker alone, because with port 0 it is the one that finds out the port.
    this.ports = await this.#fork(0);
    await Promise.all(Array.from({ length: this.#config.workers - 1 }, (_, i) => this.#fork(i + 1)));
    this.#beginNow();
  }

  /** Times of rules count from when somebody can ask, and not from before the workers were there. */
  #beginNow(): void {
    const { settings, providers } = this.#current;
    this.#current = { ...this.#current, madeUs: toHostUs(performance.now()) };
    const change = { what: 'settings', story: { settings, providers } } as const;
    this.#tellAll({ type: 'tell', ask: NOBODY, question: { about: 'change', change, current: this.#current } });
  }

  #fork(place: number): Promise<readonly number[]> {
    // A shared listener is known to node:cluster by the port that was asked for, which is 0 for all workers or for none.
    const { listening } = this;
    const ports = listening === 'shared' ? askedPorts(this.#config) : this.ports;
    const start: WorkerStart = {
      worker: place,
      config: this.#config,
      ports,
      listening,
      startedSeconds: this.#startedSeconds,
      current: this.#current,
    };
    const worker = cluster.fork({ [WORKER_START]: JSON.stringify(start) });
    this.#workers.set(place, worker);
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      let ready = false;
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') {
          ready = true;
          resolve(message.ports);
          // It was not there yet when the others were told.
          if (this.#stopping) tell(worker, { type: 'stop' });
        } else if (message.type === 'failed') {
          reject(new StartError(bindProblem(message.code, message.message, this.#config.host, message.port)));
        } else this.#converse(worker, place, message);
      });
      worker.on('exit', (code, signal) => {
        this.#forget(place);
        if (this.#stopping) return;
        const how = signal ?? `code ${code}`;
        if (!ready) reject(new StartError(`worker ${place} ended (${how}) before it was ready`));
        else this.#replace(place, how, performance.now() - startedMs);
      });
    });
  }

  #replace(place: number, how: string, livedMs: number): void {
    this.#restarts++;
    process.stderr.write(`worker ${place} ended (${how}), starting another\n`);
    const restart = () => {
      if (this.#stopping) return;
      this.#fork(place).catch((error: Error) => {
        process.stderr.write(`worker ${place} could not be replaced: ${error.message}\n`);
        process.exitCode = 1;
        this.#stop();
      });
    };
    setTimeout(restart, livedMs < MIN_LIFE_MS ? MIN_LIFE_MS : 0);
  }

  #converse(worker: Worker, place: number, message: FromWorker): void {
    if (message.type === 'crowded') this.#tellCrowded(message.connections, message.descriptors);
    else if (message.type === 'ask') this.#collect(worker, message.ask, message.question);
    else if (message.type === 'count') {
      const count = this.#counts.add(message.what, message.by);
      tell(worker, { type: 'counted', ask: message.ask, count });
    } else if (message.type === 'told') {
      const collection = this.#collections.get(message.ask);
      if (collection === undefined) return;
      collection.reports.push(message.report);
      collection.missing.delete(place);
      if (collection.missing.size === 0) this.#answer(message.ask);
    }
  }

  /** Once, whichever worker it was: the count is in the health report. */
  #tellCrowded(connections: number, descriptors: number): void {
    if (this.#crowded) return;
    this.#crowded = true;
    process.stderr.write(
      `crabllm-bench mock: no file descriptor for more than ${connections} connections a worker (${descriptors} in all): ` +
        'further ones are closed without an answer. Raise the limit with ulimit -n.\n',
    );
  }

  #collect(asker: Worker, ask: number, asked: Question): void {
    let question = asked;
    if (asked.about === 'change') {
      this.#current = changed(this.#current, asked.change, toHostUs(performance.now()));
      this.#counts.clear();
      question = { ...asked, current: this.#current };
    }
    if (asked.about === 'mark') this.#restartsAtMark = this.#restarts;
    const collection = this.#nextCollection++;
    const timeoutMs = asked.about === 'ledger' ? LEDGER_TIMEOUT_MS : REPORT_TIMEOUT_MS;
    const timer = setTimeout(() => this.#answer(collection), timeoutMs);
    const all = Array.from({ length: this.#config.workers }, (_, i) => i);
    const missing = new Set(question.about === 'stored' ? [question.worker] : all);
    this.#collections.set(collection, { asker, ask, missing, reports: [], timer });
    const message = { type: 'tell', ask: collection, question } as const;
    if (question.about !== 'stored') this.#tellAll(message);
    else if (this.#workers.get(question.worker)?.isConnected() === true)
      this.#workers.get(question.worker)?.send(message);
    // Nobody has it who is not there.
    else this.#answer(collection);
  }

  #answer(id: number): void {
    const collection = this.#collections.get(id);
    if (collection === undefined) return;
    this.#collections.delete(id);
    clearTimeout(collection.timer);
    const reports = collection.reports.sort((a, b) => a.worker - b.worker);
    const restarts = { total: this.#restarts, window: this.#restarts - this.#restartsAtMark };
    const answer = { reports, workers: this.#config.workers, restarts, current: this.#current };
    tell(collection.asker, { type: 'answer', ask: collection.ask, answer });
  }

  /** A dead worker reports nothing any more. */
  #forget(place: number): void {
    for (const [id, collection] of this.#collections) {
      if (collection.missing.delete(place) && collection.missing.size === 0) this.#answer(id);
    }
  }

  #stop(): void {
    this.#stopping = true;
    this.#tellAll({ type: 'stop' });
  }

  #tellAll(message: FromPrimary): void {
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (worker?.isConnected() === true) worker.send(message);
    }
  }
}

function tell(worker: Worker, message: FromPrimary): void {
  if (worker.isConnected()) worker.send(message);
}

function askedPorts({ providers, controlPort }: MockConfig): readonly number[] {
  return [...providers.map(({ port }) => port), ...(controlPort === undefined ? [] : [controlPort])];
}

/** With SO_REUSEPORT a second mock would share the port in silence, so the port is tried without it first. */
function probe(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(bindProblem(error.code ?? '', error.message, host, port)));
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}

function bindProblem(code: string, message: string, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use; choose another with --port`;
    case 'EACCES':
      return `port ${port} on ${host} may not be bound by this user; choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine; choose another with --host`;
    default:
      return `cannot listen on ${host}:${port}: ${message}`;
  }
}
