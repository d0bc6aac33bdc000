import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agentClock } from '#src/agent/agent-clock.js';
import { openWatchServer } from '#src/agent/watch-server.js';
import { askPeers } from '#src/doctor/peers.js';
import { BenchError } from '#src/errors.js';
import { freePort } from '../support/free-port.js';

const NEVER = new AbortController().signal;
const TOKEN = 'a-token-of-a-test';
const NOBODY = { look: () => null, unknown: () => [] };
/** Another machine's, which is five seconds ahead. */
const ELSEWHERE = { aheadUs: () => 5e6, domain: { bootId: 'another', timeNamespace: 'none' } };

describe('asking other machines for the time', () => {
  it('finds how far they are, and their clock within its bound', async (context) => {
    const [here, there] = [await freePort(), await freePort()];
    const common = { host: '127.0.0.1', token: TOKEN, subjectOf: () => NOBODY };
    context.after(await openWatchServer({ ...common, port: here, clock: agentClock() }));
    context.after(await openWatchServer({ ...common, port: there, clock: ELSEWHERE }));
    const [one, other] = await askPeers(
      [
        { name: 'here', url: `http://127.0.0.1:${here}` },
        { name: 'there', url: `http://127.0.0.1:${there}` },
      ],
      TOKEN,
      NEVER,
    );
    assert.ok(one?.state === 'asked' && other?.state === 'asked');
    assert.equal(one.clock, 'same');
    assert.ok(one.roundTrip.p50Us > 0 && one.roundTrip.p99Us >= one.roundTrip.p50Us);
    assert.ok(other.clock !== 'same');
    assert.ok(Math.abs(other.clock.offsetUs - 5e6) <= other.clock.boundUs, JSON.stringify(other.clock));
  });

  it('says of whom there was no answer, and asks the others all the same', async (context) => {
    const port = await freePort();
    context.after(
      await openWatchServer({ host: '127.0.0.1', port, token: TOKEN, subjectOf: () => NOBODY, clock: agentClock() }),
    );
    const url = `http://127.0.0.1:${port}`;
    const [refused] = await askPeers([{ name: 'a', url }], 'another-token', NEVER);
    assert.ok(refused?.state === 'absent');
    assert.match(refused.reason.message, /does not tell the time: status 401/);
  });

  it('ends with its command', async () => {
    const interrupt = new AbortController();
    interrupt.abort(new BenchError({ code: 'interrupted', message: 'Ctrl-C' }));
    await assert.rejects(
      askPeers([{ name: 'a', url: 'http://127.0.0.1:9' }], TOKEN, interrupt.signal),
      (thrown) => thrown instanceof BenchError && thrown.code === 'interrupted',
    );
  });
});
