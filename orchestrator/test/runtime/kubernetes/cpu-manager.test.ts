import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuLimitsText, readCpuManager } from '#src/runtime/kubernetes/cpu-manager.js';
import { openFake } from './support.js';

describe('what holds a gateway to its CPUs', () => {
  it('is read of the kubelet’s configuration, or is not known with the reason', async (context) => {
    const { server, cluster } = await openFake(context);
    server.raw.set('/api/v1/nodes/node2/proxy/configz', { kubeletconfig: { cpuManagerPolicy: 'static' } });
    assert.deepEqual(await readCpuManager(cluster, 'node2'), { policy: 'static' });
    server.raw.set('/api/v1/nodes/node2/proxy/configz', { kubeletconfig: {} });
    assert.deepEqual(await readCpuManager(cluster, 'node2'), { policy: 'none' });
    server.disturbances.push({ on: 'configz', by: { status: 403, message: 'nodes "node2" is forbidden' } });
    assert.deepEqual(await readCpuManager(cluster, 'node2'), {
      unknown: 'this account may not read it (nodes/proxy)',
    });
    server.raw.set('/api/v1/nodes/node2/proxy/configz', 'something else');
    assert.deepEqual(await readCpuManager(cluster, 'node2'), {
      unknown: 'its kubelet gives no configuration that is understood',
    });
  });

  it('is said in the plan', () => {
    const said = (
      cpuManager: Parameters<typeof cpuLimitsText>[1]['cpuManager'],
      cpuLimit = true,
      version = 'v1.34.4',
    ) => cpuLimitsText({ cpuLimit, watch: true }, { version, nodes: { gateway: 'node2' }, cpuManager });
    assert.equal(
      said({ policy: 'none' }, false),
      'CPU of gateways: not limited (--no-cpu-limit), so nothing throttles them on node2',
    );
    assert.match(
      said({ policy: 'none' }),
      /a quota, which may throttle .*node2 pins none .*--no-cpu-limit, is the way out/,
    );
    assert.match(said({ policy: 'static' }), /whole CPUs are their own on node2 .*static\), without a quota/);
    assert.match(said({ policy: 'static' }, true, 'v1.30.2'), /and the quota stays in force/);
    assert.match(said({ unknown: 'forbidden' }), /is not known: forbidden/);
  });
});
