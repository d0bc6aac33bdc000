import type { Readable } from 'node:stream';
import type { ToolResult, ToolRun } from '../runtime.js';
import { getFile, putFiles } from './archive.js';
import { describeExit, type ExitWatch, killContainer, watchExit } from './container-end.js';
import { toolContainer } from './container-spec.js';
import { startContainer } from './docker-service.js';
import type { Engine } from './engine.js';
import { engineGone, interrupted, refusalOf, startFailed } from './engine-error.js';
import { withInitOrWithout } from './init-helper.js';
import { inspectImage, versionOf } from './image.js';
import { demux, type Output } from './output.js';
import type { OwnedContainers } from './owned-containers.js';
import { openSampler } from './sampler.js';
import { followCpu } from './tool-cpu.js';

/**
 * The tool's folder. Made by us, in the container's own file system: images may lack a temporary folder, tools run as
 * users who own nothing, and what is on a tmpfs or gone with a mount cannot be copied out.
 */
const DIRECTORY = '/crabllm-bench';
/** Output that is still on its way after the exit. */
const OUTPUT_MS = 5000;

/**
 * Runs a tool's container to its end; see Runtime.runTool. `cpuUs` is the last reading before the exit: at most 0.1 s
 * old where the cgroup can be read (of a tool that ends before its {@link ToolRun.busyMs}: 1 s), else as old as the engine's
 * samples, about 1 s.
 * @throws BenchError `start-failed`, `engine-gone`, `interrupted` once the run is closed.
 */
export async function runToolContainer(
  engine: Engine,
  owned: OwnedContainers,
  tool: ToolRun,
  signal: AbortSignal,
): Promise<ToolResult> {
  const args = tool.args.map((word) => word.replaceAll('${dir}', DIRECTORY));
  const asked = { ...tool, args };
  return withInitOrWithout(engine, async (init, started) => runOnce(engine, owned, asked, { init, started }, signal));
}

async function runOnce(
  engine: Engine,
  owned: OwnedContainers,
  tool: ToolRun,
  { init, started }: { readonly init: boolean; readonly started: () => void },
  signal: AbortSignal,
): Promise<ToolResult> {
  const id = await owned.create(tool.name, 'tool', (name, labels) => toolContainer(tool, { init }, name, labels));
  try {
    return await runCreated(engine, id, tool, started, AbortSignal.any([signal, owned.closing]));
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal !== null && owned.closing.aborted) throw interrupted();
    throw refusal === null ? error : startFailed(tool.name, refusal.reason, undefined, error);
  } finally {
    // Never hides the result or the first error; a container that stays is removed by close().
    await owned.remove(id).catch(() => undefined);
  }
}

async function runCreated(
  engine: Engine,
  id: string,
  tool: ToolRun,
  started: () => void,
  signal: AbortSignal,
): Promise<ToolResult> {
  await putFiles(engine, id, [
    { path: DIRECTORY, mode: 0o1777, content: null },
    ...Object.entries(tool.inputFiles).map(([name, content]) => ({
      path: `${DIRECTORY}/${name}`,
      mode: 0o444,
      content,
    })),
  ]);
  const watch = await watchExit(engine, id);
  const output = await collectOutput(engine, id);
  try {
    const { exitCode, killed, cpuUs, ranMs } = await runToEnd(engine, id, watch, tool, started, signal);
    const { stdout, stderr } = await output.whole();
    return {
      // A container that close() removed under it counts as killed too.
      exitCode: killed || signal.aborted ? null : exitCode,
      stdout: stdout.toString('utf8'),
      stderr: stderr.toString('utf8'),
      files: signal.aborted ? new Map() : await outputFiles(engine, id, tool.outputFiles),
      cpuUs,
      version: signal.aborted ? null : await toolVersion(engine, tool.image),
      ranMs,
    };
  } finally {
    output.close();
  }
}

/** Starts the container and follows it to its end. */
async function runToEnd(
  engine: Engine,
  id: string,
  watch: ExitWatch,
  tool: ToolRun,
  started: () => void,
  signal: AbortSignal,
) {
  const pid = await startContainer(engine, id);
  started();
  const from = performance.now();
  const cpu = followCpu(await openSampler(engine, id, pid), tool.busyMs);
  try {
    const killed = await killWhenDue(engine, id, watch.exitCode, tool.timeoutMs, signal);
    if (killed) await watch.settle();
    await watch.exitCode;
    const until = performance.now();
    const { exitCode } = await describeExit(engine, id, watch);
    if (exitCode === null) throw engineGone(engine.address, `it did not say how ${tool.name} ended`);
    return { exitCode, killed, cpuUs: cpu.last(), ranMs: { from, until } };
  } finally {
    cpu.stop();
  }
}

/** Waits for the end, or brings it about on time-out and abort; says whether it had to. */
async function killWhenDue(
  engine: Engine,
  id: string,
  ended: Promise<unknown>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const due = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const isDue = new Promise<'due'>((resolve) => {
    due.addEventListener('abort', () => resolve('due'));
    if (due.aborted) resolve('due');
  });
  if ((await Promise.race([ended, isDue])) !== 'due') return false;
  await killContainer(engine, id);
  return true;
}

/** What a container prints. */
interface Printed {
  /** Waits for the end of the output. */
  whole(): Promise<Output>;
  /** Lets go of the connection, which would keep this program alive. */
  close(): void;
}

/** Attaches before the start, so that nothing is missed. */
async function collectOutput(engine: Engine, id: string): Promise<Printed> {
  const stream = (await engine.call('attach to a container', (abortSignal) =>
    engine.docker.getContainer(id).attach({ stream: true, stdout: true, stderr: true, abortSignal }),
  )) as NodeJS.ReadWriteStream & Readable;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve) => {
    // An error is a connection that broke: what came is what there is, and the exit code says whether it was all.
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });
  return {
    async whole() {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        ended,
        new Promise((resolve) => {
          timer = setTimeout(resolve, OUTPUT_MS);
        }),
      ]);
      clearTimeout(timer);
      return demux(Buffer.concat(chunks));
    },
    close: () => void stream.destroy(),
  };
}

async function outputFiles(engine: Engine, id: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- the engine locks the container for each copy
    const content = await getFile(engine, id, `${DIRECTORY}/${name}`);
    if (content !== null) files.set(name, content);
  }
  return files;
}

async function toolVersion(engine: Engine, image: string): Promise<string | null> {
  return versionOf(image, (await inspectImage(engine, image))?.Config?.Labels);
}
