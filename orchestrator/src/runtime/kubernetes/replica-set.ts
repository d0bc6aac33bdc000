import type { Reason } from '../../record/reason.js';
import type { ResourceSample, RunningService, SampleDepth, ServiceExit } from '../runtime.js';
import { samplesTogether } from '../samples-together.js';

/** A replica, and the address by which others see it. */
export interface Replica {
  readonly running: RunningService;
  readonly name: string;
  readonly address: string;
  /** Where it answers by itself. */
  readonly url: string;
}

/** Several Pods of one service behind one address. The end of one is the end of all: what is left is another target. */
export class ReplicaSet implements RunningService {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly exited: Promise<ServiceExit>;
  readonly replicas: readonly Pick<Replica, 'name' | 'address'>[];
  readonly memberUrls: readonly string[];
  readonly #all: readonly RunningService[];

  constructor(first: RunningService, url: string, replicas: readonly Replica[]) {
    this.name = first.name;
    this.url = url;
    this.headers = first.headers ?? {};
    this.replicas = replicas.map(({ name, address }) => ({ name, address }));
    this.memberUrls = replicas.map((replica) => replica.url);
    this.#all = replicas.map(({ running }) => running);
    this.exited = Promise.race(this.#all.map(async ({ exited }) => exited));
  }

  /** Of all together; null where one of them has none. */
  async sample(depth: SampleDepth): Promise<ResourceSample | null> {
    const samples = await Promise.all(this.#all.map(async (one) => one.sample(depth)));
    const known = samples.flatMap((sample) => sample ?? []);
    return known.length < samples.length ? null : samplesTogether(known);
  }

  unknown(): readonly Reason[] {
    const all = this.#all.flatMap((one) => one.unknown?.() ?? []);
    return all.filter(({ code }, at) => all.findIndex((other) => other.code === code) === at);
  }

  async logs(): Promise<string> {
    const logs = await Promise.all(this.#all.map(async (one) => one.logs()));
    return logs.map((log, i) => `=== ${this.replicas[i]?.name}\n${log}`).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map(async (one) => one.stop()));
  }
}
