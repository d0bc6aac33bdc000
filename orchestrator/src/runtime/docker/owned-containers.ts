import type Docker from 'dockerode';
import { BenchError, messageOf } from '../../errors.js';
import { plainName } from '../../catalogue/target-name.js';
import { removeContainer } from './container-end.js';
import type { Engine } from './engine.js';
import { interrupted, isRefusal, refusalOf, startFailed } from './engine-error.js';
import { type ContainerRole, labelsFor, PROJECT, RUN_LABEL } from './labels.js';
import type { Owner } from './owner.js';
import { isLeftover, listContainers } from './sweep.js';

/** The engine unpacks an image's layers and may have a busy disk. */
const CREATE_MS = 60_000;

/** An engine that does not list its containers in this time, at the end of a run, is not waited for: nothing more can be done with it. */
const LAST_LIST_MS = 3000;

/** Whose containers these are. */
export interface Ownership {
  readonly runId: string;
  readonly owner: Owner;
  readonly composeFiles: readonly string[];
}

/** Makes the specification of a container under the name and labels that it is given. */
export type SpecMaker = (name: string, labels: Readonly<Record<string, string>>) => Docker.ContainerCreateOptions;

/** Every container of this run: none is created or removed but here, so that none can be left. */
export class OwnedContainers {
  readonly #engine: Engine;
  readonly #ownership: Ownership;
  readonly #names = new Map<string, string>();
  readonly #creations = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(engine: Engine, ownership: Ownership) {
    this.#engine = engine;
    this.#ownership = ownership;
  }

  /** Aborts when the run is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Creates a container without starting it; returns its id.
   * @throws BenchError `start-failed`, `engine-gone`, `interrupted` once this is closed.
   */
  async create(service: string, role: ContainerRole['role'], specOf: SpecMaker): Promise<string> {
    if (this.closing.aborted) throw interrupted();
    const creation = this.#create(service, role, specOf);
    this.#creations.add(creation);
    try {
      return await creation;
    } finally {
      this.#creations.delete(creation);
    }
  }

  /** Removes a container of this run at once; one that is gone is fine. */
  async remove(id: string): Promise<void> {
    await removeContainer(this.#engine, id);
    this.#names.delete(id);
  }

  /**
   * Removes every container of this run and lets no more be created; safe to call again. An engine that is gone leaves
   * nothing to be done: what it still holds is swept by the next run.
   * @throws BenchError `cleanup-failed` naming what could not be removed.
   */
  async close(): Promise<void> {
    this.#closing.abort();
    // A creation is not broken off: the engine might finish it after nobody looks any more.
    await Promise.allSettled(this.#creations);
    try {
      const labelled = await listContainers(this.#engine, `${RUN_LABEL}=${this.#ownership.runId}`, LAST_LIST_MS);
      const removals = await Promise.allSettled(labelled.map(async ({ Id }) => this.remove(Id)));
      const failure = removals.find((removal) => removal.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    } catch (error) {
      if (error instanceof BenchError && error.code === 'engine-gone') return;
      throw new BenchError({
        code: 'cleanup-failed',
        message: `containers of this run could not be removed: ${refusalOf(error)?.reason ?? messageOf(error)}`,
        hint: `Remove them by hand: docker rm --force $(docker ps --all --quiet --filter label=${RUN_LABEL}=${this.#ownership.runId})`,
        cause: error,
      });
    }
  }

  async #create(service: string, role: ContainerRole['role'], specOf: SpecMaker): Promise<string> {
    const { number, name } = this.#freeName(service);
    const reservation = `reserved ${name}`;
    this.#names.set(reservation, name);
    try {
      const { runId, owner, composeFiles } = this.#ownership;
      const fingerprint = specOf(name, {});
      const labels = labelsFor({ service, role, number }, runId, owner, composeFiles, fingerprint);
      const id = await this.#createFreeing(name, specOf(name, labels));
      this.#names.set(id, name);
      return id;
    } finally {
      this.#names.delete(reservation);
    }
  }

  #freeName(service: string): { readonly number: number; readonly name: string } {
    const taken = new Set(this.#names.values());
    let number = 1;
    const base = `${PROJECT}-${plainName(service)}`;
    while (taken.has(`${base}-${number}`)) number += 1;
    return { number, name: `${base}-${number}` };
  }

  async #createFreeing(name: string, spec: Docker.ContainerCreateOptions): Promise<string> {
    try {
      return await this.#post(spec);
    } catch (error) {
      if (!isRefusal(error, 409)) throw creationError(name, error);
      await this.#freeNameOf(name, error);
    }
    try {
      return await this.#post(spec);
    } catch (error) {
      throw creationError(name, error);
    }
  }

  async #post(spec: Docker.ContainerCreateOptions): Promise<string> {
    const created = await this.#engine.call(
      'create a container',
      (abortSignal) => this.#engine.docker.createContainer({ ...spec, abortSignal }),
      CREATE_MS,
    );
    return created.id;
  }

  /** Removes the container that has a name we need, if a crash (or this very run) left it. */
  async #freeNameOf(name: string, conflict: unknown): Promise<void> {
    const holder = await this.#holderOf(name);
    if (holder === null) return;
    const run = holder.Labels[RUN_LABEL];
    const ours = run === this.#ownership.runId;
    if (run === undefined || !(ours || (await isLeftover(this.#engine, holder, this.#ownership.owner)))) {
      throw startFailed(
        name,
        run === undefined
          ? 'another container has that name'
          : `run ${run}, which is still going on (pid ${holder.Labels[`${PROJECT}.owner.pid`]}), has a container of that name`,
        run === undefined
          ? `Remove it with \`docker rm --force ${name}\`, or with \`make down\` if Compose started it.`
          : 'Wait for that run, or stop it.',
        conflict,
      );
    }
    await removeContainer(this.#engine, holder.Id);
  }

  async #holderOf(name: string): Promise<Docker.ContainerInfo | null> {
    const named = await this.#engine.call('list containers', (abortSignal) =>
      this.#engine.docker.listContainers({ all: true, filters: { name: [name] }, abortSignal }),
    );
    // The engine's name filter finds parts of names too.
    return named.find(({ Names }) => Names.includes(`/${name}`)) ?? null;
  }
}

function creationError(name: string, error: unknown): unknown {
  const refusal = refusalOf(error);
  return refusal === null ? error : startFailed(name, refusal.reason, undefined, error);
}
