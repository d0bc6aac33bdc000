import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { it } from 'node:test';
import { FaultPlan } from '#src/faults/plan.js';
import { ledgerRecords } from '#src/ledger/export.js';
import { MockServer } from '#src/request/server.js';
import { serviceOf } from '../support/in-process.js';

it('notes a client that goes while the workers still count whether its request is to fail', async (t) => {
  const { service, ledger, maxBodyBytes } = serviceOf(['--fault', 'error:503,first=1']);
  const counting = new EventEmitter();
  const asked = once(counting, 'asked');
  const plan = new FaultPlan(performance.now(), async () => {
    counting.emit('asked');
    await once(counting, 'counted');
    return 1;
  });
  service.conduct = { ...service.conduct, plan };
  const server = new MockServer(service, maxBodyBytes);
  t.after(() => void server.destroy());
  server.listener.listen(0, '127.0.0.1');
  await once(server.listener, 'listening');

  const accepted = once(server.listener, 'connection');
  const client = connect((server.listener.address() as AddressInfo).port, '127.0.0.1');
  const body = '{"model":"bench-chat","messages":[{"role":"user","content":"[[bench id=gone]]"}]}';
  client.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await Promise.all([accepted, asked]);
  client.destroy();
  while (server.connections > 0) await new Promise(setImmediate);
  counting.emit('counted');
  await new Promise(setImmediate);

  const [record] = ledgerRecords([ledger.records()], { faults: [], providers: [], phases: [] });
  assert.deepEqual(
    { id: record?.id, outcome: record?.outcome, bytes: record?.bytes },
    { id: 'gone', outcome: 'aborted', bytes: 0 },
  );
});
