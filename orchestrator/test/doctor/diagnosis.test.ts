import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '#src/doctor/check.js';
import { diagnose } from '#src/doctor/diagnosis.js';
import { availableBytes, cgroupOf, type Findings, type HostFacts } from '#src/doctor/host-facts.js';
import { renderDiagnosis } from '#src/doctor/text.js';
import { measureClockStep, spreadOf } from '#src/doctor/timers.js';
import { measureLoopback } from '#src/doctor/loopback.js';
import { assertGolden } from '../golden.js';

const GIB = 1024 ** 3;

const GOOD: Findings = {
  host: {
    usableCpus: 8,
    cpus: 8,
    cpuModel: 'Example CPU',
    governor: 'performance',
    clockSource: 'tsc',
    isVirtual: false,
    mayRunFirst: true,
    cgroup: 'v2',
    memoryBytes: 16 * GIB,
    freeMemoryBytes: 12.5 * GIB,
    limits: { descriptors: 1_048_576, ports: 28_232, reusesPorts: true },
  },
  idle: { stealShare: 0, busyShare: 0.021, swappedBytes: 0, clockJumpMs: 0.1 },
  clockStepUs: 0.12,
  oversleep: { p50Us: 31, p99Us: 62 },
  loopback: { p50Us: 24, p99Us: 71 },
  peers: [],
  runtime: { kind: 'docker', versions: { engine: '29.0.0', cgroup: 'v2 (systemd)' }, enforcesLimits: true },
  placing: {
    pins: true,
    text: 'pinned: mock on CPU 1, target on CPU 2-3, driver on CPU 4-5, everything else on CPU 0,6-7',
  },
  selfTest: {
    driver: 'oha',
    blocks: 4,
    levels: [
      {
        scenario: 'chat-minimal',
        level: '250 rps',
        direct: { p50Us: 140, p99Us: 900 },
        floor: { p50Us: 12, p99Us: 310 },
      },
      {
        scenario: 'chat-stream',
        level: '250 rps',
        direct: { p50Us: 1000, p99Us: 2000 },
        floor: { p50Us: 20, p99Us: 250 },
      },
    ],
  },
};

const BAD: Findings = {
  host: {
    ...GOOD.host,
    usableCpus: 2,
    cpus: 8,
    governor: 'powersave',
    clockSource: 'hpet',
    mayRunFirst: false,
    freeMemoryBytes: GIB,
    limits: { descriptors: 256, ports: 100, reusesPorts: true },
  },
  idle: { stealShare: 0.034, busyShare: 0.4, swappedBytes: 4096, clockJumpMs: -250 },
  clockStepUs: 1.4,
  oversleep: { p50Us: 90, p99Us: 4200 },
  loopback: { p50Us: 80, p99Us: 1900 },
  peers: [
    {
      name: 'far',
      state: 'asked',
      roundTrip: { p50Us: 2400, p99Us: 9000 },
      clock: { offsetUs: -86_400e6, boundUs: 1150 },
    },
    {
      name: 'gone',
      state: 'absent',
      reason: { code: 'no-answer', message: 'http://h:1 does not tell the time: it is off' },
    },
  ],
  runtime: { kind: 'process', versions: {}, enforcesLimits: false },
  placing: {
    pins: false,
    text: 'nothing is pinned: 2 cores (2 CPUs) that may be used, and 4 are needed for each to have its own',
  },
  selfTest: {
    driver: 'native',
    blocks: 4,
    levels: [
      {
        scenario: 'chat-minimal',
        level: '250 rps',
        direct: { p50Us: 140, p99Us: null },
        floor: { p50Us: 90, p99Us: null },
      },
    ],
  },
};

const STYLE = { columns: 100, colour: false };

const checkOf = (findings: Findings, name: string): Check =>
  diagnose(findings).checks.find((check) => check.name === name) ?? assert.fail(name);
