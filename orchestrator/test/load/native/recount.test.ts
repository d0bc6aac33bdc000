import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNativeDriver } from '#src/load/native/driver.js';
import { recount } from '#src/load/native/recount.js';
import { chatBody, plain, scriptedServer } from './scripted-server.js';

test('a trial’s record is what its requests add up to, and a record that was changed is not', async () => {
  const server = await scriptedServer(
    (socket, index) => void socket.write(plain(chatBody(index % 9 === 8 ? 'no' : 'yes'))),
  );
  const driver = createNativeDriver();
  try {
    const load = {
      url: `http://127.0.0.1:${server.port}/v1/chat/completions`,
      headers: {},
      body: '{}',
      streaming: false,
      level: { kind: 'rps', value: 200 },
      warmupMs: 100,
      measureMs: 500,
      timeoutMs: 400,
      expectedLatencyMs: 1,
      seed: 1,
      expected: { text: 'yes', tools: null, finishReason: 'stop', usage: null },
    } as const;
    const { record, columns } = await driver.run(load, new AbortController().signal);
    assert.ok(columns !== undefined);
    assert.ok((record.errors.content ?? 0) > 0 && record.ok > 0);
    assert.deepEqual(recount(columns, record), record);
    assert.notDeepEqual(recount(columns, { ...record, ok: record.ok + 1 }), { ...record, ok: record.ok + 1 });
  } finally {
    await driver.close();
    await server.close();
  }
});
