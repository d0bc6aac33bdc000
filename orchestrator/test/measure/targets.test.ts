import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import type { OwnProgram } from '#src/catalogue/own-program.js';
import { chooseCandidates } from '#src/measure/targets.js';
import { ExternalRuntime } from '#src/runtime/external/external-runtime.js';

const catalogue = readCatalogue([fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url))]);
const runtime = new ExternalRuntime(new Map());

function namesOf(gateways: readonly string[] | null, ...programs: OwnProgram[]): string[] {
  const candidates = chooseCandidates({ gateways, externals: [], programs }, catalogue, runtime, runtime);
  return candidates.map(({ target, named }) => {
    const own = target.service.program === undefined ? '' : ` ${target.service.program}`;
    return `${target.name}${own}${named ? '' : ' (if it can be had)'}`;
  });
}

const own = (gateway: string, label: string | null, path = '/b'): OwnProgram => ({ gateway, label, path });

test('a build in a gateway’s place leaves the others as they are, and is asked for by name', () => {
  assert.deepEqual(namesOf(null, own('crabllm', null)).slice(0, 3), [
    'direct',
    'crabllm /b',
    'bifrost (if it can be had)',
  ]);
});

test('a build with a name of its own stands beside the gateways that were chosen, or alone', () => {
  assert.deepEqual(namesOf(['crabllm'], own('crabllm', 'mine')), ['direct', 'crabllm', 'crabllm:mine /b']);
  assert.deepEqual(namesOf(null, own('crabllm', 'old', '/o'), own('crabllm', 'new', '/n')), [
    'direct',
    'crabllm:old /o',
    'crabllm:new /n',
  ]);
});

test('builds may be named among the gateways, as a list of two targets to compare does', () => {
  const [a, b] = [own('crabllm', 'a', '/a'), own('crabllm', 'b')];
  assert.deepEqual(namesOf(['crabllm:a', 'crabllm:b'], a, b), ['direct', 'crabllm:a /a', 'crabllm:b /b']);
  assert.throws(() => namesOf(['crabllm:c'], a), { code: 'unknown-gateway' });
});

test('a build of a gateway that was not chosen is measured with those that were', () => {
  assert.deepEqual(namesOf(['litellm'], own('crabllm', null)), ['direct', 'litellm', 'crabllm /b']);
});

test('two targets of one name, and an unknown gateway, are refused', () => {
  assert.throws(() => namesOf(null, own('crabllm', 'a'), own('crabllm', 'a', '/c')), { code: 'name-taken' });
  assert.throws(() => namesOf(null, own('crabllm', null), own('crabllm', null, '/c')), { code: 'name-taken' });
  assert.throws(() => namesOf(null, own('crablm', null)), { code: 'unknown-gateway' });
});
