import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Ledger } from '#src/ledger/ledger.js';
import { allPeers, requestsByPeer } from '#src/ledger/peers.js';
import { connectionNumber } from '#src/wire/connection-number.js';

function from(address: string | undefined): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: address });
}

describe('from where requests came', () => {
  it('is counted by the address of each connection', () => {
    const ledger = new Ledger(16, 0, 0);
    const [one, two, same, gone] = [
      from('::ffff:10.244.2.7'),
      from('10.244.2.8'),
      from('::ffff:10.244.2.7'),
      from(undefined),
    ];
    for (const socket of [one, two, one, same, one, gone]) ledger.begin('a', 1, undefined, connectionNumber(socket), 0);
    assert.deepEqual(requestsByPeer(ledger.records()), { '10.244.2.7': 4, '10.244.2.8': 1, unknown: 1 });
    assert.deepEqual(requestsByPeer(Buffer.alloc(0)), {});
  });

  it('is added up over workers', () => {
    assert.deepEqual(allPeers([{ a: 1, b: 2 }, {}, { b: 3 }]), { a: 1, b: 5 });
  });
});
