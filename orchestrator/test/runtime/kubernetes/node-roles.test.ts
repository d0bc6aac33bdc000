import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeFacts } from '#src/runtime/kubernetes/node-facts.js';
import { agentSeats, loadText, seatWarnings } from '#src/runtime/kubernetes/agent-seats.js';
import { type NodeFacts, placeRoles } from '#src/runtime/kubernetes/node-roles.js';

const node = (name: string, given: Partial<NodeFacts> = {}): NodeFacts => ({
  name,
  role: null,
  unfit: null,
  cpus: 4,
  memoryBytes: 2 ** 33,
  ...given,
});

describe('which node has which role', () => {
  it('is what labels say', () => {
    const placed = placeRoles([
      node('c', { role: 'driver' }),
      node('a', { role: 'mock' }),
      node('b', { role: 'gateway' }),
    ]);
    assert.deepEqual(placed, {
      nodes: { mock: 'a', gateway: 'b', driver: 'c' },
      mocks: ['a'],
      drivers: ['c'],
      orchestrator: 'c',
      warnings: [],
    });
  });

  it('has mocks on all nodes that are labelled for one, and no more of them than there are mocks', () => {
    const nodes = ['a', 'b', 'c'].map((name) => node(name, { role: 'mock' }));
    const others = [node('g', { role: 'gateway' }), node('d', { role: 'driver' }), node('e')];
    assert.deepEqual(
      [1, 2, 5].map((mocks) => placeRoles([...nodes, ...others], 1, mocks)?.mocks),
      [['a'], ['a', 'b'], ['a', 'b', 'c']],
    );
    assert.deepEqual(placeRoles(others, 1, 3)?.mocks, ['e']);
  });

  it('gives the gateway the largest where no label does, and none two roles', () => {
    const placed = placeRoles([node('a'), node('b', { cpus: 16 }), node('c'), node('d')]);
    assert.equal(placed?.nodes.gateway, 'b');
    assert.deepEqual(placed?.warnings, []);
    assert.equal(new Set(Object.values(placed?.nodes ?? {})).size, 3);
  });

  it('leaves a node to the role it is labelled for', () => {
    const placed = placeRoles([node('a', { role: 'gateway', cpus: 2 }), node('b', { cpus: 16 }), node('c')]);
    assert.equal(placed?.nodes.gateway, 'a');
  });

  it('gives roles to nodes that no other run has, the smaller ones too, and keeps to labels all the same', () => {
    const taken = { takenBy: 'others (first)' };
    const free = placeRoles([node('a', { cpus: 16, ...taken }), node('b'), node('c'), node('d')]);
    assert.deepEqual(Object.values(free?.nodes ?? {}).toSorted(), ['b', 'c', 'd']);
    const two = [node('a', { role: 'driver', cpus: 8, ...taken }), node('b', { role: 'driver' })];
    assert.equal(placeRoles([...two, node('c'), node('d')])?.nodes.driver, 'b');
    const labelled = placeRoles([node('a', { role: 'gateway', ...taken }), node('b'), node('c'), node('d')]);
    assert.equal(labelled?.nodes.gateway, 'a');
  });

  it('says loudly where there are too few, and keeps the gateway alone as long as it can', () => {
    const two = placeRoles([node('a', { cpus: 8 }), node('b')]);
    assert.deepEqual(two?.nodes, { mock: 'b', gateway: 'a', driver: 'b' });
    assert.match(two?.warnings[0] ?? '', /^TOO FEW NODES: mock and driver share b/);
    const one = placeRoles([node('a')]);
    assert.match(one?.warnings[0] ?? '', /^TOO FEW NODES: mock and gateway and driver share a/);
    assert.equal(placeRoles([]), null);
  });

  it('says that a labelled node cannot be used, and why', () => {
    const placed = placeRoles([
      node('a', { role: 'driver', unfit: 'it is cordoned' }),
      node('b'),
      node('c'),
      node('d'),
    ]);
    assert.deepEqual(placed?.warnings, ['node a is labelled bench.role=driver and cannot be used: it is cordoned']);
    assert.ok(!Object.values(placed?.nodes ?? {}).includes('a'));
  });

  it('gives agents the nodes that are labelled for the driver, and the orchestrator one that nobody has', () => {
    const nodes = [
      node('a', { role: 'mock' }),
      node('b', { role: 'gateway' }),
      node('c', { role: 'driver' }),
      node('d', { role: 'driver' }),
      node('e', { role: 'orchestrator' }),
      node('f'),
    ];
    const { drivers, orchestrator } = placeRoles(nodes, 3) ?? assert.fail();
    assert.deepEqual([drivers, orchestrator], [['c', 'd'], 'e']);
    const without = placeRoles(nodes.slice(0, 4), 1);
    assert.deepEqual([without?.drivers, without?.orchestrator], [['c'], 'd']);
    const plain = placeRoles(
      ['a', 'b', 'c', 'd', 'e'].map((name) => node(name)),
      2,
    );
    assert.equal(plain?.drivers[0], plain?.nodes.driver);
    assert.equal(
      new Set([...Object.values(plain?.nodes ?? {}), ...(plain?.drivers ?? []), plain?.orchestrator]).size,
      5,
    );
  });

  it('sizes agents in whole cores, and says loudly where there are less', () => {
    const seatsOf = (count: number, cpus: number): string => {
      const nodes = [node('a', { role: 'mock' }), node('b', { role: 'gateway' }), node('c', { role: 'driver', cpus })];
      const seats = agentSeats(count, placeRoles(nodes, count) ?? assert.fail(), nodes);
      return [seats.map((seat) => `${seat.node} ${seat.cpus}`).join(', '), ...seatWarnings(seats)].join('; ');
    };
    assert.equal(seatsOf(1, 2), 'c 1');
    assert.equal(seatsOf(1, 16), 'c 4');
    assert.equal(seatsOf(2, 8), 'c 3, c 3');
    assert.match(seatsOf(3, 2), /^c 0\.4, c 0\.4, c 0\.4; AGENTS SHARE CORES: c has less than a core for each of 3/);
    assert.equal(loadText([], 'c'), 'by the orchestrator itself, on c');
  });

  it('reads nodes as the API gives them', () => {
    const status = { allocatable: { cpu: '1930m', memory: '7Gi' }, conditions: [{ type: 'Ready', status: 'True' }] };
    const facts = nodeFacts({
      metadata: { name: 'n', labels: { 'bench.role': 'mock' } },
      spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
      status,
    });
    assert.deepEqual(facts, {
      name: 'n',
      role: 'mock',
      unfit: 'its taint node-role.kubernetes.io/control-plane keeps Pods away',
      cpus: 1.93,
      memoryBytes: 7 * 2 ** 30,
    });
    assert.equal(
      nodeFacts({ status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped' }] } }).unfit,
      'it is not ready (Kubelet stopped)',
    );
  });
});
