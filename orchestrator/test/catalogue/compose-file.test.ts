import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import { IMAGE_TAG, VERSION } from '#src/version.js';

test('the mock’s image and version are those of the build that reads the file', () => {
  const { mock } = readCatalogue([COMPOSE_FILE]);
  assert.equal(mock.image, `crabllm-bench:${IMAGE_TAG}`);
  assert.equal(mock.version, VERSION);
});

test('what a person is told to run for a gateway is a command of this program', () => {
  // What is an image alone is brought by the engine.
  for (const { name, variant, process } of readCatalogue([COMPOSE_FILE]).gateways.filter((one) => one.process !== null))
    assert.match(
      process?.install ?? '',
      new RegExp(`^crabllm-bench gateways ${variant?.of ?? name}$|the system's packages`),
    );
});

test('what is an image alone names one, and what nobody here has run says so', () => {
  const { gateways } = readCatalogue([COMPOSE_FILE]);
  const untried = gateways.flatMap(({ name, isUntried }) => (isUntried === true ? name : []));
  assert.deepEqual(untried, ['bifrost-2', 'agentgateway', 'tensorzero', 'kong', 'apisix', 'helicone', 'gomodel']);
  for (const { name, process, image } of gateways) assert.ok(process !== null || image !== null, name);
});
