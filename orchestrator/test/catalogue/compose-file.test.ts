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
  for (const { name, variant, process } of readCatalogue([COMPOSE_FILE]).gateways)
    assert.match(
      process?.install ?? '',
      new RegExp(`^crabllm-bench gateways ${variant?.of ?? name}$|the system's packages`),
    );
});
