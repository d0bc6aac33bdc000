import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { holdAgainstOha } from '#src/verify/hold-against-oha.js';
import { parseOhaOutput } from '#src/load/oha/output.js';
import { ohaRecord } from '#src/load/oha/record.js';
import { createRowsReader } from '#src/load/oha/rows.js';
import type { Level } from '#src/record/cell.js';
import { bucketOf } from '#src/record/histogram.js';
import type { LoadRecord } from '#src/record/trial.js';
import { fixture, trialLoad } from '../load/oha/fixtures.js';

const reader = createRowsReader();
after(() => reader.close());

const LEVELS: Readonly<Record<string, Level>> = {
  'open-loop': { kind: 'rps', value: 50 },
  streams: { kind: 'streams', value: 2 },
  saturated: { kind: 'rps', value: 100 },
  refused: { kind: 'rps', value: 20 },
  'status-500': { kind: 'rps', value: 20 },
  nothing: { kind: 'rps', value: 20 },
  mixed: { kind: 'rps', value: 50 },
};

function askedOf(name: string) {
  const level = LEVELS[name];
  if (level === undefined) throw new Error(`no fixture ${name}`);
  return { level, streaming: name === 'streams' };
}

async function recordOf(name: string, withRows = true): Promise<LoadRecord> {
  const rows = withRows ? await reader.read(fixture(`${name}.db`)) : null;
  const output = parseOhaOutput(fixture(`${name}.json`));
  const record = ohaRecord(trialLoad(askedOf(name)), { output, rows, version: '1.16.0', cpuUs: null, stalls: null });
  return JSON.parse(JSON.stringify(record)) as LoadRecord;
}

function misfits(name: string, load: LoadRecord): string[] {
  const asked = { ...askedOf(name), warmupsMs: [500, 1000] };
  return holdAgainstOha(fixture(`${name}.json`), load, asked).map(({ field, message }) => `${field}: ${message}`);
}

/** Every latency of a record by the same factor, quantiles and histograms alike. */
function scaled(load: LoadRecord, factor: number): LoadRecord {
  const { quantiles, seconds, count } = load.latencyUs;
  const of = (us: number | null): number | null => (us === null ? null : us * factor);
  const { p50, p90, p99, p999, max } = quantiles;
  const told = { p50: of(p50), p90: of(p90), p99: of(p99), p999: of(p999), max: of(max) };
  const at = [told.p50, told.p90, told.p99, told.p999, told.max];
  const ranks = [0.5, 0.9, 0.99, 0.999, 1].map((share) => Math.ceil(share * count - 1e-9));
  const pairs = at.flatMap((us, i) => [bucketOf(us ?? 0), (ranks[i] ?? 0) - (ranks[i - 1] ?? 0)]);
  return {
    ...load,
    latencyUs: { count, quantiles: told, seconds: (seconds ?? []).map((_, i) => (i === 0 ? pairs : [])) },
  };
}

describe('a load held against what oha wrote', () => {
  for (const name of Object.keys(LEVELS)) {
    test(`${name}: the record that was made of it fits, with rows and without`, async () => {
      assert.deepEqual(misfits(name, await recordOf(name)), []);
      assert.deepEqual(misfits(name, await recordOf(name, false)), []);
    });
  }

  test('errors that are left out are missed', async () => {
    const load = await recordOf('mixed');
    assert.match(
      misfits('mixed', { ...load, errors: {}, scheduled: load.ok }).join('\n'),
      /errors\.reset: nothing is recorded/,
    );
  });

  test('more answers than oha had are too many', async () => {
    const load = await recordOf('saturated');
    const found = misfits('saturated', { ...load, statuses: { 200: 10_000 }, ok: 10_000 }).join('\n');
    assert.match(found, /^statuses\.200: 10000 answers are recorded, oha's output has room for \d+$/m);
  });

  test('a rate beyond the answers that there were is too high', async () => {
    const load = await recordOf('open-loop');
    assert.match(
      misfits('open-loop', { ...load, achievedRps: 1000 }).join('\n'),
      /^achievedRps: 2000 answers are recorded/,
    );
  });

  for (const [factor, how] of [
    [0.1, 'lower'],
    [10, 'higher'],
  ] as const) {
    test(`latencies ${how} than any part of the run can have are refused`, async () => {
      const found = misfits('saturated', scaled(await recordOf('saturated'), factor));
      assert.match(found.join('\n'), new RegExp(`^latencyUs\\.quantiles\\.p50: [\\d.]+ is recorded, ${how} than`, 'm'));
      assert.ok(
        found.every((misfit) => misfit.startsWith('latencyUs.quantiles.')),
        found.join('\n'),
      );
    });
  }

  test('histograms that are not of the quantiles beside them are refused', async () => {
    const load = await recordOf('open-loop');
    const seconds = load.latencyUs.seconds?.map(() => [1, load.latencyUs.count / 2]) ?? [];
    const found = misfits('open-loop', { ...load, latencyUs: { ...load.latencyUs, seconds } }).join('\n');
    assert.match(found, /^latencyUs\.quantiles\.p50: [\d.]+ is recorded, its histograms say otherwise$/m);
  });

  test('a time to the first byte and messages are oha’s own', async () => {
    const load = await recordOf('streams');
    const { ttftUs } = load;
    assert.ok(ttftUs !== null);
    const quicker = {
      ...load,
      ttftUs: { ...ttftUs, quantiles: { ...ttftUs.quantiles, p50: 1 } },
      errorExamples: { no: 1 },
    };
    const found = misfits('streams', quicker).join('\n');
    assert.match(found, /^ttftUs\.quantiles\.p50: 1 is recorded, oha's output says/m);
    assert.match(found, /^errorExamples\.no: 1 is recorded, oha's output says nothing$/m);
  });

  test('what is not oha’s is an error', () => {
    const [load, asked] = [{} as LoadRecord, { ...askedOf('mixed'), warmupsMs: [1000] }];
    assert.throws(() => holdAgainstOha(Buffer.from('{}'), load, asked), { code: 'driver-failed' });
  });
});
