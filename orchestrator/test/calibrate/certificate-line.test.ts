import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { certificateLine } from '#src/certificate/line.js';
import { CertificateStore } from '#src/certificate/store.js';
import type { Certificate } from '#src/certificate/certificate.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const host = { platform: 'linux', arch: 'x64', cpuModel: 'Example CPU', cpus: 2, memoryBytes: 8e9, kernel: '6.1' };
const summary = analyse({ ...manifest, host }, trials);
const certificate: Certificate = {
  schemaVersion: 2,
  madeAt: '2026-01-15T08:00:00.000Z',
  quick: false,
  runtime: 'process',
  driver: 'native',
  host,
  versions: {},
  blocks: 6,
  tells: { p50Us: 41, p99Us: 1234, cells: 6 },
  delays: { outcome: 'passed', recovered: 0, medians: 0, covered: 0, comparisons: 0, rows: [], spikes: [], silent: [] },
  sins: { outcome: 'passed', rows: [] },
  sameTarget: { outcome: 'passed', comparisons: 0, declaredDifferent: 0, examples: [] },
  repeatedRun: {
    outcome: 'passed',
    overheads: { cells: 0, agreeing: 0, vague: [], disagreements: [] },
    latencies: { cells: 0, agreeing: 0, vague: [], disagreements: [] },
    moved: [],
    contradictions: [],
  },
  misses: [],
};
const line = (change: Partial<Certificate>) => certificateLine({ ...certificate, ...change }, summary);

test('the line says what the ruler tells apart, and when that was found', () => {
  assert.equal(
    line({}),
    'On this machine, on the day of the run, differences below 41 µs at p50 and 1.23 ms at p99 could not be told (certificate of 2026-01-15); within a run its own intervals decide.',
  );
  assert.match(line({ madeAt: '2026-01-12T08:00:00.000Z' }), /^On this machine, 3 days before the run, differences/);
  assert.match(line({ madeAt: '2026-01-16T08:00:00.000Z' }), /1 day after the run/);
  assert.match(
    line({ quick: true, misses: ['a', 'b'] }),
    /\(certificate of 2026-01-15, quick, 2 of its checks missed\)/,
  );
  assert.match(line({ tells: { p50Us: 41, p99Us: null, cells: 6 } }), /below 41 µs at p50 could/);
});

test('a certificate that is too old, or of another ruler, does not speak for the run', () => {
  assert.match(
    line({ madeAt: '2025-11-15T08:00:00.000Z' }),
    /certificate of 2025-11-15 is stale \(61 days before the run\)/,
  );
  assert.match(line({ host: { ...host, cpus: 64 } }), /certificate of 2026-01-15 is of another machine/);
  assert.match(line({ runtime: 'docker' }), /certificate of 2026-01-15 is of runtime docker, not process/);
  assert.match(line({ driver: 'oha' }), /is of driver oha, not native/);
  assert.match(line({ driver: 'oha' }), /In this run direct’s two visits of a block differ by up to \d+ µs at p50 \(/);
});

test('without a certificate the run’s own noise floor is told', () => {
  assert.match(
    certificateLine(null, summary),
    /^In this run direct’s two visits of a block differ by up to .*\. No certificate: `crabllm-bench calibrate` makes one\.$/,
  );
});

test('the newest certificate of the same ruler is found, else the newest of any', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const store = new CertificateStore(join(directory, 'kept'));
  assert.equal(store.newestFor(certificate), null);
  store.keep(certificate);
  store.keep({ ...certificate, madeAt: '2026-01-14T08:00:00.000Z' });
  store.keep({ ...certificate, madeAt: '2026-01-16T08:00:00.000Z', runtime: 'docker' });
  writeFileSync(join(directory, 'kept', 'broken.json'), '{');
  assert.equal(store.newestFor(certificate)?.madeAt, certificate.madeAt);
  assert.equal(store.newestFor({ ...certificate, driver: 'oha' })?.runtime, 'docker');
});
