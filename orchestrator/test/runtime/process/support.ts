import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext, TestOptions } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessSpec, Service } from '#src/catalogue/service.js';
import { canPin } from '#src/clock/affinity.js';
import { BenchHome } from '#src/runtime/process/bench-home.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { ProcessRuntime } from '#src/runtime/process/process-runtime.js';

export const NEVER: AbortSignal = new AbortController().signal;

/** For tests of what only a system with /proc can do. */
export const needsProc: TestOptions = { skip: new ProcFs().available ? false : 'there is no /proc here' };

/** For tests of keeping threads on CPUs. */
export const needsPinning: TestOptions = { skip: canPin() ? false : 'taskset does nothing here' };

/** The path of a file in test/fixtures/process. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../../test/fixtures/process/${name}`, import.meta.url));
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'process-runtime-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A runtime in a home of its own, closed after the test; stubborn processes are given little time. */
export function runtimeFor(t: TestContext, home = temporaryDirectory(t)): { runtime: ProcessRuntime; home: string } {
  const runtime = new ProcessRuntime({ home: new BenchHome(home), stopTimes: { termMs: 200, killMs: 5000 } });
  t.after(() => runtime.close());
  return { runtime, home };
}

export function serviceOf(port: number, spec: Partial<ProcessSpec> | null, changes: Partial<Service> = {}): Service {
  return {
    name: 'some-gateway',
    role: 'gateway',
    isActive: true,
    image: 'example/gateway:1.0.0',
    build: null,
    entrypoint: null,
    command: [],
    environment: {},
    mounts: [],
    cpus: null,
    memoryBytes: null,
    cpuset: null,
    user: null,
    port,
    healthPath: '/',
    readyTimeoutMs: 1000,
    modelPrefix: '',
    headers: {},
    accept: [],
    version: null,
    process:
      spec === null
        ? null
        : {
            command: [],
            versionCommand: null,
            environment: {},
            npmDirectory: null,
            versionFolder: null,
            install: null,
            ...spec,
          },
    ...changes,
  };
}

/** Waits for something that must come about; gives up after half a minute. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${String(isTrue)}`);
    await delay(20);
  }
}

/** Whether the process is there and not merely a zombie. */
export function isRunning(pid: number): boolean {
  const stat = new ProcFs().stat(pid);
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

/** What a made-up process looks like; ticks and kibibytes as in /proc. */
export interface FakeProcess {
  readonly name?: string;
  readonly state?: string;
  readonly parent?: number;
  readonly group?: number;
  readonly session?: number;
  readonly cpu?: readonly [user: number, system: number, reapedUser: number, reapedSystem: number];
  readonly start?: number;
  readonly rssKb?: number;
  readonly peakKb?: number;
  readonly pssKb?: number;
  readonly environment?: string;
  /** CPU time of each living thread, nanoseconds. */
  readonly threadsNs?: readonly number[];
}

/** The line of `/proc/PID/stat`, with the fields that nobody reads as zeros. */
export function statLine(pid: number, fake: FakeProcess): string {
  const { name = 'x', state = 'S', parent = 1, group = pid, session = group, cpu = [0, 0, 0, 0], start = pid } = fake;
  return `${pid} (${name}) ${state} ${parent} ${group} ${session} 0 -1 4194304 0 0 0 0 ${cpu.join(' ')} 20 0 1 0 ${start} 0 0\n`;
}

/** Replaces a folder by one that looks like `/proc` with just these processes. */
export function writeProc(directory: string, processes: Readonly<Record<number, FakeProcess>>): ProcFs {
  rmSync(directory, { recursive: true, force: true });
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  put('self/stat', statLine(1, {}));
  put('sys/kernel/random/boot_id', 'this\n');
  for (const [key, fake] of Object.entries(processes)) {
    put(`${key}/stat`, statLine(Number(key), fake));
    put(`${key}/environ`, fake.environment ?? '');
    for (const [thread, runNs] of (fake.threadsNs ?? []).entries())
      put(`${key}/task/${thread}/schedstat`, `${runNs} 5 7\n`);
    if (fake.rssKb !== undefined) {
      // Pages of 4096 bytes, which is what stands where the kernel tells of no other.
      put(`${key}/statm`, `999 ${fake.rssKb / 4} 1 1 0 1 0\n`);
      put(`${key}/status`, `Name:\tx\nVmHWM:\t    ${fake.peakKb ?? fake.rssKb} kB\nVmRSS:\t    ${fake.rssKb} kB\n`);
    }
    if (fake.pssKb !== undefined)
      put(
        `${key}/smaps_rollup`,
        `5-7 ---p 0 00:00 0  [rollup]\nRss:  1 kB\nPss:    ${fake.pssKb} kB\nPss_Anon: 1 kB\n`,
      );
  }
  return new ProcFs(directory);
}
