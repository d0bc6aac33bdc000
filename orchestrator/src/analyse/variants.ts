import type { Manifest, TargetRecord } from '../record/manifest.js';
import type { Finding } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';

type Difference = NonNullable<TargetRecord['variant']>['differs'][number];

/** Says of each variant what it has otherwise than its gateway's own configuration. */
export function variantFindings({ targets }: Pick<Manifest, 'targets'>): Finding[] {
  return targets.flatMap(({ name, variant, absent }): Finding[] => {
    if (variant === undefined || absent !== null) return [];
    const { of, differs } = variant;
    const what = differs.length === 0 ? `${of} as it is` : `${of} with ${differs.map(differenceText).join('; ')}`;
    return [about('variant', name, `${what}.`, { of, differs })];
  });
}

/** Says of each target whose entry was never run by its keeper that it is so, had or not. */
export function untriedFindings({ targets }: Pick<Manifest, 'targets'>): Finding[] {
  const message =
    'not run by us: its entry is written from its maker’s documentation, and nobody of its keepers has seen it answer. What it shows here ' +
    'may be the entry’s doing.';
  return targets.flatMap(({ name, untried }) => (untried === true ? [about('not-run-by-us', name, message, {})] : []));
}

function differenceText({ what, bare, here }: Difference): string {
  const shown = (text: string): string => text.split('\n').join(' | ');
  if (here === null) return `${what} without ${shown(bare ?? 'it')}`;
  if (bare === null) return `${what} + ${shown(here)}`;
  return `${what} ${shown(here)} instead of ${shown(bare)}`;
}

/** Names what ran beside a target and what it used, which is in none of the target's figures. */
export function helperFindings(
  { targets }: Pick<Manifest, 'targets'>,
  trials: readonly Pick<TrialRecord, 'target' | 'helpers' | 'load'>[],
): Finding[] {
  return targets.flatMap(({ name, helpers = [] }) =>
    helpers.map((helper) => {
      const uses = trials.flatMap((trial) =>
        trial.target === name ? (trial.helpers ?? []).filter((use) => use.name === helper.name) : [],
      );
      const cpuUs = sumOfKnown(uses.map(({ resources }) => resources.cpuUs));
      const windowMs = sumOfKnown(uses.map(({ resources }) => resources.cpuWindowMs));
      const memory = uses.flatMap(({ resources }) => resources.memoryPeakBytes ?? []);
      const cores = cpuUs === null || windowMs === null || windowMs === 0 ? null : cpuUs / 1000 / windowMs;
      const peakBytes = memory.length === 0 ? null : Math.max(...memory);
      const used = [
        ...(cores === null ? [] : [`${cores.toFixed(2)} cores`]),
        ...(peakBytes === null ? [] : [`${(peakBytes / 2 ** 20).toFixed(0)} MiB at most`]),
      ].join(' and ');
      const version = helper.version === null ? '' : ` ${helper.version}`;
      return about(
        'helper-beside',
        name,
        `measured with ${helper.name}${version} beside it, ${used === '' ? 'whose CPU time and memory are not known' : `whose ${used} are in none of its figures`}.`,
        { helper: helper.name, version: helper.version, cores, memoryPeakBytes: peakBytes },
      );
    }),
  );
}

/** Null where none is known. */
function sumOfKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function about(code: string, target: string, message: string, evidence: Finding['evidence']): Finding {
  return { code, severity: 'info', target, scenario: null, level: null, message, evidence };
}
