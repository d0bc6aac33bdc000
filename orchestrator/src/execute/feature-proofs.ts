import { join } from 'node:path';
import { noteOf, type Proof, type Subject, unproved } from '../attest/feature/proof.js';
import { prove, proveChanged } from '../attest/feature/prove.js';
import type { Attestation } from '../attest/attest.js';
import { changeOf } from '../catalogue/feature.js';
import type { Scenario } from '../catalogue/scenario.js';
import { altered } from './altered.js';
import type { House, Tenant } from './house.js';
import type { Stage, StageTarget } from './stage.js';

/** Proves, visit by visit, that what a variant switches on works; what cannot be proved is not measured in its name. */
export class FeatureProofs {
  readonly #stage: Stage;
  readonly #house: House;
  /** What instances with a text changed have shown, by target and scenario. */
  readonly #ofChanged = new Map<string, ReadonlyMap<Scenario, Proof>>();

  constructor(stage: Stage, house: House) {
    this.#stage = stage;
    this.#house = house;
  }

  /** Before a target moves in: asks an instance of it with a text changed, where its feature shows in such a one only. */
  async beforeVisit(target: StageTarget, scenarios: readonly Scenario[]): Promise<void> {
    const { attest } = target.service;
    const change = attest === undefined ? null : changeOf(attest);
    // What stays up has its port, and was attested before.
    if (attest === undefined || change === null || this.#house.isKept(target)) return;
    const proofs = new Map<Scenario, Proof>();
    this.#ofChanged.set(target.name, proofs);
    const directory = join(this.#stage.writer.directory, '.services', 'altered', target.name);
    const other = altered(target, change, directory);
    if (other === null) {
      const why = `its entry changes ${JSON.stringify(change.from)} to attest it, and nothing of it has that text`;
      for (const scenario of scenarios) proofs.set(scenario, unproved(why));
      return;
    }
    this.#stage.progress.doing(`${target.name}: attesting ${attest.by} on an instance of its own`);
    const { signal } = this.#stage;
    const mock = await this.#house.mock();
    const outcome = await this.#house.during(other, async (tenant) => {
      for (const scenario of scenarios)
        proofs.set(
          scenario,
          await proveChanged(subjectOf(tenant, mock), attest.by as 'limit' | 'other-provider', scenario, signal),
        );
    });
    if (!('reason' in outcome)) return;
    const why = `the instance with ${change.to} in place of ${change.from} cannot be asked: ${outcome.reason.message}`;
    for (const scenario of scenarios) proofs.set(scenario, unproved(why));
  }

  /** A target's attestation with that of its feature: without a feature as it is. */
  async with(target: StageTarget, tenant: Tenant, scenario: Scenario, attested: Attestation): Promise<Attestation> {
    const { attest, variant } = target.service;
    if (attest === undefined || attested.state !== 'passed') return attested;
    const feature = variant?.name ?? target.name;
    const mock = await this.#house.mock();
    const proofs = [
      this.#ofChanged.get(target.name)?.get(scenario) ?? null,
      await prove(subjectOf(tenant, mock), attest, scenario, this.#stage.signal),
    ].filter((proof) => proof !== null);
    const missing = proofs.find(({ state }) => state === 'unproved') ?? (proofs.length === 0 ? NOTHING : undefined);
    if (missing !== undefined) return { state: 'absent', reason: noteOf(feature, missing) };
    return { ...attested, notes: [...attested.notes, ...proofs.map((proof) => noteOf(feature, proof))] };
  }
}

const NOTHING = unproved('no instance could be asked');

function subjectOf(tenant: Tenant, mock: Tenant): Subject {
  const { running } = tenant;
  return {
    target: tenant,
    mock,
    origin: running.url,
    logs: () => running.logs(),
    processes: async () => (await running.processes?.()) ?? null,
    cpuUs: async () => (await running.sample('whole'))?.cpuUs ?? null,
  };
}
