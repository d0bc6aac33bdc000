import type { Service } from '#src/catalogue/service.js';
import { BenchError } from '#src/errors.js';
import type { Driver, LoadResult, TrialLoad } from '#src/load/driver.js';
import type { LoadRecord } from '#src/record/trial.js';
import type { RunningService, Runtime, ServiceExit } from '#src/runtime/runtime.js';
import { type Provider, type Sins, startProvider } from './provider.js';

/** A service of the tests; what it does is in `sins`. */
export function fakeService(name: string, role: 'mock' | 'gateway' = 'gateway', readyTimeoutMs = 300): Service {
  return {
    name,
    role,
    image: `${name}:1`,
    build: null,
    entrypoint: null,
    command: [],
    environment: {},
    mounts: [],
    cpus: null,
    memoryBytes: null,
    cpuset: null,
    user: null,
    port: 1,
    healthPath: '/health',
    readyTimeoutMs,
    modelPrefix: '',
    headers: {},
    version: '1',
    process: null,
  };
}

/** Starts providers in this process and keeps a diary of who came and went. */
export class FakeRuntime implements Runtime {
  readonly kind = 'process';
  readonly sharesHost = true;
  readonly diary: string[] = [];
  readonly up = new Map<string, { provider: Provider; end: (exit: ServiceExit) => void }>();
  readonly #sins: Readonly<Record<string, Sins>>;
  readonly #failing: Readonly<Record<string, string>>;

  /** @param failing services whose start throws, with the error's code */
  constructor(sins: Readonly<Record<string, Sins>> = {}, failing: Readonly<Record<string, string>> = {}) {
    this.#sins = sins;
    this.#failing = failing;
  }

  async versions(): Promise<Record<string, string>> {
    return {};
  }

  async prepare() {
    return { state: 'available', version: '1', digest: null, limitsEnforced: false } as const;
  }

  async prepareTool() {
    return { state: 'available', version: '1', digest: null, limitsEnforced: false } as const;
  }

  async start(service: Service): Promise<RunningService> {
    const code = this.#failing[service.name];
    if (code !== undefined) throw new BenchError({ code, message: `${service.name} cannot start` });
    this.diary.push(`start ${service.name}`);
    const provider = await startProvider(this.#sins[service.name] ?? {});
    let end: (exit: ServiceExit) => void = () => {};
    const exited = new Promise<ServiceExit>((resolve) => {
      end = resolve;
    });
    this.up.set(service.name, { provider, end });
    return {
      name: service.name,
      url: provider.url,
      exited,
      sample: async () => ({
        atMs: performance.now(),
        cpuUs: 1000,
        memoryBytes: 5_000_000,
        memoryPeakBytes: null,
        throttledMs: null,
      }),
      logs: async () => 'its log',
      stop: async () => {
        if (!this.up.delete(service.name)) return;
        this.diary.push(`stop ${service.name}`);
        await provider.close();
      },
    };
  }

  /** Ends a service as the kernel would. */
  async kill(name: string, exit: ServiceExit): Promise<void> {
    const entry = this.up.get(name);
    await entry?.provider.close();
    entry?.end(exit);
  }

  async runTool(): Promise<never> {
    throw new Error('not used');
  }

  async sweep(): Promise<number> {
    return 0;
  }

  async close(): Promise<void> {}
}

/** A driver that sends nothing and tells what the test wants. */
export class FakeDriver implements Driver {
  readonly name = 'native';
  readonly loads: TrialLoad[] = [];
  readonly #record: (load: TrialLoad) => Promise<LoadRecord> | LoadRecord;

  constructor(record: (load: TrialLoad) => Promise<LoadRecord> | LoadRecord = (load) => loadRecord(load.level.value)) {
    this.#record = record;
  }

  async prepare() {
    return { state: 'available', version: '1', digest: null, limitsEnforced: false } as const;
  }

  async run(load: TrialLoad): Promise<LoadResult> {
    this.loads.push(load);
    return { record: await this.#record(load), raw: Buffer.from('{}') };
  }

  async close(): Promise<void> {}
}

/** A flawless record, with changes. */
export function loadRecord(achievedRps: number, change: Partial<LoadRecord> = {}): LoadRecord {
  const quantiles = { p50: 300, p90: 400, p99: 500, p999: null, max: 600 };
  return {
    driver: { name: 'native', version: '1' },
    windowMs: 1000,
    scheduled: 1000,
    ok: 1000,
    errors: {},
    dropped: 0,
    statuses: { 200: 1000 },
    errorExamples: {},
    achievedRps,
    connections: 1,
    latencyUs: { count: 1000, quantiles, seconds: null },
    ttftUs: null,
    gapUs: null,
    latenessUs: null,
    driverCpuUs: null,
    bytes: null,
    ...change,
  };
}
