import { readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wordsOn } from '../../clock/affinity.js';
import { BenchError } from '../../errors.js';
import type { ToolResult, ToolRun } from '../runtime.js';
import { scrubbedEnvironment } from './environment.js';
import { OutputRing } from './output-ring.js';
import type { ProcFs } from './procfs.js';
import { startProgram } from './program-group.js';
import { startRecorded } from './recorded-program.js';
import type { RunRecords } from './run-record.js';
import { runToEnd } from './run-to-end.js';
import { watchStops } from './stop-watch.js';
import { makeTemporary } from './service-process.js';

const STDOUT_BYTES = 64 * 1024 * 1024;
const STDERR_BYTES = 256 * 1024;
const VERSION_TIMEOUT_MS = 5_000;

/**
 * Runs the tool and has the shell's own `times` (POSIX) say on descriptor 3 what CPU time it took: Node.js gives no
 * resource usage of a child, and a last look into /proc comes before the end. The empty trap lets the shell live
 * through the SIGINT that ends the tool; the tool itself has its usual handling of signals.
 */
const TIMED = 'trap : INT TERM; "$@" 3>&-; code=$?; times >&3; exit "$code"';

/**
 * Runs a program to its end in a private folder, see {@link ToolRun}.
 * @param program path of its file
 * @throws BenchError `start-failed`
 */
export async function runProgram(
  program: string,
  tool: ToolRun,
  version: string | null,
  host: { readonly proc: ProcFs; readonly records: RunRecords },
  signal: AbortSignal,
): Promise<ToolResult> {
  const directory = await makeTemporary(tool.name);
  try {
    for (const [name, content] of Object.entries(tool.inputFiles)) await writeFile(join(directory, name), content);
    const args = tool.args.map((arg) => arg.replaceAll('${dir}', directory));
    const options = {
      directory,
      environment: tool.environment,
      stdoutBytes: STDOUT_BYTES,
      stderrBytes: STDERR_BYTES,
      extraPipes: 1,
    };
    const { group, token } = await startRecorded(
      tool.name,
      [
        '/bin/sh',
        '-c',
        TIMED,
        'sh',
        ...(tool.cpuset === undefined ? [program, ...args] : wordsOn(tool.cpuset, [program, ...args])),
      ],
      options,
      host,
    );
    const from = performance.now();
    const times = new OutputRing(1024);
    group.child.stdio[3]?.on('data', (chunk: Buffer) => times.write(chunk));
    const watch = watchStops(host.proc, group.pid);
    const end = await runToEnd(group, { signal, timeoutMs: tool.timeoutMs, softSignal: 'SIGINT' });
    const until = performance.now();
    host.records.remove(token);
    const stalls = watch.finish();
    return {
      exitCode: end.cutShort === null ? end.exitCode : null,
      stdout: group.stdout.text(),
      stderr: group.stderr.text(),
      files: await collectFiles(directory, tool.outputFiles),
      cpuUs: childCpuUs(times.text()),
      version,
      ...(stalls === null ? {} : { stalls }),
      ranMs: { from, until },
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What a command prints as a version, for example `1.16.0`; null when it prints nothing that looks like one. */
export async function printedVersion(words: readonly string[], signal: AbortSignal): Promise<string | null> {
  const group = await startProgram(words, {
    directory: tmpdir(),
    environment: scrubbedEnvironment({}),
    stdoutBytes: 4096,
    stderrBytes: 4096,
  });
  const end = await runToEnd(group, { signal, timeoutMs: VERSION_TIMEOUT_MS, softSignal: 'SIGTERM' });
  if (end.exitCode !== 0) return null;
  const said = (text: string): string | undefined => /\d+\.\d+[\w.+-]*/.exec(text)?.[0];
  // nginx -v and others say it on standard error.
  return said(group.stdout.text()) ?? said(group.stderr.text()) ?? null;
}

/**
 * CPU time of the children from the output of the shell's `times`: the second line, user and system, each like `1m2.345s`.
 * Null when it is not there, as after a SIGKILL.
 */
export function childCpuUs(times: string): number | null {
  const match = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/.exec(times.trim().split('\n')[1] ?? '');
  if (match === null) return null;
  const [userMinutes = 0, userSeconds = 0, systemMinutes = 0, systemSeconds = 0] = match.slice(1).map(Number);
  return Math.round(((userMinutes + systemMinutes) * 60 + userSeconds + systemSeconds) * 1e6);
}

async function collectFiles(directory: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    try {
      files.set(name, await readFile(join(directory, name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new BenchError({ code: 'tool-output-unreadable', message: `${name} could not be read back`, cause: error });
    }
  }
  return files;
}
