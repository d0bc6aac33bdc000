import { request } from 'undici';
import type { Service } from '../catalogue/service.js';
import { BenchError, messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';
import { PLANTED_PATH, plantedSchema } from '../relay/planted.js';
import type { Availability, Look, RunningService, Runtime, ToolResult, ToolRun } from '../runtime/runtime.js';
import type { PlantedRecord } from './planted-record.js';

const ASK_TIMEOUT_MS = 5000;

/**
 * A runtime that asks each relay what it planted before it is stopped, behind the back of those who measure. Everything else is
 * the runtime's own doing.
 */
export class WatchedRuntime implements Runtime {
  readonly kind;
  readonly sharesHost;
  readonly #inner: Runtime;
  readonly #relays: ReadonlySet<string>;
  readonly #record: PlantedRecord = [];

  constructor(inner: Runtime, relays: readonly string[]) {
    this.kind = inner.kind;
    this.sharesHost = inner.sharesHost;
    this.#inner = inner;
    this.#relays = new Set(relays);
  }

  /** What was planted since the last call. */
  takeRecord(): PlantedRecord {
    return this.#record.splice(0);
  }

  async start(service: Service, signal: AbortSignal): Promise<RunningService> {
    const running = await this.#inner.start(service, signal);
    if (!this.#relays.has(service.name)) return running;
    let asked: Promise<void> | null = null;
    return {
      name: running.name,
      url: running.url,
      exited: running.exited,
      sample: (depth) => running.sample(depth),
      logs: () => running.logs(),
      stop: async () => {
        // Not when the run is being ended: it is in a hurry, and an unfinished calibration has no certificate.
        if (!signal.aborted) await (asked ??= this.#ask(running));
        await running.stop();
      },
    };
  }

  whyNotPinned(): string | null {
    return this.#inner.whyNotPinned();
  }

  versions(): Promise<Readonly<Record<string, string>>> {
    return this.#inner.versions();
  }

  look(service: Service): Promise<Look> {
    return this.#inner.look(service);
  }

  prepare(service: Service, tell: (line: string) => void, signal: AbortSignal): Promise<Availability> {
    return this.#inner.prepare(service, tell, signal);
  }

  prepareTool(
    tool: Pick<ToolRun, 'name' | 'image' | 'program'>,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<Availability> {
    return this.#inner.prepareTool(tool, tell, signal);
  }

  runTool(tool: ToolRun, signal: AbortSignal): Promise<ToolResult> {
    return this.#inner.runTool(tool, signal);
  }

  sweep(): Promise<number> {
    return this.#inner.sweep();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async #ask(running: RunningService): Promise<void> {
    try {
      const { body } = await request(running.url + PLANTED_PATH, {
        headersTimeout: ASK_TIMEOUT_MS,
        bodyTimeout: ASK_TIMEOUT_MS,
        dispatcher: ownRequests,
      });
      this.#record.push({ relay: running.name, planted: plantedSchema.parse(await body.json()) });
    } catch (cause) {
      await running.stop();
      throw new BenchError({
        code: 'relay-silent',
        message: `${running.name} does not say what it planted: ${messageOf(cause)}.`,
        hint: 'Without the truth there is nothing to hold the measurement against; run calibrate again.',
        cause,
      });
    }
  }
}
