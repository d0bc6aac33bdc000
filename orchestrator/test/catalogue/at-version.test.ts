import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue, selectGateways } from '#src/catalogue/catalogue.js';

const catalogue = readCatalogue([fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url))]);
const select = (...names: string[]) => selectGateways(catalogue, names);

test('versions of one gateway stand side by side, alike but for the version', () => {
  const [pinned, older, newer] = select('crabllm', 'crabllm@0.0.24', 'crabllm@0.0.26-rc.1');
  assert.equal(older?.name, 'crabllm@0.0.24');
  assert.equal(older?.image, 'ghcr.io/crabtalk/crabllm:0.0.24');
  assert.equal(older?.version, '0.0.24');
  assert.equal(older?.process?.versionFolder, 'crabllm@0.0.24');
  assert.equal(older?.process?.install, 'crabllm-bench gateways crabllm@0.0.24');
  // Nothing brings another bifrost-http than the person who builds it.
  assert.equal(select('bifrost@1.5.0')[0]?.process?.install, 'crabllm-bench gateways bifrost@1.5.0');
  assert.equal(newer?.image, 'ghcr.io/crabtalk/crabllm:0.0.26-rc.1');
  assert.ok(pinned !== undefined && older !== undefined);
  const { name, image, version, process } = pinned;
  assert.deepEqual({ ...older, name, image, version, process }, pinned);
});

test('a tag that wraps the version wraps the other one, too', () => {
  assert.deepEqual(
    select('bifrost@1.5.0', 'litellm@1.100.0').map(({ image }) => image),
    ['maximhq/bifrost:v1.5.0', 'ghcr.io/berriai/litellm:v1.100.0'],
  );
});

test('what a lock file fixes, and what is no version, is refused', () => {
  assert.throws(() => select('portkey@1.0.0'), { code: 'version-unavailable', exitCode: 2 });
  assert.throws(() => select('crabllm@'), { code: 'bad-value', exitCode: 2 });
  assert.throws(() => select('crabllm@../../x'), { code: 'bad-value' });
  assert.throws(() => select('crabllmm@1'), { code: 'unknown-gateway', message: /There is no gateway "crabllmm"/ });
});
