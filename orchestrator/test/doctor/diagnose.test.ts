import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Examination, diagnose, smallestOverhead } from '#src/doctor/diagnose.js';
import { renderExamination } from '#src/doctor/examination-text.js';

const QUIET = { cpus: 8, stealShare: 0, busyShare: 0.01, swappedBytes: 0, clockJumpMs: 0 };
const FLOOR = {
  scenario: 'chat-minimal',
  level: { kind: 'rps' as const, value: 500 },
  p50Us: 8,
  p90Us: 12,
  p99Us: 20,
  pairs: 4,
};

const GOOD: Examination = {
  machine: {
    platform: 'linux',
    kernel: '6.8',
    cpuModel: 'Example',
    cpus: 8,
    memoryBytes: 16e9,
    governor: 'performance',
    virtualised: false,
    cgroupVersion: '2',
    loadAverage: 0.1,
  },
  engine: { answers: true, detail: 'Docker engine 28 answers at the default socket' },
  sleep: { p50Us: 60, p99Us: 90 },
  loopback: { p50Us: 20, p99Us: 40 },
  idle: QUIET,
  busy: QUIET,
  selfTest: {
    runtime: 'docker',
    driver: 'oha',
    blocks: 4,
    cell: {
      scenario: 'chat-minimal',
      level: FLOOR.level,
      state: 'ok',
      requests: 6000,
      latencyUs: { p50: { value: 200, low: 190, high: 210 }, p99: { value: 1000, low: 800, high: 1200 } },
    },
    noiseFloor: FLOOR,
  },
};

function gradeOf(seen: Examination, subject: string): string | undefined {
  return diagnose(seen).find((remark) => remark.subject === subject)?.grade;
}

describe('diagnose', () => {
  it('finds nothing wrong with a quiet machine of many cores', () => {
    assert.deepEqual([...new Set(diagnose(GOOD).map(({ grade }) => grade))], ['good']);
    assert.ok(diagnose(GOOD).every(({ means }) => means === ''));
  });

  it('grades each thing by itself and says what follows', () => {
    const remarks = diagnose({
      ...GOOD,
      machine: { ...GOOD.machine, cpus: 2, governor: 'powersave' },
      engine: { answers: false, detail: 'no Docker engine answers' },
      sleep: { p50Us: 500, p99Us: 1500 },
      loopback: { p50Us: 400, p99Us: 900 },
      idle: { ...QUIET, busyShare: 0.5 },
      busy: { ...QUIET, stealShare: 0.02 },
      selfTest: { ...GOOD.selfTest, noiseFloor: { ...FLOOR, p50Us: 100 } },
    });
    assert.deepEqual(
      remarks.map(({ subject, grade }) => `${subject} ${grade}`),
      [
        'cores limited',
        'governor limited',
        'other load poor',
        'steal limited',
        'timers poor',
        'loopback limited',
        'engine limited',
        'self-test poor',
      ],
    );
    assert.ok(remarks.every(({ means }) => means !== ''));
  });

  it('does not guess what the system does not tell', () => {
    const silent = { ...QUIET, stealShare: null, busyShare: null };
    const seen = { ...GOOD, machine: { ...GOOD.machine, governor: null }, idle: silent, busy: silent };
    for (const subject of ['governor', 'other load', 'steal']) assert.equal(gradeOf(seen, subject), 'unknown');
  });

  it('says why the self-test showed nothing', () => {
    const reason = { code: 'saturated', message: 'saturated at 312/500 rps' };
    const cell = { ...GOOD.selfTest.cell, state: 'saturated' as const, reason };
    const seen = { ...GOOD, selfTest: { ...GOOD.selfTest, cell } };
    const remark = diagnose(seen).find(({ subject }) => subject === 'self-test');
    assert.equal(remark?.grade, 'poor');
    assert.match(remark.found, /saturated at 312\/500 rps/);
  });
});

describe('smallestOverhead', () => {
  it('is the noise floor, or 3 % of direct where that is more', () => {
    assert.deepEqual(smallestOverhead(GOOD.selfTest), { p50: 8, p99: 30 });
  });

  it('is not known without a floor', () => {
    assert.deepEqual(smallestOverhead({ ...GOOD.selfTest, noiseFloor: null }), { p50: null, p99: null });
  });
});

describe('renderExamination', () => {
  it('can be read without colour and keeps to the width', () => {
    const text = renderExamination({ ...GOOD, machine: { ...GOOD.machine, cpus: 1 } }, { columns: 60, colour: false });
    assert.match(text, /^✗ cores {7}1 × Example/);
    assert.match(text.replaceAll('\n', ' '), /tells from none, today: 8 µs at p50, 30 µs at p99/);
    assert.ok(text.split('\n').every((line) => line.length <= 60));
  });
});
