import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue, selectGateways } from '#src/catalogue/catalogue.js';
import { PROGRAM_IN_CONTAINER, withOwnProgram } from '#src/catalogue/own-program.js';
import type { Service } from '#src/catalogue/service.js';

const catalogue = readCatalogue([fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url))]);
const service = (name: string): Service => selectGateways(catalogue, [name])[0] as Service;

test('a build of one’s own has the arguments, the limits and the configuration of the gateway, and nothing of its version', () => {
  const crabllm = service('crabllm');
  const own = withOwnProgram(crabllm, { gateway: 'crabllm', label: 'mine', path: '/build/crabllm' });
  assert.equal(own.name, 'crabllm:mine');
  assert.equal(own.program, '/build/crabllm');
  assert.equal(own.version, null);
  assert.deepEqual(own.process?.command, ['/build/crabllm', 'serve', '--config', '{config:/app/config/crabllm.toml}']);
  assert.deepEqual(
    [own.cpus, own.memoryBytes, own.mounts, own.environment, own.port],
    [crabllm.cpus, crabllm.memoryBytes, crabllm.mounts, crabllm.environment, crabllm.port],
  );
});

test('in a container it is the entrypoint, with the arguments it has without one', () => {
  const own = withOwnProgram(service('bifrost'), { gateway: 'bifrost', label: null, path: '/build/bifrost-http' });
  assert.equal(own.name, 'bifrost');
  assert.deepEqual(own.entrypoint, [PROGRAM_IN_CONTAINER]);
  assert.deepEqual(own.command, ['-app-dir', '/app/data', '-port', '6668', '-log-level', 'error']);
});

test('a gateway that is not one program is refused', () => {
  assert.throws(() => withOwnProgram(service('portkey'), { gateway: 'portkey', label: null, path: '/x' }), {
    code: 'binary-unusable',
    exitCode: 2,
    message: /portkey is not one program, it is started by \{node\}/,
  });
});
