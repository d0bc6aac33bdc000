import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canPin } from '#src/clock/affinity.js';
import {
  choosePlaces,
  coresWanted,
  driverPlace,
  inPlace,
  type PinningFacts,
  type Placing,
  withPlaces,
} from '#src/measure/pinning.js';
import { formatCpuList } from '#src/record/cpu-list.js';
import { pinningSchema } from '#src/record/pinning.js';
import { readTopology } from '#src/resources/cpu-topology.js';
import { fakeService } from '../support/fake-runtime.js';
import { recordedTopology } from '../support/recorded-topology.js';

const WANTED = { mock: 2, target: 2, driver: 2 };
const on = (name: string, change: Partial<PinningFacts> = {}): PinningFacts => ({
  topology: recordedTopology(name),
  canPin: true,
  runtime: null,
  externals: [],
  ...change,
});
const AUTO = { kind: 'auto' } as const;
const lists = (of: Partial<Record<'mock' | 'target' | 'driver' | 'rest', number[]>>) =>
  ({ kind: 'lists', lists: of }) as const;

describe('where everything is put', () => {
  test('nothing was asked for: nothing is said or done', () => {
    assert.equal(choosePlaces({ kind: 'none' }, WANTED, on('eight-cores', { topology: null })), null);
  });

  test('auto on enough cores', () => {
    const placing = choosePlaces(AUTO, WANTED, on('eight-cores'));
    assert.deepEqual(pinningSchema.parse(placing?.record), {
      state: 'pinned',
      asked: 'auto',
      usable: '0-7',
      mock: '1-2',
      target: '3-4',
      driver: '5-6',
      rest: '0,7',
    });
    assert.equal(
      placing?.text,
      'pinned: mock on CPU 1-2, target on CPU 3-4, driver on CPU 5-6, everything else on CPU 0,7',
    );
  });

  test('auto on two cores puts nothing anywhere and says why', () => {
    const placing = choosePlaces(AUTO, WANTED, on('two-cores-smt'));
    assert.deepEqual(pinningSchema.parse(placing?.record), {
      state: 'left-out',
      reason: {
        code: 'too-few-cores',
        message: '2 cores (4 CPUs) that may be used, and 4 are needed for each to have its own',
      },
    });
    assert.match(placing?.text ?? '', /^nothing is pinned: 2 cores/);
  });

  test('by hand on two cores, who is not named anywhere', () => {
    const placing = choosePlaces(lists({ mock: [0], driver: [1] }), WANTED, on('two-cores'));
    assert.equal(placing?.text, 'pinned: mock on CPU 0, driver on CPU 1 (target and rest anywhere)');
    assert.equal(placing === null ? null : driverPlace(placing), '1');
  });

  test('a core that is shared by hand is named', () => {
    const placing = choosePlaces(lists({ mock: [0], target: [4] }), WANTED, on('four-cores-smt'));
    assert.match(placing?.text ?? '', /; CPUs 0,4 are one core, which mock and target share$/);
  });

  test('what cannot be had is refused', () => {
    const refused = (choice: Parameters<typeof choosePlaces>[0], facts: PinningFacts, message: RegExp): void =>
      assert.throws(() => choosePlaces(choice, WANTED, facts), { code: 'pin-unfit', message });
    refused(lists({ target: [2, 3] }), on('two-cores'), /target=2-3: CPU 2-3 is not one that may be used/);
    refused(lists({ target: [3] }), on('restricted'), /CPU 3 is not one that may be used/);
    refused(AUTO, on('eight-cores', { externals: ['mine'] }), /--pin auto does not reach mine, which already runs/);
    refused(lists({ target: [0] }), on('eight-cores', { externals: ['mine'] }), /does not reach mine/);
    refused(AUTO, on('eight-cores', { topology: null }), /does not tell which CPUs there are/);
    refused(AUTO, on('eight-cores', { canPin: false }), /taskset of util-linux is not on PATH/);
    refused(AUTO, on('eight-cores', { runtime: 'the engine is elsewhere' }), /the engine is elsewhere/);
  });

  test('beside a target that somebody else has put in its place the others have theirs', () => {
    const placing = choosePlaces(lists({ mock: [0], driver: [1] }), WANTED, on('two-cores', { externals: ['mine'] }));
    assert.equal(placing?.record.state, 'pinned');
  });
});

describe('this program', { skip: canPin() ? false : 'it cannot be kept anywhere here' }, () => {
  const everywhere = formatCpuList((readTopology()?.cpus ?? []).map(({ id }) => id));
  const nowhere = '4000';
  const placing = (rest: string, usable: string): Placing => ({
    record: { state: 'pinned', asked: 'lists', usable, mock: null, target: null, driver: null, rest },
    text: '',
  });

  test('is refused a place that it cannot have before anything is done', async () => {
    const told: string[] = [];
    const work = async (): Promise<void> => assert.fail('it began');
    await assert.rejects(
      inPlace(placing(nowhere, everywhere), (line) => told.push(line), work),
      { code: 'pin-unfit', message: /this program cannot be kept on CPU 4000: / },
    );
    assert.deepEqual(told, []);
  });

  test('loses nothing of its work when it cannot leave its place behind it', async () => {
    const told: string[] = [];
    const done = await inPlace(
      placing(everywhere, nowhere),
      (line) => told.push(line),
      async () => 'done',
    );
    assert.equal(done, 'done');
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', /stays on CPU \S+: this program cannot be kept on CPU 4000: /);
  });
});

describe('services', () => {
  const catalogue = {
    mock: { ...fakeService('mock', 'mock'), cpus: 2 },
    gateways: [fakeService('a'), fakeService('b')],
  };

  test('are told where they run', () => {
    const { mock, gateways } = withPlaces(catalogue, choosePlaces(AUTO, WANTED, on('four-cores')));
    assert.deepEqual([mock.cpuset, ...gateways.map(({ cpuset }) => cpuset)], ['1', '2', '2']);
  });

  test('may run anywhere when they are not named, and not where this program is', () => {
    const { mock, gateways } = withPlaces(
      catalogue,
      choosePlaces(lists({ mock: [0], rest: [0] }), WANTED, on('two-cores')),
    );
    assert.deepEqual([mock.cpuset, gateways[0]?.cpuset], ['0', '0-1']);
  });

  test('stay as they are when nothing is pinned', () => {
    assert.equal(withPlaces(catalogue, null), catalogue);
    assert.equal(withPlaces(catalogue, choosePlaces(AUTO, WANTED, on('two-cores'))), catalogue);
  });

  test('whose compose file says otherwise are refused', () => {
    const placed = { ...catalogue, gateways: [{ ...fakeService('a'), cpuset: '0-1' }] };
    assert.throws(() => withPlaces(placed, choosePlaces(AUTO, WANTED, on('four-cores'))), {
      code: 'pin-unfit',
      message: /keeps a on CPU 0-1, and --pin puts it on 2/,
    });
    const unnamed = withPlaces(placed, choosePlaces(lists({ mock: [0] }), WANTED, on('four-cores')));
    assert.equal(unnamed.gateways[0]?.cpuset, '0-1');
  });

  test('have a use for as many cores as they may use CPUs', () => {
    const gateways = [{ ...fakeService('a'), cpus: 3.5 }, fakeService('b')];
    assert.deepEqual(coresWanted({ ...catalogue, gateways }), { mock: 2, target: 4, driver: 2 });
  });
});
