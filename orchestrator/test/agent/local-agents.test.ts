import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAgentsDriver } from '#src/agent/agents-driver.js';
import { LocalAgents } from '#src/agent/local-agents.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { BenchError } from '#src/errors.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { fetchLedger, clearLedger } from '#src/resources/mock-ledger.js';
import { ProcFs } from '#src/runtime/process/procfs.js';
import { type RunningMock, startMock } from '../load/native/mock-process.js';
import { LOAD, never } from './meet.js';

const SCENARIO = SCENARIOS.find(({ name }) => name === 'chat-minimal') ?? assert.fail();

let mock: RunningMock;
before(async () => {
  mock = await startMock();
});
after(() => mock.child.kill());

test('processes of this host load a mock together, one that is killed is replaced, and none is left', async () => {
  const driver = createAgentsDriver(new LocalAgents(2), 2, {}, createNativeDriver());
  const load = {
    ...LOAD,
    measureMs: 600,
    // On a machine that has no time for it an answer comes late, and is one all the same.
    timeoutMs: 60_000,
    url: `${mock.url}/v1/chat/completions`,
    body: scenarioBody(SCENARIO, { modelPrefix: '' }),
    warmupMs: 0,
  };
  const agents = (): number[] => new ProcFs().children(process.pid).filter((pid) => pid !== mock.child.pid);
  const trial = async (): Promise<void> => {
    await clearLedger(mock);
    const { record, columns = assert.fail(), agents: made } = await driver.run(load, never());
    assert.deepEqual([record.scheduled, record.ok, made?.length], [60, 60, 2]);
    const ledger = await fetchLedger(mock.url);
    const joined = 'bytes' in ledger ? await driver.joinLedger?.(columns, ledger.bytes, null) : undefined;
    assert.ok(joined !== undefined && 'joined' in joined);
    assert.deepEqual([joined.joined, joined.missing, joined.strange], [60, 0, 0]);
  };
  try {
    await trial();
    const [first] = agents();
    if (first !== undefined) {
      process.kill(first, 'SIGKILL');
      // Whether it was missed before the next trial began, or within it, is chance; either way the one behind has both.
      await trial().catch((thrown: unknown) => assert.match((thrown as BenchError).code, /^agent-(lost|restarted)$/));
      await trial();
    }
  } finally {
    await driver.close();
  }
  assert.deepEqual(agents(), []);
});
