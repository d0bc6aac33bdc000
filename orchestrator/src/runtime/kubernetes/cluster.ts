import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import type {
  AuthorizationV1Api,
  BatchV1Api,
  ConfigurationOptions,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  RbacAuthorizationV1Api,
  RequestContext,
  ResponseContext,
} from '@kubernetes/client-node';
import { BenchError, EXIT, messageOf, usageError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { pause } from '../../pause.js';
import { clusterForbids, clusterGone, refusalOf } from './api-error.js';
import { isPassing, waitBefore } from './back-off.js';

/** Which cluster, as a person names it; null: what kubectl would take. */
export interface ClusterChoice {
  readonly kubeconfig: string | null;
  readonly context: string | null;
}

type Library = typeof import('@kubernetes/client-node');

/** How long a request may take, and how long a server that does not answer is waited for. */
interface Patience {
  readonly timeoutMs?: number;
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/** What a command in a container printed, and how it ended. */
export interface Executed {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Null: the connection was cut before it was told. */
  readonly exitCode: number | null;
}

const TIMEOUT_MS = 15_000;
/** An API server that restarts is back within this; its nodes and what runs on them go on meanwhile. */
const PATIENCE_MS = 60_000;
const FIRST_ANSWER_MS = 5000;

/** The one door to a cluster's API: every request has a deadline, and is put again, with growing pauses, while the server is away. */
export class Cluster {
  /** Context and address, for messages. */
  readonly name: string;
  /** Of its API server, `v1.34.4`. */
  readonly version: string;
  readonly core: CoreV1Api;
  readonly batch: BatchV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  /** What accounts may do. */
  readonly authorization: AuthorizationV1Api;
  /** What extensions of a cluster serve, such as the metrics API. */
  readonly custom: CustomObjectsApi;
  readonly #config: KubeConfig;
  readonly #library: Library;

  constructor(library: Library, config: KubeConfig, version: string) {
    this.#config = config;
    this.version = version;
    this.name = `${config.getCurrentContext()} (${config.getCurrentCluster()?.server ?? 'no address'})`;
    this.core = config.makeApiClient(library.CoreV1Api);
    this.batch = config.makeApiClient(library.BatchV1Api);
    this.rbac = config.makeApiClient(library.RbacAuthorizationV1Api);
    this.authorization = config.makeApiClient(library.AuthorizationV1Api);
    this.custom = config.makeApiClient(library.CustomObjectsApi);
    this.#library = library;
  }

  /** The namespace that the context names. */
  get namespace(): string | null {
    return this.#config.getContextObject(this.#config.getCurrentContext())?.namespace ?? null;
  }

  /**
   * One request that may be put several times: only what may be done twice.
   * @throws the library's error for a refusal that will stay; BenchError `engine-gone` when there is no answer for all the patience;
   *   the signal's reason
   */
  async call<T>(
    action: string,
    request: (options: ConfigurationOptions) => Promise<T>,
    { timeoutMs = TIMEOUT_MS, patienceMs = PATIENCE_MS, signal }: Patience = {},
  ): Promise<T> {
    const giveUpAt = performance.now() + patienceMs;
    for (let tries = 1; ; tries += 1) {
      signal?.throwIfAborted();
      try {
        // oxlint-disable-next-line no-await-in-loop -- each try waits for the answer to the one before
        return await request(withSignal(this.#library, signal, timeoutMs));
      } catch (thrown) {
        signal?.throwIfAborted();
        const refusal = refusalOf(thrown);
        if (!isPassing(refusal?.statusCode ?? null) || isProgrammingFault(thrown)) throw thrown;
        const waitMs = waitBefore(tries, refusal?.retryAfterMs ?? null, Math.random());
        if (performance.now() + waitMs > giveUpAt) throw clusterGone(this.name, action, thrown);
        // oxlint-disable-next-line no-await-in-loop -- back-off
        await pause(waitMs, signal ?? NEVER);
      }
    }
  }

  /**
   * Creates something under a name that nobody else uses. When the answer to a try got lost, the next one finds what the first has made.
   * @returns what the first try made, or else what `read` finds
   */
  async create<T>(
    action: string,
    create: (options: ConfigurationOptions) => Promise<T>,
    read: (options: ConfigurationOptions) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const patience = signal === undefined ? {} : { signal };
    let tries = 0;
    try {
      return await this.call(
        action,
        async (options) => {
          tries += 1;
          return create(options);
        },
        patience,
      );
    } catch (thrown) {
      if (tries < 2 || refusalOf(thrown)?.statusCode !== 409) throw thrown;
      return this.call(action, read, patience);
    }
  }

  /** Something by name; null when there is none. */
  async find<T>(
    action: string,
    read: (options: ConfigurationOptions) => Promise<T>,
    patience?: Patience,
  ): Promise<T | null> {
    try {
      return await this.call(action, read, patience);
    } catch (thrown) {
      if (refusalOf(thrown)?.statusCode === 404) return null;
      throw thrown;
    }
  }

  /**
   * Runs a command in a container, over one connection that is not taken up again when it is cut: whoever asks looks whether all came.
   * @throws what opening the connection throws
   */
  async execute(
    namespace: string,
    pod: string,
    container: string,
    command: readonly string[],
    timeoutMs: number = TIMEOUT_MS,
  ): Promise<Executed> {
    const [out, err] = [new Collected(), new Collected()];
    let exitCode: number | null = null;
    const socket = await new this.#library.Exec(this.#config).exec(
      namespace,
      pod,
      container,
      [...command],
      out,
      err,
      null,
      false,
      ({ status, details }) => {
        // The exit code of a command that failed stands among the causes, as text.
        const cause = details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
        exitCode = status === 'Success' ? 0 : Number(cause ?? 1);
      },
    );
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.close(), timeoutMs);
      const end = (): void => {
        clearTimeout(timer);
        resolve();
      };
      socket.addEventListener('close', end);
      socket.addEventListener('error', end);
    });
    return { stdout: out.bytes(), stderr: err.bytes().toString('utf8'), exitCode };
  }
}

