import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { checkBothPresent, checkPair, onPortsOfTheirOwn } from '#src/measure/pair.js';
import { type Candidate, chooseCandidates } from '#src/measure/targets.js';
import { ExternalRuntime } from '#src/runtime/external/external-runtime.js';
import type { Runtime } from '#src/runtime/runtime.js';

const catalogue = readCatalogue([fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url))]);
const runtime = new ExternalRuntime(new Map());

function candidates(gateways: readonly string[] | null, more: { binary?: string; urls?: readonly string[] } = {}) {
  const programs = more.binary === undefined ? [] : [{ gateway: 'crabllm', label: more.binary, path: '/b' }];
  const externals = (more.urls ?? []).map((url, i) => ({ name: `t${i}`, url }));
  return chooseCandidates({ gateways, externals, programs }, catalogue, runtime, runtime);
}

const check = (gateways: readonly string[] | null, more?: Parameters<typeof candidates>[1]): void =>
  checkPair({ gateways }, candidates(gateways, more));

test('two that were named are a pair', () => {
  check(['crabllm', 'litellm']);
  check(['crabllm@0.0.24', 'crabllm@0.0.25']);
  check(['crabllm'], { binary: 'mine' });
  check(null, { urls: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] });
});

test('anything else is refused, with what was asked for and what is allowed', () => {
  const refused = (gateways: readonly string[] | null, message: RegExp, more?: Parameters<typeof candidates>[1]) =>
    assert.throws(() => check(gateways, more), { code: 'no-pair', message });
  refused(['crabllm'], /asked for are 1: crabllm\./);
  refused(['crabllm', 'litellm', 'bifrost'], /asked for are 3: crabllm, litellm, bifrost\./);
  refused(null, /not all by name/);
  refused(null, /asked for are 1: crabllm:mine\./, { binary: 'mine' });
  assert.throws(() => check(['direct', 'crabllm']), { code: 'pair-with-direct', message: /burns the cores/ });
});

test('two versions of one gateway have a port each, of no other service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pair-'));
  const both = onPortsOfTheirOwn(candidates(['crabllm@0.0.24', 'crabllm@0.0.25']), catalogue, directory);
  const [, one, other] = both.map(({ target }) => target.service.port);
  assert.equal(one, 6666);
  assert.ok(other !== undefined && other !== one);
  assert.ok(![catalogue.mock, ...catalogue.gateways].some(({ port }) => port === other));
  const apart = candidates(['crabllm', 'litellm']);
  assert.deepEqual(onPortsOfTheirOwn(apart, catalogue, directory), apart);
});

test('a gateway whose port only its image knows cannot be moved in a container, and can as a process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pair-'));
  const [, portkey] = candidates(['portkey']);
  assert.ok(portkey !== undefined);
  // As two services of a Compose file of one's own may be.
  const of = (kind: Runtime['kind']): Candidate[] =>
    ['one', 'other'].map((name) => {
      const service = { ...portkey.target.service, name };
      const startedBy = Object.create(runtime, { kind: { value: kind } }) as Runtime;
      return { ...portkey, target: { ...portkey.target, name, service, runtime: startedBy } };
    });
  assert.throws(() => onPortsOfTheirOwn(of('docker'), catalogue, directory), { code: 'port-shared' });
  const [one, other] = onPortsOfTheirOwn(of('process'), catalogue, directory).map(({ target }) => target.service);
  assert.ok(one?.port === 8787 && other?.port !== 8787);
  assert.ok(other?.process?.command.includes('--port={port}'));
});

test('of a pair neither may be missing', () => {
  const [, one] = candidates(['crabllm', 'litellm']);
  assert.ok(one !== undefined);
  const reason = { code: 'not-installed', message: 'crabllm is not on PATH' };
  assert.throws(() => checkBothPresent([{ ...one, availability: { state: 'absent', reason } }]), {
    code: 'pair-incomplete',
    message: /^crabllm cannot be had, .*: crabllm is not on PATH\.$/,
  });
});
