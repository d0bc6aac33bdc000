import { BenchError, EXIT, usageError } from '../../errors.js';
import type { LoadSpan } from '../../resources/load-span.js';
import type { Runtime, ToolResult } from '../../runtime/runtime.js';
import type { Driver, TrialLoad } from '../driver.js';
import { OHA_FILES, OHA_TOOL, ohaToolRun } from './arguments.js';
import { type OhaOutput, parseOhaOutput } from './output.js';
import { ohaRecord } from './record.js';
import { createRowsReader } from './rows.js';

/**
 * The driver that has oha (https://github.com/hatoo/oha) make the load, run next to the target by the runtime.
 * @param cpuset CPUs that oha may run on, as the kernel lists them; null: any
 */
export function createOhaDriver(runtime: Runtime, cpuset: string | null = null): Driver {
  const reader = createRowsReader();
  let version: string | null = null;
  return {
    name: 'oha',
    async prepare(tell, signal) {
      const availability = await runtime.prepareTool(OHA_TOOL, tell, signal);
      if (availability.state === 'available') version = availability.version;
      return availability;
    },
    async run(load, signal) {
      // The command line refuses it before; this is for whoever calls the driver otherwise.
      if (load.table !== undefined)
        throw usageError('driver-needs-native', 'oha sends requests of one kind only.', 'Use the native driver.');
      const tool = ohaToolRun(load, cpuset);
      const result = await runtime.runTool(tool, signal);
      assertNotInterrupted(signal);
      const raw = jsonOf(result, tool.timeoutMs);
      const database = result.files.get(OHA_FILES.database);
      const run = {
        output: parseOhaOutput(raw),
        rows: database === undefined ? null : await reader.read(database),
        version: result.version ?? version,
        cpuUs: result.cpuUs,
        stalls: result.stalls ?? null,
      };
      return { record: ohaRecord(load, run), raw, span: spanOf(load, result, run.output) };
    },
    close: () => reader.close(),
  };
}

/**
 * oha says how long it loaded and not from when on. It begins at once, of which a container's start is told up to some 0.2 s early; of
 * its end no more is known than that the load was over: it has yet to write its database. So the window is early by as much at most,
 * and begins in the warm-up, which is the same load.
 */
function spanOf({ warmupMs, measureMs }: TrialLoad, { ranMs }: ToolResult, { summary }: OhaOutput): LoadSpan {
  const fromMs = Math.min(ranMs.from, ranMs.until - summary.total * 1000);
  const windowFromMs = fromMs + warmupMs;
  return { fromMs, windowFromMs, windowUntilMs: windowFromMs + measureMs };
}

/** oha prints what it has and exits with 0 when it is stopped, so the signal decides, not the exit code. */
function assertNotInterrupted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new BenchError({
    code: 'interrupted',
    message: 'the trial was interrupted while oha ran',
    exitCode: EXIT.interrupted,
  });
}

function jsonOf(result: ToolResult, timeoutMs: number): Uint8Array {
  const json = result.files.get(OHA_FILES.json);
  if (result.exitCode === 0 && json !== undefined) return json;
  throw new BenchError({
    code: 'driver-failed',
    message: `oha ${howItEnded(result, timeoutMs)}${lastLines(result.stderr)}`,
    hint: 'oha 1.13.0 to 1.16.0 is supported; see which one runs with `oha --version`.',
  });
}

function howItEnded(result: ToolResult, timeoutMs: number): string {
  if (result.exitCode === null) return `had not ended after ${timeoutMs / 1000} s and was killed`;
  if (result.exitCode !== 0) return `ended with exit code ${result.exitCode}`;
  return `ended well but left no ${OHA_FILES.json}`;
}

/** oha says what is wrong on standard error: for a person, the last five lines of it. */
function lastLines(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length === 0 ? ', saying nothing' : `: ${lines.slice(-5).join(' | ')}`;
}