const hostCheck = (change: Partial<HostFacts>, name: string): Check =>
  checkOf({ ...GOOD, host: { ...GOOD.host, ...change } }, name);

describe('diagnose', () => {
  it('finds nothing wrong with a good machine', () => {
    assert.deepEqual(
      diagnose(GOOD).checks.filter(({ state }) => state !== 'good'),
      [],
    );
  });

  it('says of everything wrong what it does, and what helps', () => {
    const { checks } = diagnose(BAD);
    assert.ok(checks.every(({ state, meaning }) => state !== 'good' && meaning !== null));
  });

  it('takes the worst level’s floor, or 3 % of direct, for the smallest overhead', () => {
    assert.deepEqual(diagnose(GOOD).smallestOverhead, { p50Us: 30, p99Us: 310 });
    assert.deepEqual(diagnose(BAD).smallestOverhead, { p50Us: 90, p99Us: null });
    assert.deepEqual(diagnose({ ...GOOD, selfTest: null }).smallestOverhead, { p50Us: null, p99Us: null });
  });

  it('knows no governor where there is none to know', () => {
    assert.equal(hostCheck({ governor: null, isVirtual: true }, 'frequency').state, 'note');
    assert.match(hostCheck({ governor: null, isVirtual: true }, 'frequency').found, /virtual machine/);
    assert.equal(hostCheck({ governor: null, isVirtual: null }, 'frequency').state, 'note');
  });

  it('says of processes whether limits bind them', () => {
    const bound = { ...BAD, runtime: { ...BAD.runtime, enforcesLimits: true } };
    assert.match(checkOf(bound, 'engine').meaning ?? '', /limits are enforced by control groups/);
    assert.match(checkOf(BAD, 'engine').meaning ?? '', /limits are not enforced/);
  });

  it('does not take what is not told for good', () => {
    const untold = { ...GOOD, idle: { stealShare: null, busyShare: null, swappedBytes: null, clockJumpMs: null } };
    assert.equal(checkOf(untold, 'steal').state, 'note');
    assert.equal(checkOf(untold, 'other load').state, 'note');
  });

  it('reads well', () => {
    const ruler = 'No certificate: `crabllm-bench calibrate` makes one.';
    assertGolden('doctor-good.txt', `${renderDiagnosis(diagnose(GOOD), ruler, STYLE)}\n`);
    assertGolden('doctor-bad.txt', `${renderDiagnosis(diagnose(BAD), ruler, STYLE)}\n`);
  });
});

describe('what is measured of the machine', () => {
  it('is a clock that goes on, and a loopback that answers', async () => {
    assert.ok(measureClockStep() > 0);
    const { roundTrip, mayRunFirst } = await measureLoopback();
    assert.ok(roundTrip.p50Us > 0 && roundTrip.p99Us >= roundTrip.p50Us);
    assert.equal(typeof mayRunFirst, 'boolean');
  });

  it('has quantiles by rank', () => {
    assert.deepEqual(spreadOf(Array.from({ length: 100 }, (_, i) => 100 - i)), { p50Us: 50, p99Us: 99 });
    assert.deepEqual(spreadOf([7]), { p50Us: 7, p99Us: 7 });
  });

  it('has the version of its control groups', () => {
    assert.equal(cgroupOf('0::/user.slice\n'), 'v2');
    assert.equal(cgroupOf('12:memory:/a\n1:name=systemd:/a\n0::/a\n'), 'v1');
    assert.equal(cgroupOf('1:name=systemd:/a\n0::/a\n'), 'v1');
    assert.equal(cgroupOf(null), null);
  });

  it('has the memory that can be had without swapping', () => {
    assert.equal(availableBytes('MemTotal:  8000 kB\nMemAvailable:    4096 kB\n'), 4096 * 1024);
    assert.equal(availableBytes('MemTotal:  8000 kB\n'), null);
    assert.equal(availableBytes(null), null);
  });
});
