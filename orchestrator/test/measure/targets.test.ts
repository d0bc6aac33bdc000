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

function variantsOf(gateways: readonly string[], variants: readonly string[], ...programs: OwnProgram[]): string[] {
  const candidates = chooseCandidates({ gateways, variants, externals: [], programs }, catalogue, runtime, runtime);
  return candidates.map(({ target, notOffered, bare }) =>
    [target.name, target.service.program, bare?.name.replace(/^/, 'beside '), notOffered?.code]
      .filter((word) => word !== undefined)
      .join(' '),
  );
}

test('variants are added to each gateway, with its own configuration once more; what one lacks is not offered', () => {
  assert.deepEqual(variantsOf(['crabllm', 'litellm'], ['ext']), [
    'direct',
    'crabllm',
    'crabllm+bare beside crabllm',
    'crabllm+ext beside crabllm',
    'litellm',
    'litellm+bare beside litellm',
    'litellm+ext not-offered',
  ]);
  assert.deepEqual(variantsOf(['crabllm@0.0.24'], ['auth']).slice(1), [
    'crabllm@0.0.24',
    'crabllm+bare@0.0.24 beside crabllm@0.0.24',
    'crabllm+auth@0.0.24 beside crabllm@0.0.24',
  ]);
  assert.throws(() => variantsOf(['crabllm'], ['exd']), { code: 'unknown-variant' });
});

test('a build in a gateway’s place is that of its variants too', () => {
  assert.deepEqual(variantsOf(['crabllm'], ['ext'], own('crabllm', null)).slice(1), [
    'crabllm /b',
    'crabllm+bare /b beside crabllm',
    'crabllm+ext /b beside crabllm',
  ]);
});
