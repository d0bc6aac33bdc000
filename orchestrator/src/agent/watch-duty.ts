import { performance } from 'node:perf_hooks';
import { availableParallelism } from 'node:os';
import type { HostRecord } from '../record/trial.js';
import { startHostSampling } from '../resources/host-sampling.js';
import { startWatch } from '../resources/watch.js';
import type { ResourceSample } from '../runtime/runtime.js';
import { ROUND_TRIPS } from './load-duty.js';
import type { OrchestratorLine } from './orchestrator-line.js';
import { type AgentClock, timeBy } from './agent-clock.js';
import { lookAt } from './subject.js';
import type { WatchOrder } from './wire.js';
import type { WatchSeries } from './watch-series.js';

interface Watching {
  readonly ended: AbortController;
  readonly done: Promise<void>;
}

/** Samples what runs beside the agent, from an order until it is taken back; the series is delivered then, and nothing before. */
export class WatchDuty {
  readonly #line: OrchestratorLine;
  readonly #clock: AgentClock;
  readonly #signal: AbortSignal;
  readonly #going = new Map<string, Watching>();

  constructor(line: OrchestratorLine, clock: AgentClock, signal: AbortSignal) {
    this.#line = line;
    this.#clock = clock;
    this.#signal = signal;
  }

  begin(order: WatchOrder): void {
    const ended = new AbortController();
    // A failure of the line is told by the question for orders as well, which is what ends the agent.
    const done = this.#watch(order, ended.signal).catch(() => {});
    this.#going.set(order.watch, { ended, done });
  }

  end(watch: string): void {
    this.#going.get(watch)?.ended.abort();
    this.#going.delete(watch);
  }

  async close(): Promise<void> {
    const going = [...this.#going.values()];
    for (const { ended } of going) ended.abort();
    await Promise.all(going.map(({ done }) => done));
  }

  async #watch({ watch, subject, intervalMs }: WatchOrder, ended: AbortSignal): Promise<void> {
    const path = (what: string): string => `/v1/watches/${watch}/${what}`;
    const before = await this.#line.roundTrips(ROUND_TRIPS, this.#signal);
    const samples: { readonly knownAtUs: number; readonly sample: ResourceSample }[] = [];
    let samplingUs = 0;
    let watchedHost: HostRecord;
    const { look, unknown } = lookAt(subject);
    const take = async (depth: 'whole' | 'light'): Promise<void> => {
      const fromUs = timeBy(this.#clock);
      const sample = look(depth, performance.now());
      const knownAtUs = timeBy(this.#clock);
      samplingUs += knownAtUs - fromUs;
      if (sample !== null) samples.push({ knownAtUs, sample });
    };
    await take('whole');
    const host = startHostSampling(availableParallelism());
    const watching = startWatch(intervalMs, () => take('light'));
    try {
      await this.#line.ask('POST', path('begun'), {}, this.#signal);
      if (!ended.aborted)
        await new Promise<void>((resolve) => ended.addEventListener('abort', () => resolve(), { once: true }));
    } finally {
      // Also where the orchestrator has gone: both would look on for ever.
      await watching.stop();
      watchedHost = await host.finish(null);
    }
    await take('whole');
    const series: WatchSeries = {
      before,
      after: await this.#line.roundTrips(ROUND_TRIPS, this.#signal),
      samples,
      host: watchedHost,
      samplingUs,
      unknown: [...unknown()],
    };
    await this.#line.ask('POST', path('series'), series, this.#signal);
  }
}
