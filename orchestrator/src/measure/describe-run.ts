import { randomBytes } from 'node:crypto';
import type { Blend, Scenario } from '../catalogue/scenario.js';
import { isWholeTrace } from '../catalogue/trace.js';
import type { Driver } from '../load/driver.js';
import type { Plan } from '../plan/plan.js';
import { againMs } from '../plan/warm-up.js';
import type { Manifest, SettingsRecord } from '../record/manifest.js';
import type { AwakeRecord } from '../record/awake.js';
import type { PinningRecord } from '../record/pinning.js';
import type { Runtime } from '../runtime/runtime.js';
import { COMMIT, VERSION } from '../version.js';
import { runToRunHere } from '../certificate/with-run.js';
import { describeEnvironment } from './describe-environment.js';
import { describeHost } from './describe-host.js';
import { type Contestant, targetRecord } from './targets.js';

/** Sortable by time, and not guessable twice in a second. */
export function newRunId(): string {
  return `${new Date().toISOString().slice(0, 19).replaceAll(/[:T-]/g, '')}-${randomBytes(3).toString('hex')}`;
}

/** What a manifest is made of. */
interface RunFacts {
  readonly id: string;
  readonly startedAt: string;
  /** What the manifest keeps as options. */
  readonly asked: Readonly<Record<string, unknown>>;
  readonly settings: SettingsRecord | null;
  readonly plan: Plan;
  readonly contestants: readonly Contestant[];
  readonly runtime: Runtime;
  readonly driver: Pick<Driver, 'agents'>;
  /** Null: not asked for. */
  readonly pinning: PinningRecord | null;
  /** Null: not asked for. */
  readonly awake: AwakeRecord | null;
}

/** The manifest of a run that begins. */
export async function describeRun({
  id,
  startedAt,
  asked,
  settings,
  plan,
  contestants,
  runtime,
  driver: { agents },
  pinning,
  awake,
}: RunFacts): Promise<Manifest> {
  const environment = describeEnvironment();
  const host = describeHost();
  return {
    schemaVersion: 1,
    id,
    startedAt,
    finishedAt: null,
    complete: false,
    seed: plan.seed,
    runtime: runtime.kind,
    driver: plan.driver,
    ...(agents === undefined ? {} : { agents }),
    options: { ...asked, seed: String(plan.seed) },
    ...(settings === null ? {} : { settings }),
    blocks: plan.blocks.length,
    runToRun: runToRunHere({ host, runtime: runtime.kind, driver: plan.driver }, startedAt),
    ...(plan.pair === null ? {} : { paired: { ...plan.pair } }),
    measureMs: plan.measureMs,
    warmupMs: plan.warmupMs,
    againWarmupMs: againMs(plan.warmupMs),
    scenarios: plan.scenarios.map(({ scenario, levels: own }) => ({
      name: scenario.name,
      streaming: scenario.streaming,
      expectedErrorShare: scenario.expectedErrorShare,
      levels: [...own],
      ...(scenario.heldMs === undefined ? {} : { heldMs: scenario.heldMs }),
      ...blendRecord(scenario),
      ...(scenario.against === undefined
        ? {}
        : { against: { part: scenario.against.part, scenarios: [...scenario.against.scenarios] } }),
    })),
    targets: contestants.map(targetRecord),
    planDigest: plan.digest,
    versions: {
      'crabllm-bench': VERSION,
      ...(COMMIT === null ? {} : { commit: COMMIT }),
      node: process.versions.node,
      ...(await runtime.versions()),
    },
    ...(pinning === null ? {} : { pinning }),
    ...(awake === null ? {} : { awake }),
    host,
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
  };
}

function blendRecord({ about, blend }: Scenario): Partial<Manifest['scenarios'][number]> {
  if (blend === undefined) return {};
  const { kinds, draw } = blend;
  if ('trace' in draw) {
    const { file, sha256, atUs, unanswered, part } = draw.trace;
    return {
      about,
      trace: {
        file,
        sha256,
        requests: atUs.length,
        unanswered,
        ...(isWholeTrace(part)
          ? {}
          : {
              part: {
                fromSeconds: part.fromUs / 1e6,
                forSeconds: Number.isFinite(part.forUs) ? part.forUs / 1e6 : null,
                speed: part.speed,
              },
            }),
      },
    };
  }
  if ('sessions' in draw) return { about, mix: turnsRecord(blend) };
  if (blend.bodies !== undefined) return { about, bodies: blend.bodies, mix: bodiesRecord(blend) };
  const mix = kinds.map(({ name, streaming, expectedErrorShare }, index) => ({
    scenario: name,
    streaming,
    expectedErrorShare,
    ...('weights' in draw ? { weight: draw.weights[index] as number } : ownRate(draw.rates[index] ?? null)),
  }));
  return { about, mix };
}

/** Of a part with a schedule of its own, which has no share in anything; null: the level's. */
function ownRate(rps: number | null): { readonly weight: number; readonly rps?: number | 'level' } {
  return { weight: 1, rps: rps ?? 'level' };
}

/** Requests of somebody's own by their parts: each is sent as often as any other. */
function bodiesRecord({ kinds, partOf = [] }: Blend): NonNullable<Manifest['scenarios'][number]['mix']> {
  return [...new Set(partOf)].map((part) => ({
    scenario: part,
    streaming: kinds[partOf.indexOf(part)]?.streaming === true,
    expectedErrorShare: 0,
    weight: partOf.filter((name) => name === part).length,
  }));
}

/** Sessions go through all turns: each part has as many requests as it has turns. */
function turnsRecord({ turns = [] }: Blend): NonNullable<Manifest['scenarios'][number]['mix']> {
  return turns.map(({ name, turns: which, bytes }) => ({
    scenario: name,
    streaming: true,
    expectedErrorShare: 0,
    weight: which.last - which.first + 1,
    turns: which,
    bytes,
  }));
}
