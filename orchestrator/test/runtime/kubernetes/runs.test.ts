import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { V1ConfigMap, V1JobSpec } from '@kubernetes/client-node';
import { removeRun, runsIn, sweepRuns } from '#src/runtime/kubernetes/runs.js';
import type { Submitted } from '#src/runtime/kubernetes/run-objects.js';
import { submitRun } from '#src/runtime/kubernetes/submit-run.js';
import { BenchError } from '#src/errors.js';
import { MANNER, openFake, PLACE } from './support.js';

const NEVER = new AbortController().signal;
const { job: _job, ...WITHOUT_JOB } = PLACE;
const RUN: Submitted = {
  inside: {
    place: WITHOUT_JOB,
    manner: MANNER,
    facts: { version: 'v1.34.0', software: {}, cpus: {}, cpuManager: { policy: 'none' }, images: null },
  },
  words: ['--runtime=kubernetes'],
  token: 'a-token',
  agentsToken: 'of-agents',
  watchToken: 'another',
  stored: null,
};

/** One of several. */
function runOf(runId: string, namespace = PLACE.namespace): Submitted {
  const place = { ...WITHOUT_JOB, namespace, runId, controlSecret: `bench-${runId}-control` };
  return { ...RUN, inside: { ...RUN.inside, place } };
}

describe('runs in a cluster', () => {
  it('are a Job to which everything belongs, and which begins only when all is there', async (context) => {
    const { server, cluster } = await openFake(context);
    const at = await submitRun(cluster, RUN, PLACE.job.name, NEVER);
    assert.deepEqual(server.names, [
      `configmaps/${PLACE.job.name}`,
      'configmaps/crabllm-bench-turn',
      `jobs/${PLACE.job.name}`,
      `secrets/${PLACE.controlSecret}`,
    ]);
    const job = server.objects.get(`jobs/${PLACE.job.name}`) ?? assert.fail();
    assert.equal((job['spec'] as { readonly suspend: boolean }).suspend, false);
    const told = server.objects.get(`configmaps/${PLACE.job.name}`)?.['data'] as Record<string, string>;
    assert.deepEqual(JSON.parse(told['words.json'] ?? ''), RUN.words);
    assert.equal(JSON.parse(told['inside.json'] ?? '').place.job.uid, job.metadata.uid);
    await removeRun(cluster, at.namespace, at.job);
    assert.deepEqual(server.names, []);
  });

  it('take what an interrupted run has measured along, in objects of a size that a server takes', async (context) => {
    const { server, cluster } = await openFake(context);
    const archive = randomBytes(1_500_000);
    await submitRun(cluster, { ...RUN, stored: { runId: 'the-first', archive } }, PLACE.job.name, NEVER);
    const [run] = await runsIn(cluster, 'bench');
    assert.deepEqual([run?.runId, run?.measures], [PLACE.runId, 'the-first']);
    const spec = server.objects.get(`jobs/${PLACE.job.name}`)?.['spec'] as V1JobSpec;
    const volume = spec.template.spec?.volumes?.find(({ name }) => name === 'stored') ?? assert.fail();
    const parts = (volume.projected?.sources ?? []).flatMap(({ configMap }) => {
      const { binaryData } = server.objects.get(`configmaps/${configMap?.name}`) as unknown as V1ConfigMap;
      return Object.entries(binaryData ?? {});
    });
    assert.ok(parts.every(([, text]) => text.length < 1_000_000));
    // As they lie in the Pod: each under its name.
    const inOrder = parts.toSorted(([a], [b]) => a.localeCompare(b)).map(([, text]) => Buffer.from(text, 'base64'));
    assert.deepEqual(Buffer.concat(inOrder), archive);
    await removeRun(cluster, 'bench', PLACE.job.name);
    assert.deepEqual(server.names, []);
  });

  it('leave nothing when they cannot be started, and say what is forbidden', async (context) => {
    const { server, cluster } = await openFake(context);
    server.disturbances.push({ on: '/secrets', by: { status: 403, message: 'secrets is forbidden' } });
    await assert.rejects(
      submitRun(cluster, RUN, PLACE.job.name, NEVER),
      (thrown) =>
        thrown instanceof BenchError &&
        thrown.code === 'cluster-forbids' &&
        /secrets is forbidden/.test(thrown.message),
    );
    assert.deepEqual(server.names, []);
  });

  it('begin at the same moment, and one of them does not, and leaves nothing', async (context) => {
    const { server, cluster } = await openFake(context);
    const begun = await Promise.allSettled(
      ['one', 'two'].map(async (name) => submitRun(cluster, runOf(name), `bench-${name}`, NEVER)),
    );
    const refused = begun.filter((one) => one.status === 'rejected');
    assert.equal(refused.length, 1);
    const { reason } = refused[0] ?? assert.fail();
    assert.ok(reason instanceof BenchError && reason.code === 'cluster-busy' && reason.exitCode === 2);
    assert.match(reason.message, /^A run is measuring in bench since \d\d:\d\d UTC \(bench-(one|two)\)\.$/);
    const first = begun[0]?.status === 'fulfilled' ? 'one' : 'two';
    assert.deepEqual(server.names, [
      `configmaps/bench-${first}`,
      'configmaps/crabllm-bench-turn',
      `jobs/bench-${first}`,
      `secrets/bench-${first}-control`,
    ]);
    await removeRun(cluster, 'bench', `bench-${first}`);
    await submitRun(cluster, runOf('three'), 'bench-three', NEVER);
  });

  it('of two namespaces leave each other alone', async (context) => {
    const { server, cluster } = await openFake(context);
    await Promise.all([
      submitRun(cluster, runOf('one'), 'bench-run', NEVER),
      submitRun(cluster, runOf('two', 'others'), 'bench-run', NEVER),
    ]);
    assert.deepEqual(
      (await runsIn(cluster, 'others')).map(({ runId }) => runId),
      ['two'],
    );
    await removeRun(cluster, 'others', 'bench-run');
    assert.deepEqual(server.names, [
      'configmaps/bench-run',
      'configmaps/crabllm-bench-turn',
      'jobs/bench-run',
      'secrets/bench-one-control',
    ]);
  });

  it('are swept when they are over or were never begun, and not while they measure', async (context) => {
    const { server, cluster } = await openFake(context);
    const now = Date.parse('2026-11-29T12:00:00Z');
    const jobOf = (name: string, suspend: boolean, conditions: unknown[], creationTimestamp: string): void => {
      const labels = { 'crabllm-bench/run': name, 'crabllm-bench/role': 'orchestrator' };
      server.objects.set(`jobs/${name}`, {
        metadata: { name, labels, creationTimestamp },
        spec: { suspend },
        status: { conditions },
      });
    };
    jobOf('over', false, [{ type: 'Failed', status: 'True' }], '2026-11-29T11:00:00Z');
    jobOf('begun', false, [], '2026-11-29T11:30:00Z');
    jobOf('forgotten', true, [], '2026-11-29T11:50:00Z');
    jobOf('coming', true, [], '2026-11-29T11:59:50Z');
    server.objects.set('jobs/of-others', { metadata: { name: 'of-others' } });
    const states = (await runsIn(cluster, 'bench', now)).map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(states, ['over leftover', 'begun measures', 'forgotten leftover', 'coming measures']);
    server.objects.delete('jobs/coming');
    assert.equal(await sweepRuns(cluster, 'bench', now), 2);
    assert.deepEqual(server.names, ['jobs/begun', 'jobs/of-others']);
  });
});
