import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';

/** An object of the API as far as the server itself has to know it. */
export interface Stored {
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    labels?: Record<string, string>;
    [more: string]: unknown;
  };
  [more: string]: unknown;
}

/** A SelfSubjectAccessReview. */
interface AccessReview {
  readonly spec: {
    readonly resourceAttributes: { readonly verb: string; readonly resource: string; readonly subresource?: string };
  };
}

/** What a request is answered instead of what it asks for. */
export type Disturbance =
  | 'reset'
  | 'silent'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly message?: string };

/** The namespace of most tests. */
const USUAL = 'bench';

/**
 * A server that speaks as much of the Kubernetes API as this program uses: objects of a namespace are created, read, listed by label,
 * replaced and deleted; deleting a Job takes what it owns along. Tests say what the status of a Pod is, and what goes wrong.
 */
export class FakeApiServer {
  readonly requests: string[] = [];
  /** By `kind/name`, with `namespace:` before it where that is another than {@link USUAL}. */
  readonly objects = new Map<string, Stored>();
  /** Printed by Pods, by name. */
  readonly logs = new Map<string, string>();
  /** What is answered at a path as it is, whatever the method. */
  readonly raw = new Map<string, unknown>();
  /** What whoever asks may not do, `create pods/exec`; everything else it may. */
  readonly withheld = new Set<string>();
  /** Answers of the next requests whose line has the text; each once. */
  readonly disturbances: { readonly on: string; readonly by: Disturbance; after?: boolean }[] = [];
  /** Called when something is created, to give it a status. */
  onCreate: (kind: string, object: Stored) => void = () => {};
  readonly #server: Server;
  #uid = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A kubeconfig that leads here. */
  async kubeconfig(path: string): Promise<string> {
    const server = await this.start();
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'fake', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'me', user: { token: 'secret' } }],
      contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'me' } }],
      'current-context': 'fake',
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Keys of what is there, `pods/bench-1`. */
  get names(): string[] {
    return [...this.objects.keys()].toSorted();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '' } = request;
    const body = await text(request);
    const line = `${method} ${url}`;
    this.requests.push(line);
    const at = this.disturbances.findIndex(({ on }) => line.includes(on));
    const disturbance = at === -1 ? undefined : this.disturbances.splice(at, 1)[0];
    if (disturbance?.after === true) this.#served(method, new URL(url, 'http://x'), body);
    if (disturbance?.by === 'silent') return;
    if (disturbance?.by === 'reset') return void request.socket.destroy();
    if (disturbance !== undefined)
      return send(
        response,
        disturbance.by.status,
        status(disturbance.by.message ?? 'disturbed'),
        disturbance.by.headers,
      );
    const { code, value } = this.#served(method, new URL(url, 'http://x'), body);
    send(response, code, value);
  }

  #served(
    method: string,
    { pathname, searchParams }: URL,
    body: string,
  ): { readonly code: number; readonly value: unknown } {
    if (this.raw.has(pathname)) return { code: 200, value: this.raw.get(pathname) };
    if (pathname === '/version' || pathname === '/version/')
      return { code: 200, value: { major: '1', minor: '34', gitVersion: 'v1.34.0' } };
    const [, named, kind = '', name, sub] =
      /\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(
        pathname.replace(/^\/apis?(\/[a-z.]+)?\/v1/, ''),
      ) ?? [];
    if (kind === 'selfsubjectaccessreviews') return this.#review(JSON.parse(body) as AccessReview);
    const namespace = named ?? USUAL;
    const within = `${namespace === USUAL ? '' : `${namespace}:`}${kind}/`;
    const key = `${within}${name ?? ''}`;
    if (sub === 'log') return { code: 200, value: this.logs.get(name ?? '') ?? '' };
    if (name === undefined)
      return method === 'POST'
        ? this.#create(within, kind, JSON.parse(body) as Stored)
        : this.#list(named === undefined ? `:${kind}/` : within, searchParams.get('labelSelector'));
    const found = this.objects.get(key);
    if (found === undefined) return { code: 404, value: status(`${kind} "${name}" not found`) };
    if (method === 'PUT') this.objects.set(key, JSON.parse(body) as Stored);
    if (method === 'DELETE') this.#delete(key);
    return { code: 200, value: this.objects.get(key) ?? found };
  }

  #review(review: AccessReview): { readonly code: number; readonly value: unknown } {
    const { verb, resource, subresource } = review.spec.resourceAttributes;
    const allowed = !this.withheld.has(`${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`);
    return { code: 201, value: { ...review, status: { allowed, reason: allowed ? 'RBAC: allowed' : '' } } };
  }

  #create(within: string, kind: string, object: Stored): { readonly code: number; readonly value: unknown } {
    const key = `${within}${object.metadata.name}`;
    if (this.objects.has(key)) return { code: 409, value: status(`${kind} "${object.metadata.name}" already exists`) };
    this.#uid += 1;
    object.metadata.uid = `uid-${this.#uid}`;
    this.objects.set(key, object);
    this.onCreate(kind, object);
    return { code: 201, value: object };
  }

  /** @param within `:kind/` for those of all namespaces */
  #list(within: string, selector: string | null): { readonly code: number; readonly value: unknown } {
    const wanted = (selector ?? '').split(',').filter((one) => one !== '');
    const items = [...this.objects].flatMap(([key, object]) => {
      const labels = object.metadata.labels ?? {};
      const fits = wanted.every((one) => {
        const [label = '', value] = one.split('=');
        return value === undefined ? label in labels : labels[label] === value;
      });
      const isThere = within.startsWith(':') ? `:${key}`.includes(within) : key.startsWith(within);
      return isThere && fits ? [object] : [];
    });
    return { code: 200, value: { kind: 'List', items } };
  }

  /** And what belongs to it, as the garbage collector does. */
  #delete(key: string): void {
    const uid = this.objects.get(key)?.metadata.uid;
    this.objects.delete(key);
    for (const [other, { metadata }] of this.objects) {
      const owners = (metadata['ownerReferences'] ?? []) as { readonly uid: string }[];
      if (owners.some((owner) => owner.uid === uid)) this.#delete(other);
    }
  }
}

function status(message: string): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', message };
}

function send(response: ServerResponse, code: number, value: unknown, headers: Record<string, string> = {}): void {
  const isText = typeof value === 'string';
  response.writeHead(code, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
  response.end(isText ? value : JSON.stringify(value));
}
