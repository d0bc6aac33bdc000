import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, describe, it, type TestContext } from 'node:test';
import { addGoodNodes, addNamespace } from '../doctor/cluster/support.js';
import type { FakeApiServer } from '../runtime/kubernetes/fake-api-server.js';
import { openFake } from '../runtime/kubernetes/support.js';
import { CommandLine, type Ended } from '../support/command-line.js';

const commands = new CommandLine();
after(() => commands.close());

const doctor = async (kubeconfig: string, ...words: readonly string[]): Promise<Ended> =>
  commands.run(['doctor', '--runtime', 'kubernetes', '--kubeconfig', kubeconfig, '--namespace', 'bench', ...words]);

async function good(context: TestContext): Promise<{ readonly server: FakeApiServer; readonly kubeconfig: string }> {
  const { server, kubeconfig } = await openFake(context);
  addGoodNodes(server);
  addNamespace(server);
  return { server, kubeconfig };
}

describe('doctor --runtime kubernetes', () => {
  it('prints checks, advice and all that it saw', async (context) => {
    const { kubeconfig } = await good(context);
    const { status, stdout } = await doctor(kubeconfig, '--skip-self-test', '--json');
    assert.equal(status, 0);
    const { schemaVersion, checks, advice, findings } = JSON.parse(stdout);
    assert.equal(schemaVersion, 1);
    assert.ok(checks.some(({ name }: { readonly name: string }) => name === 'rights'));
    assert.deepEqual(advice, []);
    assert.deepEqual(findings.figures, []);
    assert.deepEqual(findings.look.places.nodes, { mock: 'a', gateway: 'b', driver: 'c' });
  });

  it('says in one sentence why it cannot look', async (context) => {
    const { server, kubeconfig } = await good(context);
    server.disturbances.push({ on: '/nodes', by: { status: 403, message: 'nodes is forbidden' } });
    const forbidden = await doctor(kubeconfig);
    assert.equal(forbidden.status, 4);
    assert.match(forbidden.stderr, /^crabllm-bench: the cluster forbids to list its nodes: nodes is forbidden\n {2}\S/);
    const missing = await doctor('/nonexistent/config');
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^crabllm-bench: \/nonexistent\/config cannot be used: .*\n {2}Give a kubeconfig/);
    await server.close();
    const gone = await doctor(kubeconfig);
    assert.equal(gone.status, 4);
    assert.match(
      gone.stderr,
      /^crabllm-bench: The cluster fake \(.*\) does not answer: .*\n {2}Does kubectl get nodes/,
    );
    writeFileSync(kubeconfig, '{}');
    const empty = await doctor(kubeconfig);
    assert.equal(empty.status, 2);
    assert.match(empty.stderr, /^crabllm-bench: /);
  });

  it('refuses what is of this machine, and options of a cluster without one', async (context) => {
    const { kubeconfig } = await good(context);
    const oha = await doctor(kubeconfig, '--driver', 'oha');
    assert.equal(oha.status, 2);
    assert.match(oha.stderr, /The driver oha is not run on a cluster/);
    const port = await doctor(kubeconfig, '--mock-port', '9000');
    assert.equal(port.status, 2);
    assert.match(port.stderr, /--mock-port cannot go with --runtime kubernetes/);
    const { status, stderr } = await commands.run(['doctor', '--namespace', 'bench']);
    assert.equal(status, 2);
    assert.match(stderr, /--namespace is of --runtime kubernetes/);
  });
});
