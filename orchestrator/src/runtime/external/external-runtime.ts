import type { Service } from '../../catalogue/service.js';
import { BenchError } from '../../errors.js';
import type { Availability, Look, Observation, RunningService, Runtime, ToolResult } from '../runtime.js';

/** Measures services that somebody else has started: starts, stops and observes nothing. */
export class ExternalRuntime implements Runtime {
  readonly kind = 'external';
  readonly #urls: ReadonlyMap<string, string>;
  #observed: ReadonlyMap<string, Observation> = new Map();

  /** @param urls base URL by service name, without a trailing slash; a service that is not named is on its port of this host */
  constructor(urls: ReadonlyMap<string, string> = new Map()) {
    this.#urls = urls;
  }

  /** Says how services can be seen where they run, by name. */
  observe(observed: ReadonlyMap<string, Observation>): void {
    this.#observed = observed;
  }

  /** A URL may lead anywhere, but the mock and the native driver are here. */
  get sharesHost(): boolean {
    return [...this.#urls.values()].every((url) => ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname));
  }

  whyNotPinned(): string {
    return 'what already runs stays where it is';
  }

  versions(): Promise<Record<string, string>> {
    return Promise.resolve({});
  }

  look(): Promise<Look> {
    return this.prepare();
  }

  /** Taken for available; whether it answers is found by the readiness check, as for every service. */
  prepare(): Promise<Availability> {
    return Promise.resolve({ state: 'available', version: null, digest: null, limitsEnforced: false });
  }

  prepareTool(): Promise<Availability> {
    return Promise.resolve({ state: 'absent', reason: { code: 'not-supported', message: NO_TOOLS } });
  }

  start(service: Service): Promise<RunningService> {
    const seen = this.#observed.get(service.name);
    return Promise.resolve({
      name: service.name,
      url: this.#urls.get(service.name) ?? `http://127.0.0.1:${service.port}`,
      // Its end cannot be seen from here.
      exited: new Promise<never>(() => {}),
      sample: (depth) => seen?.sample(depth) ?? Promise.resolve(null),
      ...(seen === undefined ? {} : { unknown: () => seen.unknown(), changed: async () => seen.changed() }),
      logs: () => Promise.resolve(''),
      stop: () => Promise.resolve(),
    });
  }

  runTool(): Promise<ToolResult> {
    return Promise.reject(new BenchError({ code: 'not-supported', message: NO_TOOLS, hint: 'Use --driver native.' }));
  }

  sweep(): Promise<number> {
    return Promise.resolve(0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const NO_TOOLS = 'the external runtime runs no tools such as oha; the native driver makes the load itself';
