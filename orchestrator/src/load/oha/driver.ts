import { BenchError } from '../../errors.js';
import type { Runtime, ToolResult } from '../../runtime/runtime.js';
import type { Driver, LoadResult, TrialLoad } from '../driver.js';
import { BODY_FILE, JSON_FILE, ROWS_FILE, ohaArguments, ohaEnvironment } from './arguments.js';
import { parseOhaOutput } from './output.js';
import { loadRecordOf } from './record.js';
import { readOhaRows } from './rows.js';

const TOOL = { name: 'oha', image: 'ghcr.io/hatoo/oha:1.16.0', program: 'oha' } as const;
/** For starting and for writing its output, beyond load and time-out. */
const MARGIN_MS = 20_000;

/** The driver that has oha, run by the runtime, make the load (https://github.com/hatoo/oha). */
export function createOhaDriver(runtime: Runtime): Driver {
  let version = 'unknown';
  return {
    name: 'oha',
    async prepare(tell, signal) {
      const availability = await runtime.prepareTool(TOOL, tell, signal);
      if (availability.state === 'available') version = availability.version ?? version;
      return availability;
    },
    async run(load, signal) {
      const result = await runtime.runTool(
        {
          ...TOOL,
          args: ohaArguments(load),
          environment: ohaEnvironment(load),
          inputFiles: { [BODY_FILE]: Buffer.from(load.body) },
          outputFiles: [JSON_FILE, ROWS_FILE],
          timeoutMs: load.warmupMs + load.measureMs + load.timeoutMs + MARGIN_MS,
        },
        signal,
      );
      signal.throwIfAborted();
      return readResult(result, load, result.version ?? version);
    },
    async close() {},
  };
}

async function readResult(result: ToolResult, load: TrialLoad, version: string): Promise<LoadResult> {
  const [json, rows] = [result.files.get(JSON_FILE), result.files.get(ROWS_FILE)];
  if (result.exitCode !== 0 || json === undefined || rows === undefined) throw failed(result, json === undefined);
  const output = parseOhaOutput(Buffer.from(json).toString('utf8'));
  return {
    record: loadRecordOf({ output, rows: await readOhaRows(rows), version, cpuUs: result.cpuUs }, load),
    raw: json,
  };
}

function failed(result: ToolResult, silent: boolean): BenchError {
  const how = result.exitCode === null ? 'was killed after its time-out' : `exited with code ${result.exitCode}`;
  const words = `${result.stderr}\n${result.stdout}`.trim().split('\n').slice(-3).join(' | ').slice(-300);
  return new BenchError({
    code: 'driver-failed',
    message: `oha ${how}${silent ? ' without a result' : ''}${words === '' ? '' : `: ${words}`}`,
  });
}
