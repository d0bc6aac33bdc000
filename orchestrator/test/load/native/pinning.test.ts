import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { canPin, pinProgram } from '#src/clock/affinity.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { readTopology } from '#src/resources/cpu-topology.js';
import { chatBody, plain, scriptedServer } from './scripted-server.js';

const usable = readTopology()?.cpus.map(({ id }) => String(id)) ?? [];
const skip = !canPin() || usable.length < 2 ? 'there are no two CPUs to tell apart here' : false;

/** On which CPUs each thread of this process may run. */
function threads(): string[] {
  return readdirSync('/proc/self/task').map(
    (thread) =>
      /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))?.[1] ?? '',
  );
}

test('the threads of a lane are where they are told to be, and the rest of this program is not', { skip }, async () => {
  const [elsewhere = '', place = ''] = usable;
  const driver = createNativeDriver({ cpuset: place });
  const seen: string[][] = [];
  const server = await scriptedServer((socket) => {
    if (seen.length === 0) seen.push(threads());
    socket.write(plain(chatBody('hello')));
  });
  pinProgram(elsewhere);
  try {
    await driver.run(
      {
        url: `http://127.0.0.1:${server.port}/v1/chat/completions`,
        headers: {},
        body: JSON.stringify({ messages: [{ role: 'user', content: `[[bench id=${ID_PLACEHOLDER}]]` }] }),
        streaming: false,
        level: { kind: 'rps', value: 100 },
        warmupMs: 0,
        measureMs: 200,
        timeoutMs: 5000,
        expectedLatencyMs: 1,
        seed: 1,
        expected: null,
      },
      new AbortController().signal,
    );
  } finally {
    pinProgram(usable.join(','));
    await driver.close();
    await server.close();
  }
  const [lists = []] = seen;
  assert.equal(lists.filter((list) => list === place).length, 2, 'pacer and reader');
  assert.equal(lists.filter((list) => list === elsewhere).length, lists.length - 2);
});
