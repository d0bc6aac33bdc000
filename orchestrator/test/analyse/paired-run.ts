import type { Manifest } from '#src/record/manifest.js';
import type { TrialRecord } from '#src/record/trial.js';
import { loadRecord } from '../support/fake-runtime.js';
import { MANIFEST, TRIAL } from '../support/stored-run.js';
import { lehmer, lognormalDistribution, normal } from './synthetic-run.js';
import { Histogram } from '#src/record/histogram.js';
import type { Distribution } from '#src/record/trial.js';

/** What is known beforehand of a pair. */
export interface PairedTruth {
  readonly seed: number;
  readonly blocks: number;
  /** What b takes as a multiple of a. */
  readonly ratio: number;
  /** Standard deviations of logarithms: of what both sides share in a second, and of what each start of a side is by itself. */
  readonly sharedSigma: number;
  readonly startSigma: number;
  readonly seconds?: number;
  readonly perSecond?: number;
}

const LEVEL = { kind: 'rps', value: 100 } as const;

/** A run of two targets at the same time, on a machine that changes from second to second, the same for the same truth. */
export function pairedRun(truth: PairedTruth): { manifest: Manifest; trials: TrialRecord[] } {
  const random = lehmer(truth.seed);
  const { seconds = 5, perSecond = 100 } = truth;
  const trials = Array.from({ length: truth.blocks }, (_, i) => i + 1).flatMap((block) => {
    const shared = Array.from({ length: seconds }, () => Math.exp(truth.sharedSigma * normal(random)));
    return (['a', 'b'] as const).map((target, side): TrialRecord => {
      const start = Math.exp(truth.startSigma * normal(random)) * (side === 0 ? 1 : truth.ratio);
      const parts = shared.map((factor) =>
        lognormalDistribution(random, { medianUs: 300 * factor * start, sigma: 0.3, perSecond, seconds: 1 }),
      );
      const paired = { id: `p${block}`, with: side === 0 ? 'b' : 'a', turn: side === 0 ? 1 : 2 } as const;
      const load = loadRecord(LEVEL.value, { latencyUs: together(parts) });
      return { ...TRIAL, block, target, paired, level: LEVEL, state: 'valid', reason: null, load };
    });
  });
  return { manifest: pairedManifest(truth.blocks), trials };
}

/** Of two gateways, `a` and `b`, that were measured at the same time. */
export function pairedManifest(blocks: number): Manifest {
  return {
    ...MANIFEST,
    complete: true,
    blocks,
    paired: { a: 'a', b: 'b' },
    scenarios: [{ name: TRIAL.scenario, streaming: false, expectedErrorShare: 0, levels: [LEVEL] }],
    targets: ['a', 'b'].map((name) => ({
      name,
      kind: 'gateway',
      url: `http://127.0.0.1/${name}`,
      version: null,
      digest: null,
      limits: { cpus: null, memoryBytes: null, enforced: false },
      absent: null,
    })),
  };
}

function together(parts: readonly Distribution[]): Distribution {
  const nothing = { p50: null, p90: null, p99: null, p999: null, max: null };
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    quantiles: nothing,
    seconds: parts.flatMap(({ seconds }) => seconds ?? []),
  };
}

/** So many values in each second, each of its own. */
export function distributionOf(seconds: readonly (readonly number[])[]): Distribution {
  return together(
    seconds.map((values) => {
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      return {
        count: values.length,
        quantiles: { p50: null, p90: null, p99: null, p999: null, max: null },
        seconds: [histogram.toSparse()],
      };
    }),
  );
}
