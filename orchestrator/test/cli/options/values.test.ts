import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBenchOptions } from '#src/cli/options/bench.js';
import { parseShare } from '#src/cli/options/values.js';

const REFUSED: readonly (readonly [Record<string, unknown>, RegExp, RegExp])[] = [
  [{ rps: 'abc' }, /--rps "abc" cannot be used/, /whole number from 1 to/],
  [{ rps: '0' }, /--rps "0" cannot be used/, /from 1/],
  [{ rps: '' }, /--rps is empty/, /--rps "100 500 1000"/],
  [{ rps: '100 1.5' }, /--rps "1\.5"/, /whole number/],
  [{ duration: '-1' }, /--duration "-1"/, /seconds/],
  [{ duration: 'NaN' }, /--duration "NaN"/, /number from 1/],
  [{ blocks: '2.5' }, /--blocks "2\.5"/, /whole number/],
  [{ group: 'overhed' }, /--group "overhed" is not known/, /overhead, payload, concurrent/],
  [{ scenarios: 'chat-tiny', group: 'payload' }, /--scenarios "chat-tiny" is not known/, /chat-large-context/],
  [
    { scenarios: 'embeddings', group: 'payload' },
    /--scenarios embeddings is not in --group payload/,
    /Add --group overhead, or choose of: chat-large-context/,
  ],
  [{ runtime: 'podman' }, /--runtime "podman"/, /auto, docker, process, external/],
  [{ driver: 'wrk' }, /--driver "wrk"/, /oha, native/],
  [{ 'mock-port': '70000' }, /--mock-port "70000"/, /65535/],
  [{ precision: '0.05' }, /--precision "0\.05" cannot be used/, /for example 5%/],
  [{ precision: '0%' }, /--precision "0" cannot be used/, /from 0\.1 to 100/],
  [{ budget: '30m' }, /--budget says nothing without --precision/, /--precision 5%/],
  [{ 'max-blocks': '9' }, /--max-blocks says nothing without --precision/, /--precision 5%/],
  [{ precision: '5%', budget: '30' }, /--budget "30" cannot be used/, /Give a time from 1s to 168h/],
  [{ precision: '5%', 'max-blocks': '3' }, /--max-blocks "3" cannot be used/, /from 6 to/],
  [
    { duration: '1', blocks: '20' },
    /--duration 1 split over --blocks 20 leaves 50 ms/,
    /--duration 2 or more, or at most 10/,
  ],
  [{ blocks: '1000' }, /--duration 30 split over --blocks 1000 leaves 30 ms/, /--duration 100 or more/],
  [{ target: 'gw' }, /--target "gw"/, /NAME=URL/],
  [{ target: 'gw=ftp://x' }, /only http and https are measured/, /NAME=URL/],
  [{ target: 'direct=http://x' }, /"direct" cannot be a name/, /NAME=URL/],
];

for (const [raw, message, hint] of REFUSED) {
  test(`${JSON.stringify(raw)} is refused with the value and what is allowed`, () => {
    assert.throws(
      () => readBenchOptions(raw),
      (thrown: unknown) => {
        assert.ok(thrown instanceof Error && 'hint' in thrown && 'exitCode' in thrown);
        assert.match(thrown.message, message);
        assert.match(String(thrown.hint), hint);
        assert.equal(thrown.exitCode, 2);
        return true;
      },
    );
  });
}

test('levels are sorted, each once, from spaces and commas', () => {
  assert.deepEqual(readBenchOptions({ rps: '500, 100 100' }).rps, [100, 500]);
});

test('defaults are those of the original suite where it had any', () => {
  const options = readBenchOptions({});
  assert.equal(options.group, 'overhead');
  assert.equal(options.durationMs, 30_000);
  assert.equal(options.blocks, 6);
  assert.equal(options.skipHopeless, true);
  assert.equal(options.scenarios, null);
});

test('a precision is a share, with the most that it may cost', () => {
  assert.equal(readBenchOptions({}).precision, null);
  assert.deepEqual(readBenchOptions({ precision: '5%' }).precision, { share: 0.05, maxBlocks: 30, budgetMs: null });
  assert.deepEqual(readBenchOptions({ precision: '2.5 %', budget: '1.5h', 'max-blocks': '12' }).precision, {
    share: 0.025,
    maxBlocks: 12,
    budgetMs: 5_400_000,
  });
});

test('--quick narrows what is not given by hand', () => {
  assert.deepEqual(readBenchOptions({ quick: true }).rps, [100, 500]);
  assert.deepEqual(readBenchOptions({ quick: true, rps: '50' }).rps, [50]);
});

test('--quick of another group takes that group’s scenarios', () => {
  assert.equal(readBenchOptions({ quick: true, group: 'payload' }).scenarios, null);
});

test('a target may be given several times', () => {
  const { externals } = readBenchOptions({ target: ['a=http://127.0.0.1:1/', 'b=http://127.0.0.1:2/base'] });
  assert.deepEqual(externals, [
    { name: 'a', url: 'http://127.0.0.1:1' },
    { name: 'b', url: 'http://127.0.0.1:2/base' },
  ]);
});

test('a block of the least length is taken as it is', () => {
  assert.equal(readBenchOptions({ duration: '1', blocks: '10' }).durationMs, 1000);
  assert.equal(readBenchOptions({ soak: '10m' }).durationMs, 600_000);
});

test('a share is a number or per cent, from nothing to all', () => {
  assert.equal(parseShare('second-chances', '0.25'), 0.25);
  assert.equal(parseShare('second-chances', '25%'), 0.25);
  assert.equal(parseShare('second-chances', '0'), 0);
  for (const text of ['1.5', '101%', '-1', 'x', '%'])
    assert.throws(() => parseShare('second-chances', text), /--second-chances ".*" cannot be used/, text);
});
