import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConductRun } from '#src/record/conduct.js';
import { conductCard } from '#src/report/conduct-card.js';

const CASE: ConductRun['conduct'][number] = {
  target: 'gw',
  blocks: 1,
  case: 'outage-503',
  streaming: false,
  phases: [],
  requests: { known: 300, unknown: 2, strangeAttempts: 0 },
  rows: {
    servedShare: { value: 0.5, low: 0.4, high: 0.6, count: 300 },
    amplification: { value: 4, low: 4, high: 4, count: 300 },
    retryGapUs: { value: 1500, low: 1000, high: 2000, count: 300 },
    jitter: { state: 'nothing-seen', reason: 'nothing was tried again together' },
    returnUs: { state: 'beyond-phase', reason: 'not back', value: 6e6 },
  },
  accusations: [{ case: 'outage-503', row: 'amplification', what: 'sends too much', source: 'here' }],
};

const RUN: ConductRun = {
  schemaVersion: 2,
  id: 'x',
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: '2026-01-02T03:14:05.000Z',
  complete: true,
  version: '0.1.0',
  runtime: 'process',
  seed: 1,
  host: {},
  pace: { beforeMs: 1, faultMs: 1, afterMs: 1, rps: 1 },
  blocks: { planned: 1, done: 1 },
  targets: [
    { name: 'gw', version: '1', absent: null },
    { name: 'gone', version: null, absent: { code: 'not-installed', message: 'it is not installed' } },
  ],
  played: [
    { target: 'gw', block: 1, case: 'cut-streams', reason: { code: 'ended', message: 'gw ended' } },
    {
      target: 'gw',
      block: 1,
      case: 'no-done',
      reason: { code: 'driver-stopped', message: 'the driver stood still' },
      voided: { requests: { name: 'r', sha256: '' }, ledger: { name: 'l', sha256: '' } },
    },
  ],
  conduct: [CASE, { ...CASE, target: 'direct', rows: {}, requests: { ...CASE.requests, unknown: 0 }, accusations: [] }],
};

test('a table a case, what speaks against whom, and what is missing', () => {
  assert.equal(
    conductCard(RUN),
    `# Conduct while providers fail

2026-01-02 03:04 UTC · crabllm-bench 0.1.0 · process · 1 of 1 blocks

## outage-503

| target | served | attempts a request | first pause | back after |
| :-- | --: | --: | --: | --: |
| gw | 50.0 % (40.0 % to 60.0 %) | 4.00 | 1.5 ms (1.0 ms to 2.0 ms) | \\> 6.00 s |
| direct | – | – | – | – |

Requests whose attempts cannot be told: gw 2.

## What speaks against whom

- gw: sends too much (outage-503)
- direct: nothing

## Not measured

- gone is absent: it is not installed
- gw, cut-streams, block 1: gw ended
- gw, no-done, block 1 is void: the driver stood still
`,
  );
});
