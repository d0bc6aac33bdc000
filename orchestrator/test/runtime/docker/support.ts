import type { Service } from '#src/catalogue/service.js';
import { BenchError } from '#src/errors.js';
import { connectDocker } from '#src/runtime/docker/connect.js';
import type { DockerRuntime } from '#src/runtime/docker/docker-runtime.js';
import type { ToolRun } from '#src/runtime/runtime.js';
import type { FakeEngine } from './fake-engine.js';

/** Connects to the fake engine as a run of its own. */
export async function connectTo(engine: FakeEngine, runId = 'run-1'): Promise<DockerRuntime> {
  return connectDocker({ runId, composeFiles: ['/project/compose/docker-compose.yml'], socketPath: engine.socketPath });
}

/** A gateway with two limits and nothing else. */
export function gateway(changes: Partial<Service> = {}): Service {
  return {
    name: 'crabllm',
    role: 'gateway',
    isActive: true,
    image: 'registry.test/crabllm:1.2.3',
    build: null,
    entrypoint: null,
    command: ['serve'],
    environment: { LEVEL: 'error' },
    mounts: [],
    cpus: 2,
    memoryBytes: 512 * 1024 * 1024,
    cpuset: null,
    user: null,
    port: 6666,
    healthPath: '/health',
    readyTimeoutMs: 1000,
    modelPrefix: '',
    headers: {},
    accept: [],
    version: null,
    process: null,
    ...changes,
  };
}

/** A tool that reads one file and writes one. */
export function tool(changes: Partial<ToolRun> = {}): ToolRun {
  return {
    name: 'oha',
    image: 'registry.test/oha:1.16.0',
    program: 'oha',
    args: ['-D', '${dir}/body.json', '-o', '${dir}/result.json'],
    environment: { TOKIO_WORKER_THREADS: '1' },
    inputFiles: { 'body.json': Buffer.from('{}') },
    outputFiles: ['result.json', 'never-written.db'],
    timeoutMs: 60_000,
    ...changes,
  };
}

/** For assert.rejects: a BenchError with this code. */
export function withCode(code: string): (thrown: unknown) => boolean {
  return (thrown) => {
    if (thrown instanceof BenchError && thrown.code === code) return true;
    throw thrown;
  };
}

/** A signal that is never raised. */
export const calm: AbortSignal = new AbortController().signal;
/** For progress lines that do not matter. */
export const silent = (): void => undefined;
