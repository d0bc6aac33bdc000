import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Equipment } from '#src/measure/equipment.js';
import { atWorkbench } from '#src/measure/workbench.js';

/** Equipment of which only the putting away is looked at. */
function equipmentThat(closed: string[], driverFault?: Error): Equipment {
  const driver = {
    close: async () => {
      closed.push('driver');
      if (driverFault !== undefined) throw driverFault;
    },
  };
  const runtime = { close: async () => void closed.push('runtime') };
  return { driver, runtime, external: runtime } as unknown as Equipment;
}

const listeners = () => process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');

describe('atWorkbench', () => {
  it('gives back what the work gives and puts driver and runtime away after it', async () => {
    const closed: string[] = [];
    const before = listeners();
    const result = await atWorkbench(
      async () => equipmentThat(closed),
      async () => {
        assert.equal(listeners(), before + 2);
        assert.deepEqual(closed, []);
        return 7;
      },
    );
    assert.equal(result, 7);
    assert.deepEqual(closed, ['driver', 'runtime']);
    assert.equal(listeners(), before);
  });

  it('puts everything away when the work fails, and when the driver will not close', async () => {
    const closed: string[] = [];
    const before = listeners();
    const failing = atWorkbench(
      async () => equipmentThat(closed),
      async () => {
        throw new Error('work');
      },
    );
    await assert.rejects(failing, /^Error: work$/);
    const stuck = atWorkbench(
      async () => equipmentThat(closed, new Error('stuck')),
      async () => {},
    );
    await assert.rejects(stuck, /^Error: stuck$/);
    assert.deepEqual(closed, ['driver', 'runtime', 'driver', 'runtime']);
    assert.equal(listeners(), before);
  });

  it('lets go of the signals when there is no equipment', async () => {
    const before = listeners();
    const none = atWorkbench(
      async () => {
        throw new Error('no engine');
      },
      async () => assert.fail('there is nothing to work with'),
    );
    await assert.rejects(none, /no engine/);
    assert.equal(listeners(), before);
  });

  it('aborts the work on the first signal', async () => {
    const work = atWorkbench(
      async () => equipmentThat([]),
      async ({ interrupt }) => {
        process.emit('SIGTERM', 'SIGTERM');
        return interrupt.signal.reason as unknown;
      },
    );
    assert.match(String(await work), /Interrupted by SIGTERM/);
  });
});
