import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CaseResult } from '#src/analyse/conduct/case-rows.js';
import { CONDUCT_POLICIES, type ConductPolicy } from '#src/calibrate/conduct-policies.js';
import { renderConduct } from '#src/calibrate/conduct-table.js';
import { conductPart, isRight, judgePolicy } from '#src/calibrate/judge-conduct.js';
import { conductLine } from '#src/certificate/line.js';
import { describeConduct } from '#src/certificate/markdown.js';
import { CONDUCT_CASES } from '#src/plan/conduct-cases.js';

const POLICY: ConductPolicy = {
  name: 'storming',
  words: [],
  primaryShare: 1,
  rows: [
    { case: 'everything-down', row: 'amplification', planted: { from: 7.9, to: 8.1 } },
    { case: 'stalled-streams', row: 'stallBoundUs', planted: 'beyond-phase' },
  ],
  accused: ['amplification', 'stallBoundUs'],
};

function played(name: string, rows: CaseResult['rows']): CaseResult {
  const requests = { known: 100, unknown: 0, strangeAttempts: 0 };
  return { case: name, streaming: false, phases: [], requests, rows };
}

const NEVER = { state: 'beyond-phase', reason: 'none was ended', value: 5e6 } as const;

test('what was planted is recovered where its interval meets it', () => {
  const result = judgePolicy(POLICY, [
    played('everything-down', { amplification: { value: 8.2, low: 8.05, high: 8.3, count: 100 } }),
    played('stalled-streams', { stallBoundUs: NEVER }),
  ]);
  assert.ok(isRight(result));
  assert.match(renderConduct([result]), /2 of 2 rows recovered\.\n\n- storming: sends more than three attempts/);
});

test('a row that came out otherwise, a sin that is not named and an honest deed that is are told', () => {
  const result = judgePolicy(POLICY, [
    played('everything-down', {
      amplification: { value: 2, low: 1.9, high: 2.1, count: 100 },
      doubleWork: { value: 0.5, low: 0.4, high: 0.6, count: 100 },
    }),
  ]);
  assert.deepEqual(
    result.rows.map(({ isRecovered }) => isRecovered),
    [false, false],
  );
  assert.deepEqual(result.missed, ['amplification', 'stallBoundUs']);
  assert.deepEqual(
    result.wronged.map(({ row }) => row),
    ['doubleWork'],
  );
  assert.ok(!isRight(result));
  assert.match(renderConduct([result]), /MISSED.*\n.*the case was not played.*MISSED/);
});

test('of a runtime that shows no processes nothing about them is expected, and how much that is stands beside the rest', () => {
  const leaking: ConductPolicy = {
    ...POLICY,
    rows: [...POLICY.rows, { case: 'afterwards', row: 'descriptorsAfter', planted: { from: 2.1, to: 6 } }],
    accused: [...POLICY.accused, 'descriptorsAfter'],
  };
  const seen = [
    played('everything-down', { amplification: { value: 8.2, low: 8.05, high: 8.3, count: 100 } }),
    played('stalled-streams', { stallBoundUs: NEVER }),
    played('afterwards', { descriptorsAfter: { state: 'cannot-tell', reason: 'the runtime does not show it' } }),
  ];
  assert.ok(!isRight(judgePolicy(leaking, seen)));
  const result = judgePolicy(leaking, seen, { seesProcesses: false });
  assert.ok(isRight(result));
  assert.equal(
    describeConduct(conductPart([result])),
    '2 of 2 rows of 1 planted policies recovered; 1 about processes cannot be seen on this runtime',
  );
});

test('every policy is planted in cases that there are, and one of them is honest', () => {
  const names = CONDUCT_CASES.map(({ name }) => name);
  for (const { rows } of CONDUCT_POLICIES) for (const row of rows) assert.ok(names.includes(row.case), row.case);
  assert.ok(CONDUCT_POLICIES.some(({ accused }) => accused.length === 0));
});

test('a certificate says how many rows were recovered, and names what was not', () => {
  const part = conductPart([
    {
      policy: 'honest',
      rows: [
        {
          policy: 'honest',
          case: 'outage-503',
          row: 'servedShare',
          planted: { from: 1, to: 1 },
          measured: { state: 'nothing-seen', reason: 'the case was not played' },
          isRecovered: false,
        },
      ],
      accusations: [],
      missed: ['amplification'],
      wronged: [{ case: 'outage-503', row: 'goodputAfter', what: 'does not come back', source: '' }],
      unseen: 0,
    },
  ]);
  assert.deepEqual(part, {
    outcome: 'missed',
    policies: 1,
    rows: 1,
    recovered: 0,
    misses: [
      'not recovered: servedShare of honest in outage-503',
      'not accused of amplification: honest',
      'wrongly accused of goodputAfter in outage-503: honest',
    ],
  });
  assert.equal(describeConduct(part), '0 of 1 rows of 1 planted policies recovered');
  assert.equal(conductPart([]).outcome, 'passed');
});

test('the line under a scorecard says what is proved here, or why that is not known', () => {
  const ruler = { runtime: 'process', driver: 'native', host: { cpus: 2, platform: 'linux' } };
  assert.equal(conductLine(null, ruler, '2026-01-02'), 'No certificate: `crabllm-bench calibrate` makes one.');
});
