import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '#src/catalogue/service.js';
import { BenchError } from '#src/errors.js';
import type { Driver, LoadResult, TrialLoad } from '#src/load/driver.js';
import type { LoadRecord } from '#src/record/trial.js';
import type { LoadSpan } from '#src/resources/load-span.js';
import type { RunningService, Runtime, ServiceExit } from '#src/runtime/runtime.js';
import { type Provider, type Sins, startProvider } from './provider.js';

/** A service of the tests; what it does is in `sins`. */
export function fakeService(name: string, role: 'mock' | 'gateway' = 'gateway', readyTimeoutMs = 300): Service {
  return {
    name,
    role,
    isActive: true,
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
    accept: [],
    version: '1',
    process: null,
  };
}

/** What services use while a driver of the tests loads, and nothing of it at any other time. */
export interface FakeUse {
  readonly cores: number;
  /** Share of the time for which a quota holds them up. */
  readonly throttledShare: number;
}

/** Starts providers in this process and keeps a diary of who came and went. */
export class FakeRuntime implements Runtime {
  readonly kind = 'process';
  /** What else runs on this machine is no part of these tests. */
  readonly sharesHost = false;
  readonly diary: string[] = [];
  readonly up = new Map<string, { provider: Provider; end: (exit: ServiceExit) => void }>();
  readonly #sins: Readonly<Record<string, Sins>>;
  readonly #failing: Readonly<Record<string, string>>;
  readonly #use: FakeUse;
  readonly #spans: readonly LoadSpan[];

  /**
   * @param failing services whose start throws, with the error's code
   * @param spans of the driver that loads them: grows as it does
   */
  constructor(
    sins: Readonly<Record<string, Sins>> = {},
    failing: Readonly<Record<string, string>> = {},
    use: FakeUse = { cores: 0.1, throttledShare: 0 },
    spans: readonly LoadSpan[] = [],
  ) {
    this.#sins = sins;
    this.#failing = failing;
    this.#use = use;
    this.#spans = spans;
  }

  whyNotPinned(): null {
    return null;
  }

  async versions(): Promise<Record<string, string>> {
    return {};
  }

  async prepare() {
    return { state: 'available', version: '1', digest: null, limitsEnforced: false } as const;
  }

  look() {
    return this.prepare();
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
      sample: async () => {
        const atMs = performance.now();
        const loadedMs = loadedUntil(atMs, this.#spans);
        return {
          atMs,
          cpuUs: 1000 * this.#use.cores * loadedMs,
          memoryBytes: 5_000_000,
          memoryPeakBytes: null,
          throttledMs: this.#use.throttledShare * loadedMs,
        };
      },
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

function loadedUntil(atMs: number, spans: readonly LoadSpan[]): number {
  return spans.reduce((sum, { fromMs, windowUntilMs }) => sum + Math.max(0, Math.min(atMs, windowUntilMs) - fromMs), 0);
}

/** How long a driver of the tests takes for what is not load, and for it. */
export interface FakePace {
  readonly beforeMs: number;
  readonly loadMs: number;
  readonly afterMs: number;
}

/** A driver that sends nothing and tells what the test wants; a quarter of its load is warm-up. */
export class FakeDriver implements Driver {
  readonly name = 'native';
  readonly loads: TrialLoad[] = [];
  readonly #record: (load: TrialLoad) => Promise<LoadRecord> | LoadRecord;

  /** When it loaded, or is about to. */
  readonly spans: LoadSpan[] = [];
  readonly #pace: FakePace;

  constructor(
    record: (load: TrialLoad) => Promise<LoadRecord> | LoadRecord = (load) => loadRecord(load.level.value),
    pace: FakePace = { beforeMs: 0, loadMs: 0, afterMs: 0 },
  ) {
    this.#record = record;
    this.#pace = pace;
  }

  async prepare() {
    return { state: 'available', version: '1', digest: null, limitsEnforced: false } as const;
  }

  async run(load: TrialLoad): Promise<LoadResult> {
    this.loads.push(load);
    const { beforeMs, loadMs, afterMs } = this.#pace;
    const fromMs = performance.now() + beforeMs;
    const span = { fromMs, windowFromMs: fromMs + loadMs / 4, windowUntilMs: fromMs + loadMs };
    this.spans.push(span);
    if (beforeMs + loadMs + afterMs > 0) await sleep(beforeMs + loadMs + afterMs);
    return { record: await this.#record(load), raw: Buffer.from('{}'), span };
  }

  /** One behind the other: nothing is sent, so that nobody can tell. */
  async runPair([first, second]: readonly [TrialLoad, TrialLoad]): Promise<readonly [LoadResult, LoadResult]> {
    return [await this.run(first), await this.run(second)];
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
