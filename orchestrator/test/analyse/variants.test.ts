import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helperFindings, variantFindings } from '#src/analyse/variants.js';
import type { TargetRecord } from '#src/record/manifest.js';
import type { HelperUse } from '#src/record/trial.js';

const TARGET: TargetRecord = {
  name: 'gw+cache',
  kind: 'gateway',
  url: 'http://127.0.0.1:7000',
  version: null,
  digest: null,
  limits: { cpus: 2, memoryBytes: null, enforced: true },
  absent: null,
};

test('a variant says all that it has otherwise', () => {
  const differs = [
    { what: 'environment LEVEL', bare: 'error', here: 'info' },
    { what: '/etc/gw.toml', bare: null, here: '[cache]\nttl = 60' },
    { what: 'header x', bare: '1', here: null },
  ];
  const [finding] = variantFindings({ targets: [{ ...TARGET, variant: { of: 'gw', name: 'cache', differs } }] });
  assert.equal(
    finding?.message,
    'gw with environment LEVEL info instead of error; /etc/gw.toml + [cache] | ttl = 60; header x without 1.',
  );
  const [again] = variantFindings({ targets: [{ ...TARGET, variant: { of: 'gw', name: 'bare', differs: [] } }] });
  assert.equal(again?.message, 'gw as it is.');
});

test('what a helper used stands beside the target’s figures, and a null is never a 0', () => {
  const helpers = [
    { name: 'redis', version: '7.2', digest: null, limits: { cpus: 1, memoryBytes: null, enforced: true } },
  ];
  const use = (cpuUs: number | null, memoryPeakBytes: number | null): HelperUse => ({
    name: 'redis',
    resources: {
      memoryPeakBytes,
      memoryStartBytes: null,
      memoryEndBytes: null,
      cpuUs,
      cpuWindowMs: cpuUs === null ? null : 1000,
      throttledMs: null,
      series: [],
    },
  });
  const told = (...uses: HelperUse[]): string | undefined =>
    helperFindings(
      { targets: [{ ...TARGET, helpers }] },
      uses.map((each) => ({ target: 'gw+cache', helpers: [each], load: null })),
    )[0]?.message;
  assert.equal(
    told(use(250_000, 8 * 2 ** 20), use(750_000, 4 * 2 ** 20)),
    'measured with redis 7.2 beside it, whose 0.50 cores and 8 MiB at most are in none of its figures.',
  );
  assert.match(told(use(null, null)) ?? '', /whose CPU time and memory are not known/);
});