/**
 * Opens the door: the kubeconfig that is named, else that of `KUBECONFIG`, else `~/.kube/config`, else the account of the Pod in which this
 * program runs.
 * @throws BenchError `kubeconfig-unusable`, `unknown-context`, `cluster-unreachable`, `cluster-forbids`
 */
export async function connectCluster({ kubeconfig, context }: ClusterChoice): Promise<Cluster> {
  // Loading it takes half a second, which no other runtime should.
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    if (kubeconfig === null) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (thrown) {
    throw usageError(
      'kubeconfig-unusable',
      `${kubeconfig ?? 'The kubeconfig'} cannot be used: ${messageOf(thrown)}.`,
      CONFIG_HINT,
    );
  }
  const contexts = config.getContexts().map(({ name }) => name);
  if (context !== null && !contexts.includes(context))
    throw usageError(
      'unknown-context',
      `--context "${context}" is not in the kubeconfig.${nearest(context, contexts)}`,
      contexts.length === 0 ? CONFIG_HINT : `There are: ${contexts.join(', ')}.`,
    );
  if (context !== null) config.setCurrentContext(context);
  // What the library makes up where there is no kubeconfig at all.
  const isMadeUp = config.getCurrentCluster()?.server === 'http://localhost:8080' && !existsSync(kubeconfig ?? '');
  if (config.getCurrentCluster() === null || isMadeUp)
    throw usageError(
      'kubeconfig-unusable',
      'No cluster is known: there is no kubeconfig, or it names no current context.',
      CONFIG_HINT,
    );
  const unknown = new Cluster(library, config, 'unknown');
  const api = config.makeApiClient(library.VersionApi);
  try {
    const { gitVersion } = await unknown.call('say its version', async (options) => api.getCode({}, options), {
      timeoutMs: FIRST_ANSWER_MS,
      patienceMs: FIRST_ANSWER_MS,
    });
    return new Cluster(library, config, gitVersion);
  } catch (thrown) {
    if (refusalOf(thrown) !== null) throw clusterForbids('say its version', thrown);
    throw new BenchError({
      code: 'cluster-unreachable',
      message: `The cluster ${unknown.name} does not answer: ${causeOf(thrown)}.`,
      hint: 'Does kubectl get nodes work with the same kubeconfig?',
      exitCode: EXIT.environment,
      cause: thrown,
    });
  }
}

const CONFIG_HINT =
  'Give a kubeconfig with --kubeconfig FILE, or in KUBECONFIG; kubectl get nodes has to work with it.';
const NEVER = new AbortController().signal;

function causeOf(thrown: unknown): string {
  return messageOf(thrown instanceof BenchError && thrown.cause !== undefined ? thrown.cause : thrown);
}

/** Aborts one request of the library at its deadline: a socket that stays open would keep this program from ending. */
function withSignal({ Observable }: Library, signal: AbortSignal | undefined, timeoutMs: number): ConfigurationOptions {
  const deadline = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
  return {
    middlewareMergeStrategy: 'append',
    middleware: [
      {
        pre: (context: RequestContext) => {
          context.setSignal(either);
          return new Observable(Promise.resolve(context));
        },
        post: (context: ResponseContext) => new Observable(Promise.resolve(context)),
      },
    ],
  };
}

function isProgrammingFault(thrown: unknown): boolean {
  return thrown instanceof TypeError || thrown instanceof ReferenceError || thrown instanceof RangeError;
}

/** Keeps all that is written to it. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
